"""What the database refuses, in words that a person understands, with the field it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy import UniqueConstraint, inspect
from sqlalchemy.exc import DBAPIError

FOREIGN_KEY = ("23503", "23001")  # PostgreSQL 18 has a code of its own for ON DELETE RESTRICT
UNIQUE, CHECK, NOT_NULL = "23505", "23514", "23502"


@dataclass(frozen=True)
class Refusal:
    """Why a record was not stored. `field` is the attribute to show it beside, when there is one."""

    sentence: str
    field: str | None = None


def explain(error: DBAPIError, model: type[Any], names: dict[str, str]) -> Refusal:
    """The refusal behind a database error on `model`; `names` are the titles of tables. Raises `error` if it is none."""
    code = getattr(error.orig, "pgcode", None) or ""
    told: Any = getattr(error.orig, "diag", None)
    if code in FOREIGN_KEY:
        return _reference(told, model, names)
    if code == UNIQUE:
        columns = _columns(model, told.constraint_name)
        return Refusal(gettext("There is already a record with this value."), columns[0] if len(columns) == 1 else None)
    if code == CHECK:
        return Refusal(gettext("This value is not allowed here."), _checked_field(model, told.constraint_name))
    if code == NOT_NULL:
        return Refusal(gettext("This field is required."), _attribute(model, told.column_name))
    if code.startswith("22"):
        return Refusal(gettext("A value is too long or too large to be stored."))
    raise error


def _reference(told: Any, model: type[Any], names: dict[str, str]) -> Refusal:
    if told.table_name != model.__table__.name:
        other = names.get(told.table_name, told.table_name)
        return Refusal(gettext("It is still used in “%(list)s”. Change or delete those records first.", list=other))
    if "still referenced" in (told.message_detail or ""):
        return Refusal(gettext("Other records of this list still refer to it."))
    return Refusal(gettext("It refers to a record that is not there any more."))


def _columns(model: type[Any], constraint: str) -> list[str]:
    for candidate in model.__table__.constraints:
        if isinstance(candidate, UniqueConstraint) and candidate.name == constraint:
            return [name for column in candidate.columns if (name := _attribute(model, column.name))]
    return []


def _checked_field(model: type[Any], constraint: str) -> str | None:
    """Checks are named after the column they guard: ck_<table>_<column>."""
    return _attribute(model, constraint.removeprefix(f"ck_{model.__table__.name}_"))


def _attribute(model: type[Any], column: str | None) -> str | None:
    table = model.__table__
    return inspect(model).get_property_by_column(table.c[column]).key if column in table.c else None
