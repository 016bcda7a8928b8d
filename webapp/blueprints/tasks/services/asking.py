"""Asking for work: the row is written in the transaction of its cause, and leaves for the broker after the commit."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.tasks.models import State, Task
from webapp.blueprints.tasks.ports import CarrierDown
from webapp.blueprints.tasks.services.carrying import current_carrier
from webapp.core.clock import utc_now
from webapp.core.db import after_commit
from webapp.core.errors import DomainError, FieldProblems
from webapp.core.i18n import choose_language
from webapp.core.jobs import Argument, TaskKind, request_id, task_kinds
from webapp.core.security import Actor

log = logging.getLogger(__name__)


class KindUnknown(DomainError):
    """No open room declares this kind of task."""

    status = 422
    field = "kind"

    def __init__(self, name: str) -> None:
        super().__init__(gettext("There is no kind of task named %(name)s.", name=name))


def ask(
    session: Session,
    kind: str,
    args: Mapping[str, Any],
    *,
    by: Actor,
    key: str | None = None,
    not_before: dt.datetime | None = None,
    deadline_at: dt.datetime | None = None,
    parent_id: int | None = None,
    schedule_id: int | None = None,
) -> Task:
    """Queue a task of `kind` for `by`, or give the one that waits, runs or is done under the same key.

    `key` takes the place of the kind's own. The earlier of `deadline_at` and the kind's deadline counts; moments are aware.
    The task leaves for the broker when the caller's `transaction()` commits; when the broker is down it stays queued and
    goes later. Raises KindUnknown, and FieldProblems for arguments that the kind does not take.
    """
    declared = get_kind(kind)
    kept = checked_arguments(declared, args)
    deadlines = [deadline_at, utc_now() + dt.timedelta(seconds=declared.deadline) if declared.deadline else None]
    values = {
        "kind": kind,
        "args": kept,
        "queue": declared.queue,
        "key": key or declared.key(kept),
        "alone": declared.alone(kept),
        "actor": by.name[:200],
        "user_id": by.user_id,
        "language": choose_language(),
        "request_id": request_id(),
        "parent_id": parent_id,
        "schedule_id": schedule_id,
        "most_attempts": declared.attempts,
        "not_before": not_before,
        "deadline_at": min((each for each in deadlines if each), default=None),
        "sent_at": None if not_before else func.clock_timestamp(),
        "sends": 0 if not_before else 1,
    }
    for _ in range(3):  # the one under the same key can end badly between the two statements
        made = session.scalars(insert(Task).values(values).on_conflict_do_nothing().returning(Task)).one_or_none()
        if made is not None:
            if not not_before:
                send_after_commit(session, made)
            return made
        same = select(Task).where(
            Task.kind == kind,
            Task.key == values["key"],
            Task.state.in_((State.QUEUED, State.RUNNING, State.DONE)),
        )
        known = session.scalars(same).one_or_none()
        if known is not None:
            return known
    raise DomainError(gettext("This was asked for several times at once: try again."))


def get_kind(name: str) -> TaskKind:
    """The kind of that name. Raises KindUnknown."""
    try:
        return task_kinds()[name]
    except KeyError:
        raise KindUnknown(name) from None


def checked_arguments(kind: TaskKind, args: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with the defaults of the kind. Raises FieldProblems naming each one that is wrong, by its name.

    A kind that declares no arguments takes any: only the house's own code asks for it.
    """
    if not kind.arguments and not kind.schedulable:
        return dict(args)
    known = {each.name: each for each in kind.arguments}
    problems = {name: gettext("This kind of task takes no such argument.") for name in args if name not in known}
    kept: dict[str, Any] = {}
    for name, argument in known.items():
        value = args.get(name)
        if value in (None, ""):
            value = argument.default
        if value is None:
            if argument.required:
                problems[name] = gettext("This is needed.")
            continue
        problem = _problem(argument, value)
        if problem:
            problems[name] = problem
        kept[name] = value
    if problems:
        raise FieldProblems(problems)
    return kept


def send_after_commit(session: Session, task: Task) -> None:
    """Hand the task to the broker once the caller has committed; when that fails, the scheduler does it later."""
    task_id, queue = task.id, task.queue

    def send() -> None:
        try:
            current_carrier().send(task_id, queue)
        except CarrierDown as problem:
            log.warning("task %s waits: %s", task_id, problem)

    after_commit(session, send)


def _problem(argument: Argument, value: Any) -> str | None:
    if argument.choices:
        chosen = value in {choice for choice, _label in argument.choices}
        return None if chosen else str(gettext("Choose one of the list."))
    if argument.type is dt.date:
        return None if _is_date(value) else str(gettext("Write a date like 2026-11-21."))
    if argument.type is int:
        return _number_problem(argument, value)
    if not isinstance(value, argument.type):
        return str(gettext("This is not the kind of value that is wanted here."))
    return str(gettext("This text has a character that cannot be stored.")) if "\x00" in str(value) else None


def _number_problem(argument: Argument, value: Any) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return str(gettext("Write a whole number."))
    least = argument.least if argument.least is not None else -(2**53)
    most = argument.most if argument.most is not None else 2**53
    if not least <= value <= most:
        return str(gettext("Write a number from %(least)s to %(most)s.", least=least, most=most))
    return None


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and dt.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
