"""Sale lines as GOLD knows them: each line with its order's facts, in the company's days and hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd


def sale_lines(lines: pd.DataFrame, orders: pd.DataFrame, time_zone: str) -> pd.DataFrame:
    """Each line with its order; `date_key` and `hour` are local to `time_zone`, a moment beyond all calendars has none."""
    local = orders["ordered_at"].dt.tz_convert(time_zone).dt.tz_localize(None)
    headers = orders.assign(date_key=local.dt.normalize(), hour=local.dt.hour.fillna(0).astype("int16"))
    return lines.join(headers.set_index("order_key"), on="order_key")


def members_aside(sales: pd.DataFrame, aside: Mapping[str, Sequence[int]]) -> pd.Series:
    """The reason for each line that names a member in quarantine; `aside` has their keys by the column that names them."""
    found = [pd.Series(dtype="str")]
    for column, keys in aside.items():
        named = sales.index[sales[column].isin(keys)]
        found.append(pd.Series(f"its {column.removesuffix('_key')} is in quarantine", index=named, dtype="str"))
    reasons: pd.Series = pd.concat(found)
    return reasons[~reasons.index.duplicated()]
