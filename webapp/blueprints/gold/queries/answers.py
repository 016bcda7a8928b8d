"""From metrics, dimensions and periods to SQL and its answer; several questions about the same sales in one scan."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from typing import Any

from sqlalchemy import Connection, text

from webapp.blueprints.gold.queries.dimensions import DIMENSIONS, Dimension
from webapp.blueprints.gold.queries.metrics import METRICS
from webapp.blueprints.gold.queries.periods import Grain, is_whole
from webapp.core.policy import reaches_all
from webapp.core.security import Actor

Value = dt.date | Decimal | int | str | None
Row = dict[str, Value]
Filters = Mapping[str, Sequence[str | int]]

# What each grain adds up to without a remainder.
_NESTS = {
    Grain.YEAR: (Grain.YEAR,),
    Grain.QUARTER: (Grain.QUARTER, Grain.YEAR),
    Grain.MONTH: (Grain.MONTH, Grain.QUARTER, Grain.YEAR),
    Grain.WEEK: (Grain.WEEK,),
    Grain.DAY: tuple(Grain),
}


@dataclass(frozen=True)
class Span:
    """Days of the company, both included; None is open on that side."""

    start: dt.date | None = None
    end: dt.date | None = None


@dataclass(frozen=True)
class Question:
    """One question: which metrics, split by which dimensions and periods, over which days.

    `top` keeps the first so many by the first metric, largest first.
    """

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    grain: Grain | None = None
    span: Span = field(default_factory=Span)
    top: int | None = None

    def may_be_told(self, actor: Actor) -> bool:
        """Whether the actor sees all the records that the answer is made of, so that it tells them nothing new."""
        asked = [METRICS[key].permissions for key in self.metrics] + [DIMENSIONS[key].permissions for key in self.by]
        return reaches_all(actor, *chain.from_iterable(asked))


def query(
    connection: Connection,
    metrics: Sequence[str],
    *,
    by: Sequence[str] = (),
    grain: Grain | None = None,
    start: dt.date | None = None,
    end: dt.date | None = None,
    filters: Filters | None = None,
    rolled_up: bool = True,
) -> list[Row]:
    """The `metrics` by period and dimensions, ordered by them; `start` and `end` are company days, both included.

    Money comes as Decimal with four decimals, units with three, rates with four, counts as int; a ratio over nothing is
    None. Days without sales have no row. `rolled_up=False` keeps to the sale lines; the answer is the same. Raises
    KeyError for an unknown metric or dimension.
    """
    question = Question(tuple(metrics), tuple(by), grain, Span(start, end))
    filters = filters or {}
    table = _rolled_table(question, filters) if rolled_up else None
    if table:
        sql, values = _rolled_sql(question, table), _bound(filters, question.span)
        where = _conditions(filters, "s.period_start", question.span)
    else:
        sql, values = _select(question, "fact_sale_line"), _bound(filters, question.span)
        where = _conditions(filters, "s.date_key", question.span)
    rows = connection.execute(text(sql.replace("{where}", where)), values)
    return [dict(row) for row in rows.mappings()]


def ask(connection: Connection, questions: Mapping[str, Question], filters: Filters) -> dict[str, list[Row]]:
    """Answer several questions about the same sales in one statement and, as far as orders tell, in one scan of the lines.

    The answers are those of `query`, under the questions' names.
    """
    values: dict[str, Any] = _bound(filters, None)
    parts: list[str] = []
    windows: dict[Span, str] = {}
    for name, question in questions.items():
        number = str(len(windows))
        if question.span not in windows:
            windows[question.span] = _window("s.date_key", question.span, number)
            days = {f"start{number}": question.span.start, f"end{number}": question.span.end}
            values |= {key: day for key, day in days.items() if day}
        window = windows[question.span]
        by_order = all(DIMENSIONS[key].whole_orders for key in question.by)
        where = window if by_order else " AND ".join([window, *_members(filters)])
        sql = _select(question, "sale_order" if by_order else "fact_sale_line").replace("{where}", where)
        parts.append(f'(SELECT json_agg(x) FROM ({sql}) x)::text AS "{name}"')  # noqa: S608 - made of declared SQL; values are bound
    where = " AND ".join([f"({' OR '.join(windows.values())})", *_members(filters)])
    orders = (
        "SELECT s.order_key, s.order_kind, s.date_key, s.hour, s.customer_key, s.country_key,"  # noqa: S608
        f" sum(s.net) AS net, sum(s.quantity) AS quantity FROM fact_sale_line s WHERE {where} GROUP BY 1, 2, 3, 4, 5, 6"
    )
    statement = f"WITH sale_order AS MATERIALIZED ({orders}) SELECT {', '.join(parts)}"
    answer = connection.execute(text(statement), values).mappings().one()
    return {name: _read(answer[name]) for name in questions}


def _read(answer: str | None) -> list[Row]:
    rows: list[Row] = json.loads(answer, parse_float=Decimal) if answer else []
    for row in rows:
        if isinstance(period := row.get("period"), str):
            row["period"] = dt.date.fromisoformat(period)
    return rows


def _select(question: Question, source: str) -> str:
    """The SQL of a question over lines or orders; `{where}` stands for its condition."""
    keys = [_period(question.grain, "s.date_key")] if question.grain else []
    dimensions = [DIMENSIONS[key] for key in question.by]
    keys += [f"{dimension.expression} AS k{n}" for n, dimension in enumerate(dimensions)]
    figures = [f"{METRICS[key].expression} AS {key}" for key in question.metrics]
    joins = "".join(dimension.join for dimension in dimensions)
    grouped = f"SELECT {', '.join(keys + figures)} FROM {source} s{joins} WHERE {{where}}"  # noqa: S608
    if keys:
        grouped += " GROUP BY " + ", ".join(str(n + 1) for n in range(len(keys)))
    if question.top:
        grouped += f" ORDER BY {question.metrics[0]} DESC NULLS LAST, {len(keys)} LIMIT {question.top:d}"
    return _named(question, dimensions, grouped)


def _named(question: Question, dimensions: list[Dimension], grouped: str) -> str:
    """Give the members of the dimensions their names, and the rows their order."""
    columns = ["g.period"] if question.grain else []
    joins = ""
    for n, dimension in enumerate(dimensions):
        if dimension.table:
            joins += f" LEFT JOIN {dimension.table} d{n} ON d{n}.{dimension.member} = g.k{n}"
            columns += [f"{sql.replace('d.', f'd{n}.')} AS {name}" for name, sql in dimension.columns.items()]
        else:
            columns.append(f"g.k{n} AS {dimension.key}")
    order = [str(n + 1) for n in range(len(columns))]
    if question.top:
        order = [f"g.{question.metrics[0]} DESC NULLS LAST", *order]
    sql = f"SELECT {', '.join([*columns, *(f'g.{key}' for key in question.metrics)])} FROM ({grouped}) g{joins}"  # noqa: S608
    return sql + (f" ORDER BY {', '.join(order)}" if order else "")


def _rolled_table(question: Question, filters: Filters) -> Grain | None:
    """The coarsest rolled-up table that answers the question exactly, None when none does."""
    if {*question.by, *filters} - {"country"} or any(METRICS[key].rollup is None for key in question.metrics):
        return None
    for table, sums_up_to in _NESTS.items():
        if question.grain in (None, *sums_up_to) and is_whole(question.span.start, question.span.end, table):
            return table
    return None


def _rolled_sql(question: Question, table: Grain) -> str:
    columns = [_period(question.grain, "s.period_start")] if question.grain else []
    columns += [f"s.country_key AS {key}" for key in question.by]
    figures = [f"{METRICS[key].rollup} AS {key}" for key in question.metrics]
    sql = f"SELECT {', '.join(columns + figures)} FROM agg_sales_{table} s WHERE {{where}}"  # noqa: S608
    if columns:
        keys = ", ".join(str(n + 1) for n in range(len(columns)))
        sql += f" GROUP BY {keys} ORDER BY {keys}"
    return sql


def _period(grain: Grain, day: str) -> str:
    return f"date_trunc('{grain}', {day}::timestamp)::date AS period"


def _window(day: str, span: Span, suffix: str = "") -> str:
    tests = [f"{day} >= :start{suffix}"] if span.start else []
    tests += [f"{day} <= :end{suffix}"] if span.end else []
    return " AND ".join(tests) or "true"


def _members(filters: Filters) -> list[str]:
    return [DIMENSIONS[key].condition for key in filters]


def _conditions(filters: Filters, day: str, span: Span) -> str:
    return " AND ".join([_window(day, span), *_members(filters)])


def _bound(filters: Filters, span: Span | None) -> dict[str, Any]:
    values: dict[str, Any] = {key: list(members) for key, members in filters.items()}
    if span:
        values |= {key: day for key, day in (("start", span.start), ("end", span.end)) if day}
    return values
