"""`bottega gold`: ask the metrics from the command line."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal

import click
from flask.cli import with_appcontext

from webapp.blueprints.gold.public import (
    DIMENSIONS,
    METRICS,
    Filters,
    GoldNotThere,
    Grain,
    Row,
    Value,
    query,
    read_gold,
)
from webapp.blueprints.gold.public import require_gold as refuse_without_gold
from webapp.core.commands import Refusal
from webapp.core.exports import harmless

KINDS = ("sale", "cancellation", "return")


@click.group("gold")
def gold() -> None:
    """The business figures in the GOLD database."""


@gold.command("metrics")
def list_metrics() -> None:
    """List the metrics and the dimensions."""
    for metric in METRICS.values():
        click.echo(f"{metric.key:20} {metric.unit:9} {metric.definition}")
    click.echo(f"\nby: {', '.join(DIMENSIONS)}; grain: {', '.join(Grain)}")


@gold.command("query")
@click.argument("metrics")
@click.option("--by", default="", help="Dimensions, separated by commas: " + ", ".join(DIMENSIONS) + ".")
@click.option("--grain", default="", help="A row for each day, week (ISO), month, quarter or year.")
@click.option("--from", "start", default="", help="First day, YYYY-MM-DD.")
@click.option("--to", "end", default="", help="Last day, included.")
@click.option("--country", multiple=True, help="Only this country, as the sales name it; may be repeated.")
@click.option("--category", multiple=True, help="Only products of this category; may be repeated.")
@click.option("--product", multiple=True, help="Only this product, by its SKU; may be repeated.")
@click.option("--customer", multiple=True, help="Only this customer, by its number; may be repeated.")
@click.option("--kind", multiple=True, help="Only sale, cancellation or return; may be repeated.")
@click.option("--format", "form", default="json", help="json or csv.")
@with_appcontext
def ask(metrics: str, *, by: str, grain: str, start: str, end: str, form: str, **filters: tuple[str, ...]) -> None:
    """Answer METRICS (one, or several separated by commas), for example: net_revenue --grain month."""
    wanted = _known(metrics, METRICS, "metric")
    if not wanted:
        raise Refusal(f"name a metric; there are {', '.join(METRICS)}")
    dimensions = _known(by, DIMENSIONS, "dimension")
    periods = Grain(_known(grain, list(Grain), "grain")[0]) if grain else None
    first, last = _day(start, "--from"), _day(end, "--to")
    if first and last and first > last:
        raise Refusal(f"--from {first} is after --to {last}")
    if form not in ("json", "csv"):
        raise Refusal(f"there is no format {form!r}; there are json, csv")
    for kind in filters["kind"]:
        _known(kind, KINDS, "kind")
    narrowed: Filters = {key: list(members) for key, members in filters.items() if members}
    with read_gold() as connection:
        try:
            refuse_without_gold(connection)
        except GoldNotThere:
            raise Refusal("the GOLD database is not there yet: run `bottega etl run` first") from None
        rows = query(connection, wanted, by=dimensions, grain=periods, start=first, end=last, filters=narrowed)
    click.echo(_as_json(rows) if form == "json" else _as_csv(rows), nl=form == "json")


def _known(text: str, names: Iterable[str], what: str) -> list[str]:
    """The comma-separated names in `text`, each once."""
    present = list(names)
    asked = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if unknown := [name for name in asked if name not in present]:
        raise Refusal(f"there is no {what} {unknown[0]!r}; there are {', '.join(present)}")
    return asked


def _day(text: str, option: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=dt.UTC).date() if text else None
    except ValueError:
        raise Refusal(f"{option} {text!r} is not a date; write it like 2010-12-31") from None


def _plain(value: Value) -> str | int | None:
    """Amounts as decimal strings, days as ISO dates."""
    return str(value) if isinstance(value, Decimal | dt.date) else value


def _as_json(rows: Sequence[Row]) -> str:
    if not rows:
        return "[]"
    lines = (json.dumps({key: _plain(value) for key, value in row.items()}, ensure_ascii=False) for row in rows)
    return "[" + ",\n ".join(lines) + "]"


def _as_csv(rows: Sequence[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if rows:
        writer.writerow(rows[0])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return out.getvalue()


def _cell(value: Value) -> str | int | None:
    """A text that a spreadsheet would run as a formula is quoted with an apostrophe; numbers stay numbers."""
    return harmless(value) if isinstance(value, str) else _plain(value)
