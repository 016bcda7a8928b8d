"""`bottega gold`: answers as JSON and CSV, and refusals in one sentence."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal

import pytest
from click.testing import Result
from flask import Flask

from tests.rooms.gold.makers import Sale, make_gold
from webapp.blueprints.gold.public import METRICS
from webapp.core.db import gold_engine

Ask = Callable[..., Result]


@pytest.fixture
def ask(fresh_app: Flask) -> Ask:
    """The command, on a GOLD database with three orders."""
    with gold_engine().begin() as connection:
        make_gold(
            connection,
            [
                Sale(order=1, price=Decimal("748957.02")),
                Sale(order=2, product=4, country="France", customer=0, quantity=Decimal("-0.5"), kind="cancellation"),
                Sale(order=3, day=Sale().day.replace(month=4)),
            ],
        )
    runner = fresh_app.test_cli_runner()
    return lambda *words: runner.invoke(args=["gold", *words])


def test_the_answer_is_a_list_with_amounts_as_decimal_strings(ask: Ask) -> None:
    result = ask("query", "net_revenue", "--grain", "month", "--from", "2025-03-01", "--to", "2025-03-31")
    assert (result.exit_code, json.loads(result.stdout)) == (
        0,
        [{"period": "2025-03-01", "net_revenue": "748952.0200"}],
    )


def test_counts_are_numbers_and_units_and_rates_are_strings(ask: Ask) -> None:
    (row,) = json.loads(ask("query", ",".join(METRICS), "--to", "2025-03-10").stdout)
    assert row == {
        "net_revenue": "748952.0200", "orders": 2, "units": "0.500", "average_order_value": "374476.0100",
        "active_customers": 1, "cancellation_rate": "0.5000",
    }  # fmt: skip


def test_dimensions_and_filters_combine(ask: Ask) -> None:
    result = ask("query", "orders", "--by", "country,weekday", "--country", "Italy", "--category", "Kitchen")
    assert json.loads(result.stdout) == [
        {"country": "Italy", "weekday": 1, "orders": 1},
        {"country": "Italy", "weekday": 4, "orders": 1},
    ]


def test_nothing_found_is_an_empty_list(ask: Ask) -> None:
    assert json.loads(ask("query", "orders", "--by", "country", "--country", "Utopia").stdout) == []


def test_csv_keeps_numbers_and_disarms_formulas(ask: Ask) -> None:
    result = ask("query", "net_revenue", "--by", "product", "--kind", "cancellation", "--format", "csv")
    assert list(csv.DictReader(io.StringIO(result.stdout))) == [
        {"product": "D4", "product_name": "'=Duck", "net_revenue": "-5.0000"}
    ]


def test_the_metrics_are_listed_with_their_definitions(ask: Ask) -> None:
    output = ask("metrics").stdout
    assert all(key in output and str(metric.definition) in output for key, metric in METRICS.items())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("profit",), "there is no metric 'profit'; there are net_revenue, orders,"),
        ((",",), "name a metric; there are net_revenue"),
        (("orders", "--by", "planet"), "there is no dimension 'planet'; there are country,"),
        (("orders", "--grain", "decade"), "there is no grain 'decade'; there are day,"),
        (("orders", "--from", "1.3.2025"), "--from '1.3.2025' is not a date"),
        (("orders", "--from", "2025-03-02", "--to", "2025-03-01"), "--from 2025-03-02 is after --to 2025-03-01"),
        (("orders", "--format", "xml"), "there is no format 'xml'"),
        (("orders", "--kind", "sales"), "there is no kind 'sales'; there are sale, cancellation, return"),
    ],
)
def test_a_question_without_sense_is_refused_in_one_sentence(ask: Ask, words: tuple[str, ...], sentence: str) -> None:
    result = ask("query", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(sentence)
    assert result.stderr.count("\n") == 1


def test_before_the_first_run_the_command_says_what_to_do(fresh_app: Flask) -> None:
    result = fresh_app.test_cli_runner().invoke(args=["gold", "query", "orders"])
    assert (result.exit_code, result.stderr) == (
        2,
        "the GOLD database is not there yet: run `bottega etl run` first\n",
    )
