"""The figures as cards: a number with its comparisons, or a chart with its sentence, its table and its drill links."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import g, url_for
from flask_babel import gettext as _

from webapp.blueprints.dashboard.services.figures import (
    TOP,
    Chart,
    Comparison,
    Figures,
    Kpi,
    Selection,
    amount,
    metrics_for,
    whole,
)
from webapp.blueprints.dashboard.services.ranges import Days
from webapp.blueprints.dashboard.views import sentences, words
from webapp.blueprints.gold.public import GoldState, Row
from webapp.core.charts import Cell, Mark, Point, Spec, bars, heat_map, ranking, with_marks
from webapp.core.clock import day_start, local_day
from webapp.core.exports import Cell as ExportCell
from webapp.core.happenings import happenings
from webapp.core.security import Actor
from webapp.core.wording import money, number


@dataclass(frozen=True)
class Delta:
    """A comparison in words. `way` is up, down, level or none; `mood` is good, bad or plain."""

    title: str
    text: str
    other: str
    way: str
    mood: str


@dataclass(frozen=True)
class KpiCard:
    """One number with what it is compared with."""

    key: str
    label: str
    definition: str
    value: str
    deltas: tuple[Delta, ...]


@dataclass(frozen=True)
class Line:
    """A row of a chart's table: where it leads, its cells in words, and the same for a file."""

    url: str
    cells: tuple[str, ...]
    data: tuple[ExportCell, ...]


@dataclass(frozen=True)
class ChartCard:
    """A chart: its drawing, the sentence that says what it shows, and the table that says the same.

    The table begins with `texts` columns of words; the others are figures. Below it stand the `marks` of the drawing.
    """

    key: str
    title: str
    sentence: str
    columns: tuple[str, ...]
    data_columns: tuple[str, ...]
    lines: tuple[Line, ...]
    spec: Spec
    texts: int = 1
    wide: bool = False
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Subject:
    """What the cards are made from."""

    selection: Selection
    figures: Figures
    state: GoldState
    arguments: dict[str, str]

    def orders(self, days: Days | None = None, **more: object) -> str:
        """The address of the orders behind a figure."""
        days = days or self.selection.days
        told: dict[str, object] = {"from": days.start.isoformat(), "to": days.end.isoformat()}
        told |= {"country": self.selection.country, "category": self.selection.category, **more}
        return url_for("sales.orders", **{key: value for key, value in told.items() if value != ""})  # type: ignore[arg-type]


def kpi_cards(subject: Subject, actor: Actor) -> list[KpiCard]:
    """The six numbers, as far as the actor may be told them."""
    told = metrics_for(actor)
    return [
        KpiCard(
            kpi.metric.key,
            str(kpi.metric.label),
            str(kpi.metric.definition),
            words.figure(kpi.metric, kpi.value),
            (
                _delta(kpi, kpi.previous, _("Period before"), subject.state.first_day),
                _delta(kpi, kpi.last_year, _("A year before"), subject.state.first_day),
            ),
        )
        for kpi in subject.figures.kpis
        if kpi.metric in told
    ]


def _delta(kpi: Kpi, comparison: Comparison, title: str, first_day: dt.date | None) -> Delta:
    title = f"{title}, {words.range_of(comparison.days)}"
    if not comparison.complete:
        since = words.day(first_day) if first_day else ""
        return Delta(title, _("no data"), _("The sales begin on %(day)s.", day=since), "none", "plain")
    other = words.figure(kpi.metric, comparison.value)
    if comparison.change is None:
        return Delta(title, _("nothing to compare"), other, "none", "plain")
    if not round(comparison.change, 3):
        return Delta(title, _("unchanged"), other, "level", "plain")
    up = comparison.change > 0
    mood = "good" if up == kpi.metric.more_is_better else "bad"
    return Delta(title, words.change(kpi.metric, comparison.change), other, "up" if up else "down", mood)


def chart_card(chart: Chart, subject: Subject) -> ChartCard:
    """The card of one chart."""
    return _MAKERS[chart](subject)


def _over_time(subject: Subject) -> ChartCard:
    grain = subject.selection.grain
    points: list[Point] = []
    lines = []
    for days, net, orders in subject.figures.over_time:
        label, url = words.period(days, grain), subject.orders(days)
        points.append(Point(key=days.start.isoformat(), label=label, value=float(net), text=money(net), url=url))
        lines.append(Line(url, (label, money(net), number(whole(orders))), (days.start, days.end, net, orders)))
    marks = _marks(subject)
    return ChartCard(
        Chart.TIME.value,
        _("Net revenue over time"),
        sentences.over_time(subject.figures, grain),
        (_("Period"), _("Net revenue"), _("Orders")),
        ("from", "to", "net_revenue", "orders"),
        tuple(lines),
        with_marks(bars(points, title=_("Net revenue")), marks),
        wide=True,
        marks=tuple(marks),
    )


def _marks(subject: Subject) -> list[Mark]:
    """What happened in the periods of the chart over time."""
    periods = [(days, words.period(days, subject.selection.grain)) for days, _net, _orders in subject.figures.over_time]
    if not periods:
        return []
    zone: ZoneInfo = g.company.zone
    begin, end = day_start(periods[0][0].start, zone), day_start(periods[-1][0].end + dt.timedelta(days=1), zone)
    found = [(each, local_day(each.at, zone)) for each in happenings(begin, end)]
    return [each.on(label) for each, day in found for days, label in periods if days.start <= day <= days.end]


def _products(subject: Subject) -> ChartCard:
    lines = []
    points: list[Point] = []
    for row in subject.figures.products:
        sku, name, net, units = str(row["product"]), str(row["product_name"]), amount(row["net_revenue"]), row["units"]
        url = subject.orders(product=sku)
        points.append(Point(key=sku, label=name or sku, value=float(net), text=money(net), url=url))
        cells = (sku, name, money(net), number(amount(units)))
        lines.append(Line(url, cells, (sku, name, net, amount(units))))
    return ChartCard(
        Chart.PRODUCTS.value,
        _("Top products"),
        sentences.products(subject.figures),
        (_("SKU"), _("Product"), _("Net revenue"), _("Units")),
        ("product", "product_name", "net_revenue", "units"),
        tuple(lines),
        ranking(points, title=_("Net revenue")),
        texts=2,
    )


def _customers(subject: Subject) -> ChartCard:
    lines = []
    points: list[Point] = []
    for row in subject.figures.known_customers:
        code, name, net = str(row["customer"]), str(row["customer_name"]), amount(row["net_revenue"])
        orders, url = whole(row["orders"]), subject.orders(customer=code)
        points.append(Point(key=code, label=name or code, value=float(net), text=money(net), url=url))
        cells = (code, name, money(net), number(orders))
        lines.append(Line(url, cells, (code, name, net, orders)))
    return ChartCard(
        Chart.CUSTOMERS.value,
        _("Top customers"),
        sentences.customers(subject.figures),
        (_("Number"), _("Customer"), _("Net revenue"), _("Orders")),
        ("customer", "customer_name", "net_revenue", "orders"),
        tuple(lines),
        ranking(points, title=_("Net revenue")),
        texts=2,
    )


def _countries(subject: Subject) -> ChartCard:
    lines = []
    points: list[Point] = []
    total = subject.figures.total
    for row in subject.figures.countries:
        key, net, orders = str(row["country"]), amount(row["net_revenue"]), whole(row["orders"])
        name, url = words.country(key, subject.state), subject.orders(country=key or "-")
        part = words.share(net / total) if total > 0 else ""
        if len(points) < TOP:
            # no key at all would be the mark without the focus
            points.append(Point(key=key or "-", label=name, value=float(net), text=money(net), url=url))
        cells = (name, money(net), part, number(orders))
        lines.append(Line(url, cells, (key, net, orders)))
    return ChartCard(
        Chart.COUNTRIES.value,
        _("Net revenue by country"),
        sentences.countries(subject.figures, subject.state),
        (_("Country"), _("Net revenue"), _("Share"), _("Orders")),
        ("country", "net_revenue", "orders"),
        tuple(lines),
        ranking(points, title=_("Net revenue")),
    )


def _hours(subject: Subject) -> ChartCard:
    rows: list[Row] = subject.figures.hours
    hours = [whole(row["hour"]) for row in rows]
    shown = range(min(hours, default=0), max(hours, default=0) + 1)
    cells: list[Cell] = []
    lines = []
    for row in rows:
        weekday, hour, net, orders = (
            whole(row["weekday"]),
            whole(row["hour"]),
            amount(row["net_revenue"]),
            row["orders"],
        )
        url = subject.orders(weekday=weekday, hour=hour)
        label = f"{words.weekday(weekday)} {hour:02}:00–{hour:02}:59"  # noqa: RUF001
        cells.append(
            Cell(
                key=f"{weekday}-{hour}",
                label=label,
                value=float(net),
                text=money(net),
                url=url,
                column=f"{hour:02}",
                row=words.weekday(weekday, "short"),
            )
        )
        lines.append(Line(url, (label, money(net), number(whole(orders))), (weekday, hour, net, whole(orders))))
    spec = heat_map(
        cells,
        columns=[f"{hour:02}" for hour in shown],
        rows=[words.weekday(weekday, "short") for weekday in range(1, 8)],
        title=_("Net revenue"),
    )
    return ChartCard(
        Chart.HOURS.value,
        _("When orders come in"),
        sentences.hours(subject.figures),
        (_("Weekday and hour"), _("Net revenue"), _("Orders")),
        ("weekday", "hour", "net_revenue", "orders"),
        tuple(lines),
        spec,
        wide=True,
    )


_MAKERS: dict[Chart, Callable[[Subject], ChartCard]] = {
    Chart.TIME: _over_time,
    Chart.PRODUCTS: _products,
    Chart.CUSTOMERS: _customers,
    Chart.COUNTRIES: _countries,
    Chart.HOURS: _hours,
}
