"""What the GOLD database holds and which run made it so."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection, text

from webapp.core.errors import DomainError

_TABLES = ("fact_sale_line", "dim_product", "dim_customer", "dim_country", "agg_sales_day", "etl_runs")


class GoldNotThere(DomainError):
    """No ETL run has made the GOLD tables yet."""

    status = 503

    def __init__(self) -> None:
        super().__init__(_l("The GOLD database is empty: no ETL run has finished yet."))


@dataclass(frozen=True)
class Run:
    """A run of the ETL; times are UTC."""

    id: int
    flow: str
    mode: str
    finished_at: dt.datetime | None
    outcome: str
    rows_in: int | None
    seconds: Decimal | None


@dataclass(frozen=True)
class Country:
    """A country as the sales name it, with its names in English and Italian."""

    key: str
    name_en: str
    name_it: str


@dataclass(frozen=True)
class GoldState:
    """First and last company day with sales (None without sales), the run that made it, and what can be filtered by.

    `failed` is the newest run when that one failed.
    """

    first_day: dt.date | None
    last_day: dt.date | None
    run: Run | None
    failed: Run | None
    countries: tuple[Country, ...]
    categories: tuple[str, ...]


def require_gold(connection: Connection) -> None:
    """Raise GoldNotThere unless the tables that the metrics read exist."""
    present = " AND ".join(f"to_regclass('{table}') IS NOT NULL" for table in _TABLES)
    if not connection.execute(text(f"SELECT {present}")).scalar():
        raise GoldNotThere


def get_state(connection: Connection) -> GoldState:
    """The state of GOLD. Raises GoldNotThere before the first run."""
    require_gold(connection)
    first_day, last_day = connection.execute(
        text("SELECT min(period_start), max(period_start) FROM agg_sales_day")
    ).one()
    runs = connection.execute(
        text(
            "(SELECT 1 AS part, id, flow, mode, finished_at, outcome, rows_in, duration_seconds FROM etl_runs"
            " WHERE outcome = 'ok' ORDER BY (flow = 'sales') DESC, id DESC LIMIT 1)"
            " UNION ALL"
            " (SELECT 2, id, flow, mode, finished_at, outcome, rows_in, duration_seconds FROM etl_runs"
            " WHERE outcome IN ('ok', 'failed') ORDER BY id DESC LIMIT 1)"
        )
    ).all()
    told = {part: Run(*rest) for part, *rest in runs}
    newest = told.get(2)
    countries = connection.execute(text("SELECT country_key, name_en, name_it FROM dim_country ORDER BY country_key"))
    categories = connection.execute(text("SELECT DISTINCT category FROM dim_product WHERE category <> '' ORDER BY 1"))
    return GoldState(
        first_day,
        last_day,
        told.get(1),
        newest if newest and newest.outcome == "failed" else None,
        tuple(Country(key, name_en or key, name_it or key) for key, name_en, name_it in countries),
        tuple(categories.scalars()),
    )


def list_flow_ages(connection: Connection) -> list[tuple[str, float | None, bool]]:
    """Each flow, the seconds since it last succeeded (None: never), and whether its last run failed; empty before any run."""
    if connection.execute(text("SELECT to_regclass('etl_runs')")).scalar() is None:
        return []
    rows = connection.execute(
        text(
            "SELECT flow, extract(epoch FROM now() - max(finished_at) FILTER (WHERE outcome = 'ok')),"
            " (array_agg(outcome ORDER BY id DESC))[1] = 'failed' FROM etl_runs GROUP BY flow ORDER BY flow"
        )
    )
    return [(flow, None if seconds is None else float(seconds), bool(failed)) for flow, seconds, failed in rows]
