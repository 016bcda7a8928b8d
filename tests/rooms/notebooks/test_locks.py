"""The lock of a notebook: a lease that others run against, wherever they come from, and that leaves a trace."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.rooms.notebooks.makers import browser_of, make_notebook, make_team, run_notebook
from tests.rooms.workspaces.makers import actor_for, make_analyst
from webapp.blueprints.notebooks.models import Notebook
from webapp.blueprints.notebooks.queries.notebooks import find_lock, list_lock_events
from webapp.blueprints.notebooks.services.locks import (
    NotebookLocked,
    NotYourLock,
    lock_notebook,
    take_lock_over,
    unlock_notebook,
)
from webapp.blueprints.notebooks.services.notebooks import delete_notebook, update_notebook
from webapp.blueprints.notebooks.services.wishes import restart_notebook, start_notebook, stop_notebook
from webapp.core.clock import utc_now
from webapp.core.errors import FieldProblems, NotAllowed, NotFound
from webapp.core.security import SYSTEM, Actor

Team = tuple[Actor, Actor, Notebook]
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def team(session: Session) -> Team:
    """The owner of a group, a member, and a running notebook."""
    owner, member, project = make_team(session)
    notebook = run_notebook(session, make_notebook(session, project=project, slug="sales"))
    return actor_for(owner), actor_for(member), notebook


def kinds(session: Session, notebook: Notebook) -> list[str]:
    return [event.kind for event in reversed(list_lock_events(session, notebook.id))]


def test_a_lock_keeps_every_deed_of_others_away(session: Session, team: Team) -> None:
    owner, member, notebook = team
    lock_notebook(session, by=member, slug="sales", reason="month end")
    for deed in (start_notebook, stop_notebook, restart_notebook, lock_notebook, unlock_notebook):
        with pytest.raises(NotebookLocked, match="month end") as problem:
            deed(session, by=owner, slug="sales")
        assert problem.value.status == 423
    with pytest.raises(NotebookLocked):
        update_notebook(session, by=owner, slug="sales", version=notebook.version, name="x", description="")
    with pytest.raises(NotebookLocked):
        delete_notebook(session, by=owner, slug="sales", version=notebook.version)
    stop_notebook(session, by=member, slug="sales")  # its owner goes on


def test_a_lock_ends_by_itself_and_the_next_one_notices(session: Session, team: Team) -> None:
    owner, member, notebook = team
    now = utc_now()
    lock_notebook(session, by=member, slug="sales", minutes=60, now=now - 2 * HOUR)
    assert find_lock(session, notebook.id, now=now) is None
    lock_notebook(session, by=owner, slug="sales", now=now)
    assert kinds(session, notebook) == ["taken", "run out", "taken"]


def test_locking_again_renews_ones_own_lock(session: Session, team: Team) -> None:
    _owner, member, notebook = team
    now = utc_now()
    first = lock_notebook(session, by=member, slug="sales", minutes=15, now=now).until
    assert lock_notebook(session, by=member, slug="sales", minutes=240, now=now).until > first
    unlock_notebook(session, by=member, slug="sales")
    assert kinds(session, notebook) == ["taken", "renewed", "released"]
    with pytest.raises(NotYourLock):
        unlock_notebook(session, by=member, slug="sales")


def test_the_owner_of_the_group_takes_a_lock_over_and_the_trace_says_from_whom(session: Session, team: Team) -> None:
    owner, member, notebook = team
    with pytest.raises(NotYourLock):
        take_lock_over(session, by=owner, slug="sales")
    lock_notebook(session, by=member, slug="sales")
    held = take_lock_over(session, by=owner, slug="sales", reason="they are ill")
    assert (held.user_id, held.taken_over_from) == (owner.user_id, member.user_id)
    event = list_lock_events(session, notebook.id)[0]
    assert (event.kind, event.user_id, event.from_user_id) == ("taken over", owner.user_id, member.user_id)
    with pytest.raises(NotebookLocked):
        stop_notebook(session, by=member, slug="sales")


def test_a_member_takes_nothing_over_and_a_stranger_finds_nothing(session: Session, team: Team) -> None:
    owner, member, _notebook = team
    lock_notebook(session, by=owner, slug="sales")
    with pytest.raises(NotAllowed):
        take_lock_over(session, by=member, slug="sales")
    _user, stranger = make_analyst(session)
    for deed in (lock_notebook, unlock_notebook, take_lock_over, stop_notebook):
        with pytest.raises(NotFound):
            deed(session, by=stranger, slug="sales")


def test_the_house_stops_a_locked_notebook_and_a_command_opens_the_lock(session: Session, team: Team) -> None:
    _owner, member, notebook = team
    lock_notebook(session, by=member, slug="sales")
    stop_notebook(session, by=SYSTEM, slug="sales")
    unlock_notebook(session, by=SYSTEM, slug="sales")
    assert find_lock(session, notebook.id, now=utc_now()) is None
    with pytest.raises(NotAllowed):
        lock_notebook(session, by=SYSTEM, slug="sales")  # a lock is a person's


@pytest.mark.parametrize(("minutes", "reason"), [(0, ""), (1441, ""), (60, "x" * 301)])
def test_a_lock_lasts_a_day_at_most_and_its_reason_is_short(
    session: Session, team: Team, minutes: int, reason: str
) -> None:
    with pytest.raises(FieldProblems):
        lock_notebook(session, by=team[1], slug="sales", minutes=minutes, reason=reason)


def test_the_api_says_423_to_others_and_who_has_it(app: Flask, session: Session) -> None:
    owner, member, project = make_team(session)
    make_notebook(session, project=project, slug="sales")
    member.name = "Bruno Riva"
    session.commit()
    mine, theirs = browser_of(app, session, member), browser_of(app, session, owner)
    app.config["WTF_CSRF_METHODS"], before = set(), app.config["WTF_CSRF_METHODS"]
    try:
        address = "/api/v1/workspaces/notebooks/sales"
        held = mine.post(f"{address}/lock", json={"minutes": 30, "reason": "audit"})
        assert held.status_code == 200, held.text
        assert held.get_json()["lock"]["name"] == "Bruno Riva"
        refused = theirs.post(f"{address}/start")
        assert refused.status_code == 423
        assert "audit" in refused.get_json()["detail"]
        assert theirs.post(f"{address}/lock", json={"take_over": True}).status_code == 200
        assert mine.post(f"{address}/unlock").status_code == 423
        assert theirs.post(f"{address}/unlock").get_json()["lock"] is None
    finally:
        app.config["WTF_CSRF_METHODS"] = before
