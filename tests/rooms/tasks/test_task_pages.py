"""The pages of tasks: what each person sees, what refreshes, and what the buttons do."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.rooms.conftest import ENGLISH, Fill
from tests.rooms.tasks.makers import RememberingCarrier, make_line, make_process, make_task
from tests.rooms.tasks.test_steering import declare
from webapp.blueprints.accounts.models import User
from webapp.blueprints.tasks.models import State, Task
from webapp.core.clock import utc_now
from webapp.core.room import Panel, Room

SignIn = Callable[[str], FlaskClient]
HTMX = {**ENGLISH, "HX-Request": "true"}
PAGE = "/backoffice/tasks/"


@pytest.fixture(autouse=True)
def carrier(app: Flask, monkeypatch: pytest.MonkeyPatch) -> RememberingCarrier:
    declare(app, monkeypatch)
    remembering: RememberingCarrier = app.extensions["task_carrier"]
    return remembering


def user_of(session: Session, role: str) -> int:
    """The person who signed in last as that role."""
    number = session.scalar(select(func.max(User.id)).where(User.name == f"The {role}"))
    assert number is not None
    return number


def get(browser: FlaskClient, path: str, **headers: str) -> str:
    answer = browser.get(path, headers={**ENGLISH, **headers})
    assert answer.status_code == 200, answer.status
    return answer.text


def test_staff_see_their_own_tasks_and_the_owner_all(session: Session, sign_in: SignIn) -> None:
    owner, staff, viewer = sign_in("owner"), sign_in("staff"), sign_in("viewer")
    mine = make_task(session, user_id=user_of(session, "staff"), actor="Staff", progress_words="counting shelves")
    house = make_task(session, actor="system", progress_words="counting the house")
    session.commit()
    assert "counting shelves" in (page := get(staff, PAGE))
    assert "counting the house" not in page
    assert "counting shelves" in (page := get(owner, PAGE))
    assert "counting the house" in page
    assert "No tasks yet" in get(viewer, PAGE)
    assert staff.get(f"{PAGE}{mine.id}/").status_code == 200
    for path in ("", "log", "progress"):
        assert staff.get(f"{PAGE}{house.id}/{path}").status_code == 404
        assert viewer.get(f"{PAGE}{mine.id}/{path}").status_code == 404
    assert owner.get(f"{PAGE}{2**70}/").status_code == 404


def test_nobody_looks_without_signing_in(client: FlaskClient, session: Session) -> None:
    task = make_task(session)
    session.commit()
    for path in ("", "now", "durations", f"{task.id}/", f"{task.id}/log", f"{task.id}/progress"):
        answer = client.get(PAGE + path)
        assert answer.status_code == 302, path
        assert "/login" in answer.location


@pytest.mark.parametrize("deed", ["cancel", "retry", "retry-as-me"])
def test_what_steers_refuses_the_anonymous_the_stranger_and_the_wrong_role(
    session: Session, client: FlaskClient, fill: Fill, sign_in: SignIn, deed: str
) -> None:
    state = State.QUEUED if deed == "cancel" else State.FAILED
    owners = make_task(session, user_id=None, state=state)
    session.commit()
    before = session.scalar(select(func.count()).select_from(Task))

    assert client.post(f"{PAGE}{owners.id}/{deed}").status_code in (400, 302)
    assert fill(f"{PAGE}{owners.id}/{deed}", {}).status_code == 404
    assert fill(f"{PAGE}{owners.id}/{deed}", {}, role="viewer").status_code == 404
    if deed != "cancel":
        theirs = make_task(session, user_id=user_of(session, "viewer"), state=state)
        session.commit()
        before = (before or 0) + 1
        answer = fill(f"{PAGE}{theirs.id}/{deed}", {}, role="viewer")
        assert answer.status_code == 403
        assert "starting tasks of this kind" in answer.text
    assert sign_in("owner").post(f"{PAGE}{owners.id}/{deed}").status_code == 400, "without its token"
    session.expire_all()
    assert owners.state == state
    assert session.scalar(select(func.count()).select_from(Task)) == before


def test_the_buttons_do_what_they_say(session: Session, fill: Fill, carrier: RememberingCarrier) -> None:
    task = make_task(session)
    session.commit()
    address = f"{PAGE}{task.id}/"

    stopped = fill(f"{address}cancel", {}, role="owner")
    assert (stopped.status_code, stopped.location) == (303, address)
    session.expire_all()
    assert task.state == State.CANCELLED
    assert fill(f"{address}cancel", {}, role="owner").status_code == 409

    again = fill(f"{address}retry", {}, role="owner", **{"HX-Request": "true"})
    assert (again.status_code, again.headers["HX-Redirect"]) == (204, address)
    session.expire_all()
    assert task.state == State.QUEUED
    assert carrier.sent == [(task.id, "default")]
    assert fill(f"{address}retry", {}, role="owner").status_code == 409

    fill(f"{address}cancel", {}, role="owner")
    copied = fill(f"{address}retry-as-me", {}, role="owner")
    assert copied.status_code == 303
    assert copied.location != address
    assert session.scalar(select(Task.actor).order_by(Task.id.desc()).limit(1)) == "The owner"


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        (State.QUEUED, {"cancel"}),
        (State.RUNNING, {"cancel"}),
        (State.DONE, {"retry-as-me"}),
        (State.FAILED, {"retry", "retry-as-me"}),
        (State.CANCELLED, {"retry", "retry-as-me"}),
        (State.LOST, {"retry", "retry-as-me"}),
    ],
)
def test_a_task_offers_what_can_be_done_with_it(
    session: Session, sign_in: SignIn, state: State, buttons: set[str]
) -> None:
    task = make_task(session, state=state)
    session.commit()
    page = get(sign_in("owner"), f"{PAGE}{task.id}/")
    assert set(re.findall(rf'action="{PAGE}{task.id}/([a-z-]+)"', page)) == buttons


def test_a_viewer_is_offered_no_retry_that_would_be_refused(session: Session, sign_in: SignIn) -> None:
    viewer = sign_in("viewer")
    task = make_task(session, state=State.FAILED, user_id=user_of(session, "viewer"))
    session.commit()
    assert "/retry" not in get(viewer, f"{PAGE}{task.id}/")


def test_the_page_of_a_task_tells_all_of_it(session: Session, sign_in: SignIn) -> None:
    started = utc_now() - dt.timedelta(seconds=125)
    parent = make_task(session, kind="test.house")
    task = make_task(
        session, kind="test.typed", args={"days": 3}, state=State.FAILED, error="The shelf <is> empty.", attempts=2,
        started_at=started, finished_at=started + dt.timedelta(seconds=125), result={"rows": 1234}, parent_id=parent.id,
        created_at=started - dt.timedelta(seconds=4), request_id="abc-def-123", worker="house-7",
    )  # fmt: skip
    make_line(session, task, "Reading <march>.csv")
    make_line(session, task, "A row is strange", level="warning")
    part = make_task(session, kind="test.house", parent_id=task.id, state=State.DONE)
    session.commit()
    page = get(sign_in("owner"), f"{PAGE}{task.id}/")
    for told in (
        "Failed", "The shelf &lt;is&gt; empty.", "Ada", "2 min 5 s", "4 s", "2 of at most 3", "1234", "abc-def-123",
        "house-7", "Reading &lt;march&gt;.csv", "Warning", f"#{part.id}", f"#{parent.id}", ">3<",
    ):  # fmt: skip
        assert told in page, told


def test_a_task_that_runs_asks_for_itself_again_and_one_that_ended_does_not(session: Session, sign_in: SignIn) -> None:
    owner = sign_in("owner")
    task = make_task(session, state=State.RUNNING, progress_done=25, progress_total=100, progress_words="of march.csv")
    session.commit()
    page = get(owner, f"{PAGE}{task.id}/")
    assert 'hx-trigger="every 2s"' in page
    assert re.search(r'<progress[^>]*max="100" value="25"', page)
    assert "25 of 100" in page
    fragment = owner.get(f"{PAGE}{task.id}/?seen=running", headers=HTMX)
    assert "<html" not in fragment.text
    assert "HX-Push-Url" not in fragment.headers
    assert 'hx-swap-oob="innerHTML"' not in fragment.text

    task.state, task.finished_at, task.token, task.lease_until = State.DONE, utc_now(), None, None
    session.commit()
    last = get(owner, f"{PAGE}{task.id}/?seen=running", **{"HX-Request": "true"})
    assert "hx-trigger" not in last
    assert "State of the task: Done" in last


def test_a_cancelled_task_says_who_and_one_that_stops_says_that_it_does(session: Session, sign_in: SignIn) -> None:
    owner = sign_in("owner")
    stops = make_task(session, state=State.RUNNING, cancel_asked_at=utc_now(), cancel_asked_by="Grace")
    stopped = make_task(session, state=State.CANCELLED, cancel_asked_at=utc_now(), cancel_asked_by="Grace")
    later = make_task(session, not_before=utc_now() + dt.timedelta(hours=1))
    session.commit()
    page = get(owner, f"{PAGE}{stops.id}/")
    assert "Grace asked it to stop" in page
    assert "/cancel" not in page
    assert "Grace cancelled it." in get(owner, f"{PAGE}{stopped.id}/")
    assert "It waits until" in get(owner, f"{PAGE}{later.id}/")


def test_without_a_worker_or_scheduler_or_broker_the_list_says_so_in_words(session: Session, sign_in: SignIn) -> None:
    owner = sign_in("owner")
    page = get(owner, PAGE)
    assert "No worker is there. Work is accepted and waits" in page
    assert "No scheduler is there" in page
    make_process(session, "worker")
    make_process(session, "scheduler", seen_at=utc_now() - dt.timedelta(seconds=31))
    session.commit()
    now = get(owner, f"{PAGE}now", **{"HX-Request": "true"})
    assert "No worker is there" not in now
    assert "worker of the test" in now
    assert "No scheduler is there" in now
    make_process(session, "scheduler", name="another", note="The broker does not answer.")
    session.commit()
    now = get(owner, f"{PAGE}now", **{"HX-Request": "true"})
    assert "No scheduler is there" not in now
    assert "The broker does not answer. Work is accepted and waits." in now


def test_what_runs_and_waits_now_is_told_and_refreshes(session: Session, sign_in: SignIn) -> None:
    runs = make_task(session, state=State.RUNNING, progress_words="half of it", actor="Grace")
    for queue in ("default", "slow", "slow"):
        make_task(session, queue=queue, not_before=utc_now() + dt.timedelta(hours=1) if queue == "default" else None)
    session.commit()
    owner = sign_in("owner")
    now = owner.get(f"{PAGE}now", headers=HTMX)
    assert "HX-Push-Url" not in now.headers
    for told in ("1 task runs", "half of it", "Grace", f"{PAGE}{runs.id}/", "Queue slow", "2 tasks wait", "1 of them"):
        assert told in now.text, told
    assert 'hx-trigger="every 2s"' in now.text
    assert owner.get(f"{PAGE}now").location == PAGE
    mine = get(sign_in("staff"), f"{PAGE}now", **{"HX-Request": "true"})
    assert "Nothing runs now" in mine
    assert "Nothing waits" in mine


def test_the_list_is_searched_filtered_and_exported(session: Session, sign_in: SignIn) -> None:
    owner = sign_in("owner")
    failed = make_task(session, state=State.FAILED, error="The shelf is empty.", actor="Grace")
    waits = make_task(session, kind="test.house", created_at=utc_now() - dt.timedelta(days=9))
    session.commit()
    numbers = {failed.id, waits.id}
    today = utc_now().date()

    def found(query: str) -> set[int]:
        text = get(owner, f"{PAGE}?{query}", **{"HX-Request": "true"})
        return numbers & {int(number) for number in re.findall(rf'href="{PAGE}(\d+)/"', text)}

    assert found("") == numbers
    assert found("state=failed") == {failed.id}
    assert found("kind=test.house") == {waits.id}
    assert found("actor=grace") == {failed.id}
    assert found("q=SHELF") == {failed.id}
    assert found(f"q={waits.id}") == {waits.id}
    assert found(f"from={today - dt.timedelta(days=2)}") == {failed.id}
    assert found(f"to={today - dt.timedelta(days=2)}") == {waits.id}
    for sort in ("kind", "-state", "number"):
        assert found(f"sort={sort}") == numbers
    export = owner.get(f"{PAGE}?state=failed&format=csv", headers=ENGLISH)
    assert "The shelf is empty." in export.text
    assert len(export.text.strip().splitlines()) == 2


def test_durations_are_told_by_kind_with_failures(session: Session, sign_in: SignIn) -> None:
    owner, staff = sign_in("owner"), sign_in("staff")
    ended = utc_now() - dt.timedelta(days=1)
    for seconds in range(1, 101):
        make_task(session, state=State.DONE, started_at=ended - dt.timedelta(seconds=seconds), finished_at=ended)
    make_task(session, state=State.FAILED)
    make_task(session, state=State.LOST)
    make_task(session, state=State.CANCELLED)
    old = ended - dt.timedelta(days=31)
    make_task(session, kind="test.house", state=State.DONE, started_at=old, finished_at=old)
    session.commit()
    page = get(owner, f"{PAGE}durations")
    cells = [cell.strip() for cell in re.findall(r'class="num">([^<]*)</td>', page)]
    assert cells == ["103", "2", "1", "50 s", "1 min 35 s"]
    assert "No task ended" in get(staff, f"{PAGE}durations", **{"HX-Request": "true"})


def test_a_long_log_shows_its_end_and_leads_to_the_whole(session: Session, sign_in: SignIn) -> None:
    owner = sign_in("owner")
    task = make_task(session, state=State.RUNNING)
    for number in range(205):
        make_line(session, task, f"line {number:03}")
    session.commit()
    page = get(owner, f"{PAGE}{task.id}/")
    assert "line 005" in page
    assert "line 004" not in page
    assert "The whole log" in page
    assert "line 000" in get(owner, f"{PAGE}{task.id}/log")
    assert "line 204" in get(owner, f"{PAGE}{task.id}/log?q=LINE+204")


def test_a_room_shows_its_own_on_the_page_of_a_task(
    app: Flask, session: Session, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def render(task: Task) -> str:
        return f"<p>File of task {task.id}</p>" if task.kind == "test.page" else ""

    room = Room(name="shelves", title="Shelves", panels=(Panel("tasks.task", "tasks:tasks:own", render),))
    monkeypatch.setitem(app.extensions, "rooms", (*app.extensions["rooms"], room))
    task = make_task(session, state=State.DONE)
    session.commit()
    assert f"<p>File of task {task.id}</p>" in get(sign_in("owner"), f"{PAGE}{task.id}/")


def test_a_page_of_another_room_shows_how_far_a_task_is(app: Flask, session: Session, sign_in: SignIn) -> None:
    owner = sign_in("owner")
    task = make_task(session, state=State.RUNNING, progress_done=1, progress_total=4)
    session.commit()
    with app.test_request_context():
        drawn = render_template_string(
            '{% from "ui/tasks.html" import task_progress %}{{ task_progress(task, then="/backoffice/imports/") }}',
            task=task,
        )
    address = re.search(r'hx-get="([^"]+)"', drawn)
    assert address
    path = address[1].replace("&amp;", "&")
    assert "25" in drawn
    assert 'hx-trigger="every 2s"' in get(owner, path, **{"HX-Request": "true"})
    assert owner.get(path).location == f"{PAGE}{task.id}/"

    task.state, task.finished_at, task.token, task.lease_until = State.DONE, utc_now(), None, None
    session.commit()
    assert owner.get(path, headers=HTMX).headers["HX-Redirect"] == "/backoffice/imports/"
    ended = get(owner, f"{PAGE}{task.id}/progress", **{"HX-Request": "true"})
    assert "hx-trigger" not in ended
    assert f'href="{PAGE}{task.id}/"' in ended


@pytest.mark.parametrize(
    "then", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "/a\nb"]
)
def test_progress_leads_nowhere_outside(session: Session, sign_in: SignIn, then: str) -> None:
    task = make_task(session, state=State.DONE)
    session.commit()
    answer: Any = sign_in("owner").get(f"{PAGE}{task.id}/progress", query_string={"then": then}, headers=HTMX)
    assert answer.status_code == 200
    assert "HX-Redirect" not in answer.headers
    assert "evil" not in answer.text
    assert "javascript" not in answer.text


def test_a_kind_that_no_open_room_knows_is_shown_by_its_name(session: Session, sign_in: SignIn) -> None:
    task = make_task(session, kind="gone.away", state=State.FAILED)
    session.commit()
    page = get(sign_in("owner"), f"{PAGE}{task.id}/")
    assert "gone.away" in page
    assert "/retry" not in page
