"""What people do with schedules: make, change, pause and delete them, and start one now."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.tasks.models import Missed, Schedule, Task
from webapp.blueprints.tasks.permissions import TasksPermission as May
from webapp.blueprints.tasks.services.alarms import raise_alarms
from webapp.blueprints.tasks.services.asking import ask, checked_arguments, get_kind
from webapp.blueprints.tasks.services.cron import CronWrong, check_cron, next_slot
from webapp.blueprints.tasks.services.starting import start_due
from webapp.core.clock import utc_now
from webapp.core.company import get_company
from webapp.core.errors import DomainError, EditConflict, FieldProblems, NotAllowed, NotFound
from webapp.core.jobs import HouseSchedule, TaskKind, task_kinds
from webapp.core.room import opened
from webapp.core.security import SYSTEM, Actor
from webapp.core.storing import store

__all__ = ["ensure_house_schedules", "raise_alarms", "start_due"]

log = logging.getLogger(__name__)
ARGUMENT = "argument_"  # before the name of a kind's argument: its field in the form
MOST_ALARM_MINUTES = 7 * 24 * 60


class NameTaken(DomainError):
    """Another schedule has this name."""

    field = "name"

    def __init__(self) -> None:
        super().__init__(_("Another schedule has this name."))


class HouseOwns(DomainError):
    """The schedule belongs to a room: it stays, but can be paused."""

    def __init__(self) -> None:
        super().__init__(_("This schedule belongs to Bottega itself: it cannot be deleted. You can pause it."))


PROBLEMS = {"uq_tasks_schedules_name": NameTaken}


def get_schedule(session: Session, schedule_id: int, *, lock: bool = False) -> Schedule:
    """The schedule with this id, read again and kept from others until the end if it is to `lock`. Raises NotFound."""
    schedule = session.get(Schedule, schedule_id, with_for_update=lock or None, populate_existing=lock)
    if schedule is None:
        raise NotFound(_("This schedule does not exist, or does not any more."))
    return schedule


def get_schedule_named(session: Session, name: str) -> Schedule:
    """The schedule of that name. Raises NotFound."""
    schedule = session.scalars(select(Schedule).where(Schedule.name == name)).one_or_none()
    if schedule is None:
        raise NotFound(_("There is no schedule named %(name)s.", name=name))
    return schedule


def list_schedules(session: Session) -> Sequence[Schedule]:
    """All schedules by name."""
    return session.scalars(select(Schedule).order_by(Schedule.name)).all()


def kinds_for(by: Actor) -> list[TaskKind]:
    """The kinds of tasks that `by` may put on a schedule, by title."""
    return sorted((kind for kind in task_kinds().values() if _may_schedule(by, kind)), key=lambda kind: str(kind.title))


def may_run_now(schedule: Schedule, *, by: Actor) -> bool:
    """Whether `by` may start the schedule's task at once; what only the house starts runs for it."""
    kind = task_kinds().get(schedule.kind)
    allowed = kind is not None and (by.may(kind.permission) if kind.permission else schedule.origin is not None)
    return allowed and by.may(May.SCHEDULES_WRITE)


def create_schedule(
    session: Session, *, by: Actor, values: Mapping[str, Any], now: dt.datetime | None = None
) -> Schedule:
    """A new schedule with `name`, `kind`, `args`, `cron`, `missed` and `alarm_minutes`, whose tasks run for `by`.

    Raises NotAllowed, FieldProblems (arguments under `argument_<name>`), NameTaken.
    """
    _check_right(by)
    kept = _checked(session, by, values, None)
    schedule = Schedule(**kept, actor=by.name[:200], user_id=by.user_id)
    schedule.next_at = _next(session, schedule.cron, now or utc_now())
    session.add(schedule)
    store(session, PROBLEMS)
    log.info("schedule %s created by %s", schedule.id, by.name)
    return schedule


def update_schedule(
    session: Session,
    *,
    by: Actor,
    schedule_id: int,
    version: int,
    values: Mapping[str, Any],
    now: dt.datetime | None = None,
) -> Schedule:
    """Change the schedule that `by` saw as `version`; from now on its tasks run for `by`, a room's own for the house.

    A room's own schedule keeps its kind. Raises NotFound, EditConflict and what `create_schedule` raises.
    """
    _check_right(by)
    schedule = get_schedule(session, schedule_id, lock=True)
    if schedule.version != version:
        raise EditConflict
    kept = _checked(session, by, values, schedule)
    if kept["cron"] != schedule.cron and not schedule.paused:
        schedule.next_at = _next(session, kept["cron"], now or utc_now())
    for name, value in kept.items():
        setattr(schedule, name, value)
    if schedule.origin is None:
        schedule.actor, schedule.user_id = by.name[:200], by.user_id
    store(session, PROBLEMS)
    log.info("schedule %s changed by %s", schedule.id, by.name)
    return schedule


def pause_schedule(session: Session, *, by: Actor, schedule_id: int) -> Schedule:
    """Start nothing by the clock until it is resumed. Raises NotAllowed, NotFound."""
    _check_right(by)
    schedule = get_schedule(session, schedule_id, lock=True)
    if not schedule.paused:
        schedule.paused, schedule.next_at = True, None
        store(session)
        log.info("schedule %s paused by %s", schedule.id, by.name)
    return schedule


def resume_schedule(session: Session, *, by: Actor, schedule_id: int, now: dt.datetime | None = None) -> Schedule:
    """Go on with the next time after now; what lay in the pause is not made up. Raises NotAllowed, NotFound."""
    _check_right(by)
    schedule = get_schedule(session, schedule_id, lock=True)
    if schedule.paused:
        schedule.paused, schedule.next_at = False, _next(session, schedule.cron, now or utc_now())
        store(session)
        log.info("schedule %s resumed by %s", schedule.id, by.name)
    return schedule


def delete_schedule(session: Session, *, by: Actor, schedule_id: int, version: int) -> None:
    """Delete the schedule that `by` saw as `version`; its tasks stay. Raises NotAllowed, NotFound, EditConflict, HouseOwns."""
    _check_right(by)
    schedule = get_schedule(session, schedule_id, lock=True)
    if schedule.origin is not None:
        raise HouseOwns
    if schedule.version != version:
        raise EditConflict
    session.delete(schedule)
    store(session)
    log.info("schedule %s deleted by %s", schedule_id, by.name)


def run_now(session: Session, *, by: Actor, schedule_id: int) -> Task:
    """Ask for the schedule's task at once, for `by`; a room's own schedule runs for the house. The clock is not touched.

    Raises NotFound, NotAllowed, and what `ask` raises for a kind or arguments that are not understood any more.
    """
    schedule = get_schedule(session, schedule_id)
    get_kind(schedule.kind)
    if not may_run_now(schedule, by=by):
        raise NotAllowed(_("Your role does not include starting tasks of this kind. Ask the owner for the right."))
    asker = by if schedule.origin is None else SYSTEM
    task = ask(session, schedule.kind, schedule.args, by=asker, schedule_id=schedule.id)
    log.info("schedule %s started now by %s: task %s", schedule.id, by.name, task.id)
    return task


def ensure_house_schedules(session: Session) -> None:
    """Make the schedules that the open rooms bring along and that are not there; two at once make each of them once."""
    declared = [each for room in opened() for each in room.schedules]
    there = set(session.scalars(select(Schedule.origin).where(Schedule.origin.is_not(None))))
    for each in declared:
        if each.origin not in there:
            _make_house_schedule(session, each)


def _make_house_schedule(session: Session, each: HouseSchedule) -> None:
    try:
        cron = check_cron(each.cron)
        args = checked_arguments(get_kind(each.kind), each.args)
    except DomainError:
        log.exception("a room's schedule makes no sense: %s", each.origin)
        return
    values = {
        "kind": each.kind,
        "args": args,
        "cron": cron,
        "missed": each.missed,
        "actor": SYSTEM.name,
        "origin": each.origin,
        "next_at": _next(session, cron, utc_now()),
    }
    for name in (str(each.name), f"{each.name} ({each.origin})"):  # a person's schedule may have the name already
        made = insert(Schedule).values(**values, name=name[:120]).on_conflict_do_nothing().returning(Schedule.id)
        if session.scalar(made) is not None:
            log.info("schedule %s of the house was made", each.origin)
            return


def _check_right(by: Actor) -> None:
    if not by.may(May.SCHEDULES_WRITE):
        raise NotAllowed(_("Your role does not include changing schedules. Ask the owner for the right."))


def _may_schedule(by: Actor, kind: TaskKind) -> bool:
    return kind.schedulable and bool(kind.permission) and by.may(kind.permission)


def _next(session: Session, cron: str, now: dt.datetime) -> dt.datetime | None:
    return next_slot(cron, after=now, zone=get_company(session).zone)


def _checked(session: Session, by: Actor, values: Mapping[str, Any], stored: Schedule | None) -> dict[str, Any]:
    """The columns from what was typed. Raises FieldProblems with everything that is wrong."""
    problems: dict[str, str] = {}
    kept = {"name": str(values["name"]).strip(), "missed": values["missed"], "alarm_minutes": values["alarm_minutes"]}
    if not kept["name"]:
        problems["name"] = _("This is needed.")
    elif len(kept["name"]) > 120:
        problems["name"] = _("At most %(count)s characters.", count=120)
    if kept["missed"] not in set(Missed):
        problems["missed"] = _("Choose one of the list.")
    minutes = kept["alarm_minutes"]
    if not isinstance(minutes, int) or not 1 <= minutes <= MOST_ALARM_MINUTES:
        problems["alarm_minutes"] = _("Write a number from %(least)s to %(most)s.", least=1, most=MOST_ALARM_MINUTES)
    try:
        kept["cron"] = check_cron(values["cron"])
    except CronWrong as wrong:
        problems["cron"] = str(wrong.sentence)
    problems |= _check_work(by, values, stored, kept)
    if "cron" in kept and _next(session, kept["cron"], utc_now()) is None:
        problems["cron"] = _("This never comes: no month named here has such a day.")
    if problems:
        raise FieldProblems(problems)
    return kept


def _check_work(by: Actor, values: Mapping[str, Any], stored: Schedule | None, kept: dict[str, Any]) -> dict[str, str]:
    """Put `kind` and `args` into `kept`; what is wrong with them, by field.

    Who may not start the kind themselves may change the times of a room's own schedule, not what it does.
    """
    house = stored if stored is not None and stored.origin is not None else None
    kind = task_kinds().get(house.kind if house else values["kind"])
    if house and (kind is None or not _may_schedule(by, kind)):
        kept["kind"], kept["args"] = house.kind, house.args
        return {}
    if kind is None or not _may_schedule(by, kind):
        return {"kind": _("Choose what is to be done from the list.")}
    kept["kind"] = kind.name
    try:
        kept["args"] = checked_arguments(kind, values["args"])
    except FieldProblems as wrong:
        return {ARGUMENT + name: sentence for name, sentence in wrong.problems.items()}
    return {}
