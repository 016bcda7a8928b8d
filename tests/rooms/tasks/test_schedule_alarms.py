"""Alarms: what was due and did not run is told once, shown until somebody has seen it, and mailed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from tests.rooms.tasks.schedules import REPORT, at, make_schedule, reasons
from webapp.blueprints.tasks.models import Schedule, State, Task
from webapp.blueprints.tasks.services.alarms import (
    alarm_in_words,
    list_alarms,
    list_overdue,
    list_unseen,
    see_alarms,
)
from webapp.blueprints.tasks.services.schedules import pause_schedule, raise_alarms, run_now, start_due
from webapp.core.company import get_company
from webapp.core.errors import NotAllowed
from webapp.core.mail import Letter
from webapp.core.security import SYSTEM, Actor

NOON = at("2026-11-21T12:00")


def later(minutes: float) -> dt.datetime:
    return NOON + dt.timedelta(minutes=minutes)


@pytest.fixture(autouse=True)
def kind(app: Flask) -> None:
    app.extensions["task_kinds"][REPORT.name] = REPORT


@pytest.fixture
def schedule(session: Session) -> Schedule:
    return make_schedule(session, now=later(-30), alarm_minutes=15)


def started(session: Session, state: State, *, created_at: dt.datetime = NOON) -> Task:
    """The task of the noon slot, in that state."""
    [task] = start_due(session, NOON)
    values: dict[str, object] = {"state": state, "created_at": created_at}
    if state == State.RUNNING:
        values |= {"token": "00000000-0000-0000-0000-000000000001", "lease_until": later(1)}
    elif state != State.QUEUED:
        values["finished_at"] = later(1)
    session.execute(update(Task).where(Task.id == task.id).values(**values))
    session.expire_all()
    return task


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (State.QUEUED, "waiting"),
        (State.RUNNING, "running"),
        (State.FAILED, "failed"),
        (State.LOST, "lost"),
        (State.DONE, None),
        (State.CANCELLED, None),
    ],
)
def test_a_slot_without_a_task_that_is_done_raises_one_alarm(
    session: Session, schedule: Schedule, state: State, reason: str | None
) -> None:
    started(session, state)
    assert raise_alarms(session, later(14.9)) == []
    raise_alarms(session, later(15))
    assert raise_alarms(session, later(16)) == []
    assert reasons(session, schedule) == ([("12:00", reason)] if reason else [])


def test_a_slot_that_nobody_started_raises_an_alarm(session: Session, schedule: Schedule) -> None:
    assert raise_alarms(session, later(14)) == []
    assert list_overdue(session, later(14)) == []
    assert list_overdue(session, later(15)) == [schedule]
    raise_alarms(session, later(15))
    assert reasons(session, schedule) == [("12:00", "not_started")]


def test_a_task_that_failed_and_was_repeated_well_raises_none(session: Session, schedule: Schedule) -> None:
    task = started(session, State.FAILED)
    again = Task(
        kind=task.kind, args={}, queue="default", key=task.key, actor="x", most_attempts=1, schedule_id=schedule.id,
        state="done", finished_at=later(2),
    )  # fmt: skip
    session.add(again)
    session.flush()
    assert raise_alarms(session, later(20)) == []


def test_what_was_made_up_later_has_its_time_from_then(session: Session, schedule: Schedule) -> None:
    started(session, State.QUEUED, created_at=later(300))
    session.execute(text("UPDATE tasks_schedules SET next_at = :at"), {"at": later(600)})
    assert raise_alarms(session, later(310)) == []
    assert len(raise_alarms(session, later(315))) == 1


def test_a_run_that_a_person_started_raises_none(session: Session, schedule: Schedule) -> None:
    task = run_now(session, by=SYSTEM, schedule_id=schedule.id)
    session.execute(
        text("UPDATE tasks_tasks SET state = 'failed', finished_at = now(), created_at = :at"), {"at": NOON}
    )
    start_due(session, NOON)
    session.execute(text("UPDATE tasks_tasks SET state = 'done', finished_at = now() WHERE id <> :id"), {"id": task.id})
    assert raise_alarms(session, later(50)) == []


def test_a_paused_schedule_raises_none(session: Session, schedule: Schedule) -> None:
    started(session, State.FAILED)
    pause_schedule(session, by=SYSTEM, schedule_id=schedule.id)
    assert raise_alarms(session, later(60)) == []
    assert list_overdue(session, later(600)) == []


def test_alarms_are_shown_by_schedule_until_they_are_seen(session: Session, schedule: Schedule) -> None:
    task = started(session, State.FAILED)
    raise_alarms(session, later(15))
    raise_alarms(session, later(75))  # nobody started the slot of one o'clock either
    [unseen] = list_unseen(session)
    assert (unseen.schedule, unseen.count, unseen.last.due_at, unseen.task) == (schedule, 2, later(60), None)
    with pytest.raises(NotAllowed):
        see_alarms(session, by=Actor("v", 1), schedule_id=schedule.id, until=unseen.last.id)
    raise_alarms(session, later(75))
    see_alarms(session, by=SYSTEM, schedule_id=schedule.id, until=unseen.last.id)
    assert list_unseen(session) == []
    assert [alarm.seen_by for alarm in list_alarms(session, schedule.id)] == ["system", "system"]
    assert task.state == State.FAILED


def test_an_alarm_says_when_its_task_was_done_after_all(session: Session, schedule: Schedule) -> None:
    task = started(session, State.QUEUED)
    raise_alarms(session, later(15))
    assert not list_unseen(session)[0].mended
    session.execute(update(Task).where(Task.id == task.id).values(state=State.DONE, finished_at=later(20)))
    session.expire_all()
    assert list_unseen(session)[0].mended


def test_alarms_that_were_seen_long_ago_are_forgotten(session: Session, schedule: Schedule) -> None:
    started(session, State.FAILED)
    raise_alarms(session, later(15))
    session.execute(text("UPDATE tasks_alarms SET seen_at = :at"), {"at": NOON})
    raise_alarms(session, NOON + dt.timedelta(days=89))
    assert reasons(session, schedule)[0] == ("12:00", "failed")
    session.execute(text("UPDATE tasks_schedules SET paused = true, next_at = NULL"))
    raise_alarms(session, NOON + dt.timedelta(days=91))
    assert list_alarms(session, schedule.id) == [
        alarm for alarm in list_alarms(session, schedule.id) if not alarm.seen_at
    ]


def test_an_alarm_is_a_plain_sentence(session: Session, schedule: Schedule) -> None:
    started(session, State.FAILED)
    [alarm] = raise_alarms(session, later(15))
    said = alarm_in_words(alarm, schedule.name, get_company(session), "en")
    assert said == f"“{schedule.name}” was due on Saturday, 21 November 2026 at 13:00 and did not work."


@pytest.fixture
def addressed(app: Flask, session: Session) -> Iterator[None]:
    """The company has an e-mail address, and the outbox is one that the test can read."""
    before = app.extensions["mail_outbox"]
    app.extensions["mail_outbox"] = OpenOutbox()
    get_company(session).email = "info@bottega.it"
    session.flush()
    yield
    app.extensions["mail_outbox"] = before


class OpenOutbox:
    """Keeps letters where a test reads them, each cause once."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def put(self, session: Session, letter: Letter, *, by: Actor) -> None:  # noqa: ARG002 - the port asks for it
        if letter.cause not in [known.cause for known in self.letters]:
            self.letters.append(letter)


def mails(app: Flask) -> list[Letter]:
    outbox = app.extensions["mail_outbox"]
    assert isinstance(outbox, OpenOutbox)
    return outbox.letters


@pytest.mark.usefixtures("addressed")
def test_the_company_is_mailed_once_until_somebody_has_seen_it(
    app: Flask, session: Session, schedule: Schedule
) -> None:
    started(session, State.FAILED)
    raise_alarms(session, later(15))
    raise_alarms(session, later(75))
    [mail] = mails(app)
    assert mail.to == "info@bottega.it"
    for said in (mail.text, mail.html):
        assert "sabato 21 novembre 2026" in said
        assert schedule.name in said
        assert "/backoffice/tasks/schedules/" in said
    assert not mail.secret
    see_alarms(session, by=SYSTEM, schedule_id=schedule.id, until=list_unseen(session)[0].newest)
    session.execute(text("UPDATE tasks_schedules SET next_at = :at"), {"at": later(120)})
    raise_alarms(session, later(140))
    assert len(mails(app)) == 2


@pytest.mark.usefixtures("addressed")
def test_several_alarms_at_once_are_one_mail(app: Flask, session: Session, schedule: Schedule) -> None:
    other = make_schedule(session, now=later(-30))
    raise_alarms(session, later(15))
    [mail] = mails(app)
    assert schedule.name in mail.text
    assert other.name in mail.text


@pytest.mark.usefixtures("addressed")
def test_without_an_address_no_mail_is_asked_for(app: Flask, session: Session, schedule: Schedule) -> None:
    get_company(session).email = ""
    assert len(raise_alarms(session, later(15))) == 1
    assert mails(app) == []


@pytest.mark.usefixtures("addressed")
def test_an_alarm_stands_even_when_its_mail_cannot_be_asked_for(
    app: Flask, session: Session, schedule: Schedule
) -> None:
    del app.extensions["mail_outbox"]  # the mail room is not open
    assert len(raise_alarms(session, later(15))) == 1
