"""Every metric against an independent computation, over lines, over orders and over the rolled-up tables."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal

import pytest
from sqlalchemy import Connection, event

from tests.rooms.gold.makers import CUSTOMERS, PRODUCTS, Sale, make_gold, random_sales
from webapp.blueprints.gold.public import METRICS, Grain, Question, Span, ask, query

KEYS: dict[str, Callable[[Sale], object]] = {
    "country": lambda sale: sale.country,
    "category": lambda sale: PRODUCTS[sale.product][2],
    "product": lambda sale: PRODUCTS[sale.product][0],
    "customer": lambda sale: CUSTOMERS[sale.customer][0],
    "weekday": lambda sale: sale.day.isoweekday(),
    "hour": lambda sale: sale.hour,
    "kind": lambda sale: sale.kind,
}
PERIODS: dict[Grain, Callable[[dt.date], dt.date]] = {
    Grain.DAY: lambda day: day,
    Grain.WEEK: lambda day: dt.date.fromisocalendar(*day.isocalendar()[:2], 1),
    Grain.MONTH: lambda day: day.replace(day=1),
    Grain.QUARTER: lambda day: day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
    Grain.YEAR: lambda day: day.replace(month=1, day=1),
}


def rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def figures(sales: Iterable[Sale]) -> dict[str, object]:
    """The metrics, computed without a database."""
    sales = list(sales)
    net = sum((sale.net for sale in sales), Decimal("0.0000"))
    orders = {sale.order for sale in sales}
    cancelled = {sale.order for sale in sales if sale.kind == "cancellation"}
    return {
        "net_revenue": net,
        "orders": len(orders),
        "units": sum((sale.quantity for sale in sales), Decimal("0.000")),
        "average_order_value": rounded(net / len(orders)) if orders else None,
        "active_customers": len({sale.customer for sale in sales if sale.customer}),
        "cancellation_rate": rounded(Decimal(len(cancelled)) / len(orders)) if orders else None,
    }


def expected(sales: Iterable[Sale], by: tuple[str, ...], grain: Grain | None) -> dict[tuple[object, ...], object]:
    groups: dict[tuple[object, ...], list[Sale]] = defaultdict(list)
    for sale in sales:
        period = (PERIODS[grain](sale.day),) if grain else ()
        groups[*period, *(KEYS[key](sale) for key in by)].append(sale)
    return {key: figures(group) for key, group in groups.items()}


def told(rows: list[dict[str, object]], by: tuple[str, ...], grain: Grain | None) -> dict[tuple[object, ...], object]:
    keys = (*(("period",) if grain else ()), *by)
    return {
        tuple(row[key] for key in keys): {metric: row[metric] for metric in METRICS if metric in row} for row in rows
    }


@pytest.mark.parametrize("seed", range(2))
def test_every_metric_is_what_plain_python_computes(gold: Connection, seed: int) -> None:
    sales = make_gold(gold, random_sales(seed))
    splits = [(), *((key,) for key in KEYS), *itertools.combinations(("country", "weekday", "category", "customer"), 2)]
    for by, grain in itertools.product(splits, (None, *Grain)):
        rows = query(gold, list(METRICS), by=by, grain=grain)
        assert told(rows, by, grain) == expected(sales, by, grain), (by, grain)


@pytest.mark.parametrize("grain", [None, *Grain])
def test_the_rolled_up_tables_say_the_same_as_the_lines(gold: Connection, grain: Grain | None) -> None:
    make_gold(gold, random_sales(7))
    metrics = [key for key, metric in METRICS.items() if metric.rollup]
    spans = [
        (None, None),
        (dt.date(2024, 2, 1), dt.date(2024, 12, 31)),
        (dt.date(2024, 1, 17), dt.date(2025, 2, 3)),
        (dt.date(2024, 7, 1), None),
        (dt.date(2024, 4, 1), dt.date(2024, 6, 30)),
        (dt.date(2024, 1, 8), dt.date(2024, 3, 10)),
    ]
    for by, (start, end), filters in itertools.product(((), ("country",)), spans, ({}, {"country": ["Italy", "EIRE"]})):
        asked = {"by": by, "grain": grain, "start": start, "end": end, "filters": filters}
        rolled = query(gold, metrics, **asked)
        assert rolled == query(gold, metrics, **asked, rolled_up=False), asked
        assert [[type(value) for value in row.values()] for row in rolled[:1]] == [
            [type(value) for value in row.values()] for row in query(gold, metrics, **asked, rolled_up=False)[:1]
        ]


def test_whole_periods_are_read_from_the_smallest_table(gold: Connection) -> None:
    make_gold(gold, random_sales(1))
    statements: list[str] = []
    event.listen(gold, "before_cursor_execute", lambda *args: statements.append(args[2]))
    query(gold, ["net_revenue"], grain=Grain.QUARTER, start=dt.date(2024, 1, 1), end=dt.date(2024, 9, 30))
    query(gold, ["net_revenue"], grain=Grain.QUARTER, start=dt.date(2024, 2, 1), end=dt.date(2024, 9, 30))
    query(gold, ["net_revenue"], grain=Grain.QUARTER, start=dt.date(2024, 2, 2))
    query(gold, ["net_revenue"], grain=Grain.WEEK, start=dt.date(2024, 1, 1), end=dt.date(2024, 1, 31))
    query(gold, ["active_customers"])
    tables = ["agg_sales_quarter", "agg_sales_month", "agg_sales_day", "agg_sales_day", "fact_sale_line"]
    assert [table in statement for table, statement in zip(tables, statements, strict=True)] == [True] * 5


def test_filters_narrow_by_what_the_answer_shows(gold: Connection) -> None:
    sales = make_gold(gold, random_sales(3))
    wanted = {
        "country": "EIRE", "category": "Kitchen", "product": "C3", "customer": "C-2", "weekday": 2, "hour": 9,
        "kind": "return",
    }  # fmt: skip
    for key, value in wanted.items():
        rows = query(gold, list(METRICS), filters={key: [value]})
        assert rows == [figures(sale for sale in sales if KEYS[key](sale) == value)], key


def test_the_first_and_the_last_day_are_included(gold: Connection) -> None:
    days = [dt.date(2025, 1, day) for day in (1, 2, 3, 4)]
    make_gold(gold, [Sale(order=day.day, day=day) for day in days])
    assert query(gold, ["orders"], start=days[1], end=days[2]) == [{"orders": 2}]
    assert query(gold, ["orders"], start=dt.date.min, end=dt.date.max) == [{"orders": 4}]


def test_a_week_is_an_iso_week_also_over_new_year(gold: Connection) -> None:
    make_gold(gold, [Sale(order=n, day=day) for n, day in enumerate([dt.date(2026, 12, 28), dt.date(2027, 1, 3)])])
    assert query(gold, ["orders"], grain=Grain.WEEK) == [{"period": dt.date(2026, 12, 28), "orders": 2}]
    assert query(gold, ["orders"], grain=Grain.WEEK, rolled_up=False)[0]["orders"] == 2


def test_products_and_customers_come_with_their_names(gold: Connection) -> None:
    make_gold(gold, [Sale()])
    assert query(gold, ["orders"], by=["product", "customer"]) == [
        {"product": "A1", "product_name": "Apron", "customer": "C-1", "customer_name": "Ada", "orders": 1}
    ]


def test_nothing_sold_is_zero_and_a_ratio_over_nothing_is_none(gold: Connection) -> None:
    make_gold(gold, [])
    assert query(gold, list(METRICS)) == [figures([])]
    assert query(gold, ["orders"], grain=Grain.MONTH) == []


def test_several_questions_in_one_statement_have_the_same_answers(gold: Connection) -> None:
    make_gold(gold, random_sales(11))
    metrics = tuple(METRICS)
    span = Span(dt.date(2024, 3, 5), dt.date(2024, 9, 20))
    questions = {
        "all": Question(metrics, span=span),
        "earlier": Question(metrics, span=Span(end=dt.date(2024, 3, 4))),
        "months": Question(metrics, grain=Grain.MONTH, span=span),
        "hours": Question(metrics, by=("weekday", "hour"), span=span),
        "customers": Question(metrics, by=("customer",)),
        "products": Question(metrics, by=("product",), span=span),
        "categories": Question(metrics, by=("category", "country"), span=span),
    }
    for filters in ({}, {"country": ["Italy"]}, {"category": ["Kitchen"], "country": ["Italy", "France"]}):
        answers = ask(gold, questions, filters)
        for name, question in questions.items():
            days = question.span
            alone = query(
                gold, metrics, by=question.by, grain=question.grain, start=days.start, end=days.end, filters=filters
            )
            assert answers[name] == alone, (name, filters)


def test_the_top_comes_largest_first(gold: Connection) -> None:
    make_gold(gold, [Sale(order=n, product=n, price=Decimal(n)) for n in (1, 2, 3, 4)])
    top = ask(gold, {"top": Question(("net_revenue",), by=("product",), top=2)}, {})["top"]
    assert [(row["product"], row["net_revenue"]) for row in top] == [("D4", Decimal(4)), ("C3", Decimal(3))]
