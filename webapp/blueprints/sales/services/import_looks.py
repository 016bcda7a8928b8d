"""What the values of a column look like: dates and their form, prices, quantities, texts, codes."""

from __future__ import annotations

import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from webapp.blueprints.sales.services.import_cells import read_moment, read_number
from webapp.blueprints.sales.services.import_mapping import Mapping
from webapp.blueprints.sales.services.import_problems import RowProblem

DATE_ORDERS = (
    ("%d/%m/%Y", "day first"), ("%m/%d/%Y", "month first"), ("%d-%m-%Y", "day first"), ("%m-%d-%Y", "month first"),
    ("%d.%m.%Y", "day first"), ("%d/%m/%y", "day first"), ("%m/%d/%y", "month first"), ("%d.%m.%y", "day first"),
    ("%Y/%m/%d", "year first"), ("%d %b %Y", "day first"), ("%b %d, %Y", "month first"), ("%Y%m%d", "year first"),
)  # fmt: skip
TIMES = ("", " %H:%M", " %H:%M:%S", " %H.%M", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S")
FIRST = {"day first": _l("day first"), "month first": _l("month first"), "year first": _l("year first")}
ENOUGH = 0.9
UTC = ZoneInfo("UTC")


def date_form(values: list[str]) -> tuple[str, str]:
    """The form that most of the dates have and why; day first when the values leave it open."""
    scores: list[tuple[float, str, str]] = [(_share_of_dates(values, "iso"), "iso", "year first")]
    for order, why in DATE_ORDERS:
        for time in TIMES:
            form = order + time
            scores.append((_share_of_dates(values, form), form, why))
    best = max(score for score, _, _ in scores)
    if best == 0:
        return "iso", gettext("no form was recognised in %(text)s: correct this", text=repr(values[0]))
    candidates = [(form, why) for score, form, why in scores if score == best]
    form, why = candidates[0]
    orders = {reason for _, reason in candidates}
    if {"day first", "month first"} <= orders:
        return form, gettext(
            "day first assumed: every date could be month first too; look at %(text)s", text=repr(values[0])
        )
    if best < 1:
        part = gettext("%(share)s of the dates have it", share=f"{best:.0%}")
    elif why == "year first":
        part = gettext("as in %(text)s", text=repr(values[0]))
    else:
        part = gettext("a month above 12 rules the other order out")
    return form, f"{FIRST[why]}: {part}"


def _share_of_dates(values: list[str], form: str) -> float:
    return share_of(values, lambda value: _is_date(value, form))


def _is_date(value: str, form: str) -> bool:
    try:
        read_moment(value, (form,), UTC)
    except (RowProblem, OverflowError):
        return False
    return True


def are_dates(values: list[str]) -> bool:
    """Whether nearly all of the values are dates in one form."""
    sample = [value for value in values[:50] if not re.fullmatch(r"\d+", value)]
    return bool(sample) and any(
        _share_of_dates(sample, form) >= ENOUGH
        for form in ("iso", *(order + time for order, _ in DATE_ORDERS for time in TIMES))
    )


def is_number(value: str) -> bool:
    """Whether it is a number, with a decimal sign of either kind."""
    for decimal, thousands in ((".", ","), (",", ".")):
        try:
            read_number(value, "unit_price", Mapping(columns={}, decimal=decimal, thousands=thousands, round=True))
        except RowProblem:
            continue
        return True
    return False


def are_prices(values: list[str]) -> bool:
    """Whether nearly all are numbers, many with decimals."""
    return share_of(values, is_number) >= ENOUGH and share_of(values, lambda v: "." in v or "," in v) >= 0.3


def are_quantities(values: list[str]) -> bool:
    """Whether nearly all are small whole numbers."""
    return share_of(values, lambda v: re.fullmatch(r"-?\d{1,4}", v) is not None) >= ENOUGH


def are_descriptions(values: list[str]) -> bool:
    """Whether many are long texts, of several kinds."""
    return share_of(values, lambda v: len(v) > 8 and any(c.isalpha() for c in v)) >= 0.5 and len(set(values)) > 3


def are_codes(values: list[str]) -> bool:
    """Whether nearly all are short and no amounts."""
    return share_of(values, lambda v: len(v) <= 30 and not _numeric_with_decimals(v)) >= ENOUGH


def _numeric_with_decimals(value: str) -> bool:
    return ("." in value or "," in value) and is_number(value)


def share_of(values: list[str], test: Callable[[str], bool]) -> float:
    """The part of the first values that pass the test, from 0 to 1."""
    sample = values[:300]
    return sum(bool(test(value)) for value in sample) / len(sample) if sample else 0.0
