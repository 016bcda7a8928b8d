"""The filters of a list: what may stand in the address, and the condition that it means.

A value that cannot be understood filters nothing and is told beside its question; it never raises.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, Protocol, TypeAlias, cast
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel.speaklater import LazyString
from sqlalchemy import ColumnElement, Date, String, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import SQLColumnExpression
from sqlalchemy.types import TypeEngine

from webapp.core.clock import day_start

Label: TypeAlias = str | LazyString
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2999, 12, 31)
MOST_DIGITS = 18


@dataclass(frozen=True)
class Scope:
    """What a filter may need to know to mean something: the database and the company's zone."""

    session: Session
    zone: ZoneInfo


@dataclass(frozen=True)
class Question:
    """One input of the filter form, as it stands. `suggest` names an endpoint that answers `<option>`s."""

    name: str
    label: Label
    control: Literal["text", "date", "number", "choice"]
    value: str = ""
    choices: tuple[tuple[str, Label], ...] = ()
    suggestions: tuple[str, ...] = ()
    suggest: str = ""
    problem: str = ""


Answer: TypeAlias = tuple[Question, ColumnElement[bool] | None]


class Filter(Protocol):
    """Something that narrows a list by one or more named arguments."""

    @property
    def names(self) -> tuple[str, ...]:
        """The arguments that it reads."""

    def read(self, text: Callable[[str], str], scope: Scope) -> Iterator[Answer]:
        """Each question with the condition that its present answer means, None when it means none."""


def type_of(expression: SQLColumnExpression[Any]) -> TypeEngine[Any]:
    """The SQL type of an expression; SQLAlchemy's own annotations forget that each has one."""
    found: TypeEngine[Any] = cast("Any", expression).type
    return found


def folded(expression: SQLColumnExpression[Any]) -> ColumnElement[str]:
    """A text without regard to case, to order by; an index on `lower(column), id` serves it."""
    return func.lower(expression, type_=String())


def literal_pattern(text: str, match: str) -> str:
    """The LIKE pattern (escape: backslash) that finds `text` itself, from the start or anywhere."""
    for sign in ("\\", "%", "_"):
        text = text.replace(sign, "\\" + sign)
    return f"{text}%" if match == "prefix" else f"%{text}%"


def matches(expression: SQLColumnExpression[Any], text: str, match: str) -> ColumnElement[bool]:
    """That `expression` begins with or contains `text`, without regard to case."""
    return func.lower(expression).like(func.lower(literal_pattern(text, match)), escape="\\")


@dataclass(frozen=True)
class Text:
    """A text: exactly this, beginning with this, or containing it. `suggestions` lists values when the form is made.

    `blank` is what is written to find the records without the text.
    """

    name: str
    label: Label
    expression: SQLColumnExpression[Any]
    match: Literal["exact", "prefix", "contains"] = "contains"
    suggestions: Callable[[Session], tuple[str, ...]] | None = None
    blank: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The arguments that it reads."""
        return (self.name,)

    def read(self, text: Callable[[str], str], scope: Scope) -> Iterator[Answer]:
        """Each question with the condition that its present answer means."""
        value = text(self.name)
        offered = self.suggestions(scope.session) if self.suggestions else ()
        question = Question(self.name, self.label, "text", value, suggestions=offered)
        if not value:
            yield question, None
        elif value == self.blank:
            yield question, self.expression == ""
        elif self.match == "exact":
            yield question, self.expression == value
        else:
            yield question, matches(self.expression, value, self.match)


@dataclass(frozen=True)
class Choice:
    """One of a few codes. `expression` may depend on the company's zone."""

    name: str
    label: Label
    expression: SQLColumnExpression[Any] | Callable[[ZoneInfo], SQLColumnExpression[Any]]
    choices: Mapping[Any, Label]

    @property
    def names(self) -> tuple[str, ...]:
        """The arguments that it reads."""
        return (self.name,)

    def read(self, text: Callable[[str], str], scope: Scope) -> Iterator[Answer]:
        """Each question with the condition that its present answer means."""
        value = text(self.name)
        offered = tuple((str(code), label) for code, label in self.choices.items())
        question = Question(self.name, self.label, "choice", value, offered)
        codes = {str(code): code for code in self.choices}
        if not value:
            yield question, None
        elif value not in codes:
            yield replace(question, problem=gettext("“%(value)s” is none of the choices.", value=value)), None
        else:
            column = self.expression
            if not isinstance(column, SQLColumnExpression):
                column = column(scope.zone)
            yield question, column == codes[value]


@dataclass(frozen=True)
class DateRange:
    """From one company's local day to another, both inclusive. `expression` is a moment or a date."""

    label_from: Label
    label_to: Label
    expression: SQLColumnExpression[Any]
    name_from: str = "from"
    name_to: str = "to"

    @property
    def names(self) -> tuple[str, ...]:
        """The arguments that it reads."""
        return (self.name_from, self.name_to)

    def read(self, text: Callable[[str], str], scope: Scope) -> Iterator[Answer]:
        """Each question with the condition that its present answer means."""
        is_date = isinstance(type_of(self.expression), Date)
        yield self._bound(
            Question(self.name_from, self.label_from, "date", text(self.name_from)),
            lambda day: self.expression >= (day if is_date else day_start(day, scope.zone)),
        )
        yield self._bound(
            Question(self.name_to, self.label_to, "date", text(self.name_to)),
            lambda day: (
                self.expression <= day
                if is_date
                else self.expression < day_start(day + dt.timedelta(days=1), scope.zone)
            ),
        )

    def _bound(self, question: Question, condition: Callable[[dt.date], ColumnElement[bool]]) -> Answer:
        if not question.value:
            return question, None
        try:
            day = dt.date.fromisoformat(question.value)
        except ValueError:
            day = dt.date.min
        if not FIRST_DAY <= day <= LAST_DAY:
            return replace(question, problem=gettext("“%(value)s” is not a date.", value=question.value)), None
        return question, condition(day)


@dataclass(frozen=True)
class NumberRange:
    """From one number to another, both inclusive, as the arguments `<name>_min` and `<name>_max`."""

    name: str
    label_min: Label
    label_max: Label
    expression: SQLColumnExpression[Any]

    @property
    def names(self) -> tuple[str, ...]:
        """The arguments that it reads."""
        return (f"{self.name}_min", f"{self.name}_max")

    def read(self, text: Callable[[str], str], scope: Scope) -> Iterator[Answer]:
        """Each question with the condition that its present answer means."""
        del scope
        least, most = self.names
        yield self._bound(Question(least, self.label_min, "number", text(least)), lambda n: self.expression >= n)
        yield self._bound(Question(most, self.label_max, "number", text(most)), lambda n: self.expression <= n)

    def _bound(self, question: Question, condition: Callable[[Decimal], ColumnElement[bool]]) -> Answer:
        if not question.value:
            return question, None
        number = read_number(question.value)
        if number is None:
            return replace(question, problem=gettext("“%(value)s” is not a number.", value=question.value)), None
        return question, condition(number)


def read_number(text: str) -> Decimal | None:
    """The number that `text` writes with a decimal point or comma and no grouping; None when it is none."""
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number.adjusted()) >= MOST_DIGITS:
        return None
    return number


@dataclass(frozen=True)
class NaturalKey:
    """Records that refer to another one, named by the key that people know (a SKU, a customer number).

    The key is looked up first, so that the planner knows whose records it plans for. `condition` takes the id.
    With a `permission` only those are found that it reaches: `among`, which `webapp.core.policy.visible` fills in.
    """

    name: str
    label: Label
    key: SQLColumnExpression[str]
    id: SQLColumnExpression[int]
    condition: Callable[[int], ColumnElement[bool]]
    suggest: str = ""
    suggestions: Callable[[Session], tuple[str, ...]] | None = None
    permission: str = ""
    among: ColumnElement[bool] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The arguments that it reads."""
        return (self.name,)

    def read(self, text: Callable[[str], str], scope: Scope) -> Iterator[Answer]:
        """Each question with the condition that its present answer means."""
        value = text(self.name)
        offered = self.suggestions(scope.session) if self.suggestions else ()
        question = Question(self.name, self.label, "text", value, suggestions=offered, suggest=self.suggest)
        if not value:
            yield question, None
            return
        named = select(self.id).where(self.key == value)
        found = scope.session.execute(named if self.among is None else named.where(self.among)).scalar()
        if found is None:
            yield replace(question, problem=gettext("There is no “%(value)s”.", value=value)), None
        else:
            yield question, self.condition(found)
