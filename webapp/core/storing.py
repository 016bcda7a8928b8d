"""Storing what a service changed: the database has the last word, and its named constraints say why."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import get_locale, gettext
from psycopg2.errors import ForeignKeyViolation, NumericValueOutOfRange, RestrictViolation
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from webapp.core.errors import DomainError, EditConflict, InUse

Problems = Mapping[str, Callable[[], DomainError]]


class NumberTooLarge(DomainError):
    """A number, or what is computed from it, does not fit its column."""

    status = 422

    def __init__(self) -> None:
        super().__init__(gettext("A number is too large to be stored, or an amount computed from it is."))


def store(session: Session, problems: Problems | None = None) -> None:
    """Send what changed to the database.

    Raises the problem that `problems` gives for the violated constraint by its name; else InUse for a reference that
    would be left without its record, EditConflict when somebody else was faster, NumberTooLarge. What is left is a
    programming error and stays what it is.
    """
    get_locale()  # chosen once a request: after a refusal nothing can be read that the words of it would depend on
    try:
        session.flush()
    except StaleDataError as error:
        raise EditConflict from error
    except IntegrityError as error:
        raise _problem_of(error, problems or {}) from error
    except DataError as error:
        if isinstance(error.orig, NumericValueOutOfRange):
            raise NumberTooLarge from error
        raise


def _problem_of(error: IntegrityError, problems: Problems) -> Exception:
    name = str(getattr(getattr(error.orig, "diag", None), "constraint_name", ""))
    if name in problems:
        return problems[name]()
    if isinstance(error.orig, ForeignKeyViolation | RestrictViolation):  # PostgreSQL 18 names them apart
        return InUse(gettext("Other records refer to this one: it cannot be deleted while they do."))
    return error
