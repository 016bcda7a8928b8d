"""Reading a list: from the address to one page of rows, or to all of them for an export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy import ColumnElement, Row, Select, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import SQLColumnExpression
from werkzeug.datastructures import MultiDict

from webapp.core.lists.cursors import BadCursor, Cursor
from webapp.core.lists.filters import Question, Scope, matches, type_of
from webapp.core.lists.spec import Column, ListSpec

SIZES = (25, 50, 100, 200)
COUNT_LIMIT = 1000
LONGEST_TEXT = 200
LONGEST_MARK = 6000
BATCH = 1000
LAST = "last"

Rows = Sequence[Row[Any]]


@dataclass(frozen=True)
class Narrowing:
    """A filter in force, in words, and the address of the same without it."""

    label: str
    words: str
    without: str


@dataclass(frozen=True)
class Reading:
    """What an address asks of a list, understood: nothing in it can make the database refuse."""

    spec: ListSpec
    columns: tuple[Column, ...]
    sort: str
    size: int
    search: str
    questions: tuple[Question, ...]
    conditions: tuple[ColumnElement[bool], ...]
    at: str

    @property
    def sort_key(self) -> str:
        """The key of the column that it is ordered by."""
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        """Whether the greatest comes first."""
        return self.sort.startswith("-")

    @property
    def sort_by(self) -> SQLColumnExpression[Any]:
        """The expression that it is ordered by."""
        return self.spec.sort_expression(self.sort_key)

    @property
    def problems(self) -> list[str]:
        """What was not understood, in words."""
        return [f"{question.label}: {question.problem}" for question in self.questions if question.problem]

    @property
    def narrowed(self) -> list[Narrowing]:
        """The search and the filters in force."""
        found = [Narrowing(gettext("Search"), self.search, self.link(q=None))] if self.search else []
        for question in self.questions:
            if question.value and not question.problem:
                words = str(dict(question.choices).get(question.value, question.value))
                found.append(Narrowing(str(question.label), words, self.link(**{question.name: None})))
        return found

    def arguments(self) -> list[tuple[str, str]]:
        """The arguments that ask for this again, the usual ones left out."""
        pairs = [("q", self.search)] if self.search else []
        pairs += [(question.name, question.value) for question in self.questions if question.value]
        if self.sort != self.spec.sort:
            pairs.append(("sort", self.sort))
        if self.columns != default_columns(self.spec):
            pairs += [("columns", column.key) for column in self.columns]
        if self.size != self.spec.size:
            pairs.append(("size", str(self.size)))
        return pairs

    def link(self, **changes: str | None) -> str:
        """The address, relative to the list's own, of the same with `changes`; it starts at the first page again."""
        pairs = [(name, value) for name, value in self.arguments() if name not in changes]
        pairs += [(name, value) for name, value in changes.items() if value]
        return "?" + urlencode(pairs)

    def sort_link(self, column: Column) -> str:
        """The address of the same in the order of `column`; a second time turns the order around."""
        return self.link(sort=f"-{column.key}" if self.sort == column.key else column.key)

    def clear_link(self) -> str:
        """The address of the same without search and filters."""
        return self.link(q=None, **{question.name: None for question in self.questions})


@dataclass(frozen=True)
class Page:
    """One page of a list. The cursors are None where there is nothing before or behind.

    `count` is how many records there are in all, None when there are more than `COUNT_LIMIT`.
    """

    reading: Reading
    rows: Rows
    next_cursor: str | None
    previous_cursor: str | None
    count: int | None
    notices: tuple[str, ...]

    @property
    def spec(self) -> ListSpec:
        """The list."""
        return self.reading.spec

    @property
    def address(self) -> str:
        """The address that asks for this page again, relative to the list's own."""
        return self.reading.link(at=self.reading.at)


def default_columns(spec: ListSpec) -> tuple[Column, ...]:
    """The columns that a list shows unasked."""
    return tuple(column for column in spec.columns if column.shown)


def read_arguments(
    session: Session, spec: ListSpec, arguments: Mapping[str, str] | MultiDict[str, str], *, zone: ZoneInfo
) -> Reading:
    """Understand the arguments of an address; days are those of `zone`. What cannot be understood is left out and told."""
    given = MultiDict(arguments)

    def text(name: str) -> str:
        raw = given.get(name) or ""
        return raw.replace("\x00", "").encode("utf-8", "ignore").decode()[:LONGEST_TEXT].strip()

    scope = Scope(session, zone)
    answers = [answer for each in spec.filters for answer in each.read(text, scope)]
    conditions = [*spec.conditions, *(condition for _, condition in answers if condition is not None)]
    search = text("q") if spec.search else ""
    if search:
        conditions.append(or_(*(matches(each.expression, search, each.match) for each in spec.search)))
    chosen = set(given.getlist("columns"))
    sort = text("sort")
    size = text("size")
    return Reading(
        spec=spec,
        columns=tuple(column for column in spec.columns if column.key in chosen) or default_columns(spec),
        sort=sort if sort.removeprefix("-") in spec.sortable and not sort.startswith("--") else spec.sort,
        size=int(size) if size in map(str, SIZES) else spec.size,
        search=search,
        questions=tuple(question for question, _ in answers),
        conditions=tuple(conditions),
        at=(given.get("at") or "")[:LONGEST_MARK],
    )


def read_page(
    session: Session, spec: ListSpec, arguments: Mapping[str, str] | MultiDict[str, str], *, zone: ZoneInfo
) -> Page:
    """The page that the arguments of an address ask for; days are those of `zone`.

    One statement reads the rows, a second one counts up to `COUNT_LIMIT`. A mark that is none, or whose rows are gone,
    leads to the first page. Never raises for what stands in an address.
    """
    reading = read_arguments(session, spec, arguments, zone=zone)
    notices = tuple(reading.problems)
    cursor: Cursor | None = None
    if reading.at and reading.at != LAST:
        try:
            cursor = Cursor.decode(reading.at, reading.sort, type_of(reading.sort_by).python_type)
        except BadCursor:
            notices += (gettext("The page in the address was not understood: this is the first one."),)
    backwards = reading.at == LAST or (cursor is not None and not cursor.after)
    rows, more = _read_rows(session, reading, cursor, backwards=backwards)
    if cursor is not None and (not rows or (backwards and not more)):
        cursor, backwards = None, False
        rows, more = _read_rows(session, reading, None, backwards=False)
    before = more if backwards else cursor is not None
    behind = reading.at != LAST and (more if not backwards else True)
    return Page(
        reading=reading,
        rows=rows,
        next_cursor=_cursor_of(reading, rows[-1], after=True) if rows and behind else None,
        previous_cursor=_cursor_of(reading, rows[0], after=False) if rows and before else None,
        count=_count(session, reading) if before or behind else len(rows),
        notices=notices,
    )


def open_rows(session: Session, reading: Reading) -> Iterator[Row[Any]]:
    """All rows that `reading` asks for, in its order, fetched in batches by a cursor of the server.

    The statement runs before this returns, so that a database that does not answer is told before an answer begins.
    """
    statement = _ordered(_statement(reading), reading, descending=reading.descending)
    result = session.execute(statement, execution_options={"yield_per": BATCH})
    return iter(result)


def distinct_values(session: Session, column: SQLColumnExpression[str], limit: int = 300) -> tuple[str, ...]:
    """The different values of an indexed text column in order, without the empty one: one look into its index a value."""
    least = select(func.min(column).label("value")).where(column > "").cte("different", recursive=True)
    following = select(func.min(column)).where(column > least.c.value).scalar_subquery()
    values = least.union_all(select(following).where(least.c.value.is_not(None)))
    found = session.scalars(select(values.c.value).where(values.c.value.is_not(None)).limit(limit))
    return tuple(found)


def _statement(reading: Reading) -> Select[Any]:
    wanted: list[ColumnElement[Any]] = [column.expression.label(column.key) for column in reading.columns]
    wanted += [expression.label(key) for key, expression in reading.spec.extras.items()]
    wanted += [reading.spec.id.label("id_"), reading.sort_by.label("sort_")]
    return select(*wanted).select_from(reading.spec.source).where(*reading.conditions)


def _ordered(statement: Select[Any], reading: Reading, *, descending: bool) -> Select[Any]:
    by = (reading.sort_by, reading.spec.id)
    return statement.order_by(*(each.desc() if descending else each.asc() for each in by))


def _read_rows(session: Session, reading: Reading, cursor: Cursor | None, *, backwards: bool) -> tuple[Rows, bool]:
    """The rows of a page in the order of the list, and whether there are more in the direction of reading."""
    descending = reading.descending != backwards
    statement = _ordered(_statement(reading), reading, descending=descending)
    if cursor is not None:
        place = tuple_(reading.sort_by, reading.spec.id)
        mark = tuple_(literal(cursor.value, type_of(reading.sort_by)), literal(cursor.id, type_of(reading.spec.id)))
        statement = statement.where(place < mark if descending else place > mark)
    rows = session.execute(statement.limit(reading.size + 1)).all()
    kept = rows[: reading.size]
    return (kept[::-1] if backwards else kept), len(rows) > reading.size


def _cursor_of(reading: Reading, row: Row[Any], *, after: bool) -> str:
    return Cursor(after, reading.sort, row.sort_, row.id_).encode()


def _count(session: Session, reading: Reading) -> int | None:
    found = select(literal(1).label("one")).select_from(reading.spec.source).where(*reading.conditions)
    number = session.execute(select(func.count()).select_from(found.limit(COUNT_LIMIT + 1).subquery())).scalar_one()
    return number if number <= COUNT_LIMIT else None
