"""The figures of the dashboard: all of them from two statements over GOLD, each by the one definition of its metric."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Connection

from webapp.blueprints.dashboard.services.ranges import Days, last_year_days, periods, previous_days
from webapp.blueprints.gold.public import METRICS, Filters, Grain, Metric, Question, Row, Unit, Value, ask, period_start
from webapp.core.security import Actor

TOP = 10


class Chart(StrEnum):
    """The charts of the dashboard."""

    TIME = "revenue-over-time"
    PRODUCTS = "top-products"
    CUSTOMERS = "top-customers"
    COUNTRIES = "revenue-by-country"
    HOURS = "weekday-and-hour"


CHARTS = {
    Chart.TIME: Question(("net_revenue", "orders")),
    Chart.PRODUCTS: Question(("net_revenue", "units"), by=("product",), top=TOP),
    Chart.CUSTOMERS: Question(("net_revenue", "orders"), by=("customer",), top=TOP + 1),
    Chart.COUNTRIES: Question(("net_revenue", "orders"), by=("country",), top=300),
    Chart.HOURS: Question(("net_revenue", "orders"), by=("weekday", "hour")),
}


@dataclass(frozen=True)
class Selection:
    """What the dashboard speaks of: days, the length of the periods, and one country or category or all of them ('')."""

    days: Days
    grain: Grain
    country: str = ""
    category: str = ""

    @property
    def filters(self) -> Filters:
        """The same, as the metrics are asked."""
        chosen = {"country": self.country, "category": self.category}
        return {key: [value] for key, value in chosen.items() if value}


@dataclass(frozen=True)
class Comparison:
    """A figure of other days. `change` is a share (0.1 = a tenth more), or for a rate the difference of the rates.

    `complete` is False when sales are known only for a part of those days: then nothing is compared.
    """

    days: Days
    value: Decimal | int | None
    change: Decimal | None
    complete: bool


@dataclass(frozen=True)
class Kpi:
    """A metric over the chosen days, beside the days before and those of last year."""

    metric: Metric
    value: Decimal | int | None
    previous: Comparison
    last_year: Comparison


@dataclass(frozen=True)
class Figures:
    """The answers behind all cards. The rows are those of the metrics; `over_time` has a row for every period."""

    kpis: tuple[Kpi, ...]
    over_time: list[tuple[Days, Decimal, int]]
    products: list[Row]
    customers: list[Row]
    countries: list[Row]
    hours: list[Row]

    @property
    def anonymous(self) -> Decimal:
        """Net revenue without a customer; its customer number is empty."""
        return next((amount(row["net_revenue"]) for row in self.customers if not row["customer"]), Decimal(0))

    @property
    def known_customers(self) -> list[Row]:
        """The best customers, nobody left out but the anonymous."""
        return [row for row in self.customers if row["customer"]][:TOP]

    @property
    def total(self) -> Decimal:
        """Net revenue of the chosen days."""
        return amount(self.kpis[0].value)

    @property
    def empty(self) -> bool:
        """Whether nothing at all was sold, cancelled or returned."""
        return all(kpi.value in (0, None) for kpi in self.kpis)


def charts_for(actor: Actor) -> list[Chart]:
    """The charts whose figures the actor may be told."""
    return [chart for chart, question in CHARTS.items() if question.may_be_told(actor)]


def metrics_for(actor: Actor) -> list[Metric]:
    """The metrics whose figures the actor may be told."""
    return [metric for metric in METRICS.values() if Question((metric.key,)).may_be_told(actor)]


def get_figures(
    connection: Connection, selection: Selection, first_day: dt.date, *, only: Sequence[Chart] | None = None
) -> Figures:
    """All figures of the selection; `first_day` is the first day with sales. `only`: leave other charts unasked."""
    days, before, last_year = selection.days, previous_days(selection.days), last_year_days(selection.days)
    wanted = set(Chart) if only is None else set(only)
    spans = {"now": days, "previous": before, "last_year": last_year}
    questions = {name: Question(tuple(METRICS), span=span.span) for name, span in spans.items()}
    charts = {chart: replace(question, span=days.span) for chart, question in CHARTS.items()}
    charts[Chart.TIME] = replace(charts[Chart.TIME], grain=selection.grain)
    questions |= {chart.value: question for chart, question in charts.items() if chart in wanted}
    answers = ask(connection, questions, selection.filters)
    kpis = tuple(
        Kpi(
            metric,
            value := _figure(answers["now"], metric),
            _compare(metric, value, answers["previous"], before, first_day),
            _compare(metric, value, answers["last_year"], last_year, first_day),
        )
        for metric in METRICS.values()
    )
    return Figures(
        kpis,
        _every_period(answers.get(Chart.TIME, []), selection),
        answers.get(Chart.PRODUCTS, []),
        answers.get(Chart.CUSTOMERS, []),
        answers.get(Chart.COUNTRIES, []),
        answers.get(Chart.HOURS, []),
    )


def amount(value: Value) -> Decimal:
    """A figure of a row as a Decimal."""
    return value if isinstance(value, Decimal) else Decimal(str(value or 0))


def whole(value: Value) -> int:
    """A figure of a row that counts things."""
    return int(amount(value))


def _figure(rows: list[Row], metric: Metric) -> Decimal | int | None:
    value = rows[0][metric.key]
    return value if isinstance(value, Decimal | int) else None


def _compare(
    metric: Metric, value: Decimal | int | None, rows: list[Row], days: Days, first_day: dt.date
) -> Comparison:
    other = _figure(rows, metric)
    complete = days.start >= first_day
    change = None
    if complete and value is not None and other is not None:
        if metric.unit is Unit.RATE:
            change = amount(value) - amount(other)
        elif other:
            change = (amount(value) - amount(other)) / abs(amount(other))
    return Comparison(days, other, change, complete)


def _every_period(rows: list[Row], selection: Selection) -> list[tuple[Days, Decimal, int]]:
    told = {row["period"]: row for row in rows}
    found = []
    for days in periods(selection.days, selection.grain):
        row = told.get(period_start(days.start, selection.grain), {})
        found.append((days, amount(row.get("net_revenue")), whole(row.get("orders"))))
    return found
