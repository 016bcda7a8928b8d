"""Marks on the time: versions that go live mark themselves once, people write notes, all charts over time show them."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.rooms.conftest import ENGLISH
from tests.rooms.traffic.browsing import PAGE, SignIn, send
from tests.rooms.traffic.makers import as_json, store
from webapp.blueprints.traffic.models import TimeMark
from webapp.blueprints.traffic.services.marks import add_note, mark_release
from webapp.core.charts import Mark, Point, bars, with_marks
from webapp.core.clock import utc_now
from webapp.core.db import transaction
from webapp.core.security import SYSTEM

NOON = dt.datetime.combine(dt.datetime.now(dt.UTC).date() - dt.timedelta(days=2), dt.time(10), dt.UTC)
DAYS = f"from={NOON.date()}&to={NOON.date()}"


@pytest.fixture
def lines(session: Session, tmp_path: Path) -> None:
    """Four hits of two hours."""
    hits = [as_json(NOON + dt.timedelta(minutes=30 * n), request_id=f"{n:032x}") for n in range(4)]
    store(session, tmp_path, hits)


def specs(page: str) -> list[dict[str, Any]]:
    found = re.findall(r"data-chart-spec>(.*?)</script>", page, re.DOTALL)
    return [json.loads(unescape(each)) for each in found]


def drawn_marks(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [mark for layer in spec.get("layer", ()) for mark in layer.get("data", {}).get("values", ())]


@pytest.mark.usefixtures("session")
def test_a_version_is_marked_when_it_is_seen_first_and_never_again() -> None:
    with transaction() as session:
        assert mark_release(session, by=SYSTEM, release="1.2.0", at=NOON)
        assert not mark_release(session, by=SYSTEM, release="1.2.0", at=utc_now())
        assert mark_release(session, by=SYSTEM, release="1.3.0", at=utc_now())
        assert not mark_release(session, by=SYSTEM, release="", at=utc_now())
    assert session.query(TimeMark.at).filter_by(release="1.2.0").scalar() == NOON


def test_eight_processes_of_a_new_version_leave_one_mark(fresh_app: Flask) -> None:
    def start(_number: int) -> bool:
        with fresh_app.app_context(), transaction() as session:
            return mark_release(session, by=SYSTEM, release="2.0.0", at=utc_now())

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(start, range(8))) == [False] * 7 + [True]
    with fresh_app.app_context(), transaction() as session:
        assert session.query(TimeMark).count() == 1


@pytest.mark.usefixtures("lines")
def test_every_chart_over_time_draws_the_marks_of_its_days_and_lists_them_below(
    sign_in: SignIn, session: Session
) -> None:
    note = add_note(session, by=SYSTEM, at=NOON + dt.timedelta(minutes=65), text="Fair of <Faenza>")
    add_note(session, by=SYSTEM, at=NOON - dt.timedelta(days=3), text="long before")
    mark_release(session, by=SYSTEM, release="1.2.0", at=NOON)
    session.commit()
    staff = sign_in("staff")
    for section in ("", "figures/answers/", "figures/speed/"):
        page = staff.get(f"{PAGE}{section}?{DAYS}", headers=ENGLISH).text
        marks = drawn_marks(specs(page)[0])
        assert [(mark["kind"], mark["text"]) for mark in marks] == [
            ("new version", "1.2.0"), ("note", "Fair of <Faenza>")
        ], section  # fmt: skip
        labels = {point["label"] for point in specs(page)[0]["data"]["values"]}
        assert {mark["label"] for mark in marks} <= labels
        assert marks[1]["url"] == f"{PAGE}marks/{note.id}/"
        assert "Marks on the charts" in page
        assert "Fair of &lt;Faenza&gt;" in page
        assert "long before" not in page
    by_hour = specs(staff.get(f"{PAGE}?{DAYS}&grain=hour", headers=ENGLISH).text)[0]
    assert len({mark["label"] for mark in drawn_marks(by_hour)}) == 2


def test_marks_outside_of_what_a_chart_shows_leave_it_as_it_is() -> None:
    spec = bars([Point(key="1", label="Monday", value=1, text="1", url="/")], title="Hits")
    other = Mark(label="Tuesday", kind="note", shape="circle", text="later", url="/")
    assert with_marks(spec, [other]) == spec


def test_the_staff_write_notes_without_scripts_and_delete_them(sign_in: SignIn, session: Session) -> None:
    staff = sign_in("staff")
    assert 'type="datetime-local"' in staff.get(f"{PAGE}marks/new").text
    assert send(staff, "marks/new", at="2026-11-20T10:30", text=" Newsletter ") == 303
    mark = session.query(TimeMark).one()
    assert (mark.text, mark.at) == ("Newsletter", dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC))
    assert "Newsletter" in staff.get(f"{PAGE}marks/").text
    assert "Newsletter" in staff.get(f"{PAGE}marks/{mark.id}/").text
    assert "Newsletter" in staff.get(f"{PAGE}marks/{mark.id}/delete").text
    assert staff.head(f"{PAGE}marks/{mark.id}/delete").status_code == 200
    assert session.query(TimeMark).count() == 1  # who only looks deletes nothing
    assert send(staff, f"marks/{mark.id}/delete", version="1") == 303
    assert session.query(TimeMark).count() == 0


@pytest.mark.parametrize(
    "data",
    [
        {"at": "2026-11-20T10:30"},
        {"text": "x"},
        {"at": "x", "text": "x"},
        {"at": "0001-01-01T00:00", "text": "x"},
        {"at": "2026-11-20T10:30", "text": "x" * 301},
    ],
)
def test_a_note_without_a_moment_or_a_text_is_refused_beside_its_field(sign_in: SignIn, data: dict[str, str]) -> None:
    assert send(sign_in("staff"), "marks/new", **data) == 422


def test_that_a_version_went_live_cannot_be_deleted(sign_in: SignIn, session: Session) -> None:
    mark_release(session, by=SYSTEM, release="1.2.0", at=NOON)
    session.commit()
    mark = session.query(TimeMark).one()
    assert send(sign_in("owner"), f"marks/{mark.id}/delete", version="1") == 409
    assert session.query(TimeMark).count() == 1


def test_a_viewer_neither_sees_nor_writes_marks(sign_in: SignIn) -> None:
    viewer = sign_in("viewer")
    assert viewer.get(f"{PAGE}marks/").status_code == 403
    assert send(viewer, "marks/new", at="2026-11-20T10:30", text="x") == 403


def test_notes_and_versions_are_marked_by_command(bottega: Callable[..., Any], session: Session) -> None:
    assert "Marked" in bottega("traffic", "note", "Fair", "--at", "2026-11-20T10:30").output
    assert "Marked" in bottega("traffic", "note", "--deploy", "3.0.0").output
    assert "before" in bottega("traffic", "note", "--deploy", "3.0.0").output
    assert bottega("traffic", "note", "").exit_code == 2
    assert bottega("traffic", "note", "x", "--at", "noon").exit_code == 2
    assert sorted(kind for (kind,) in session.query(TimeMark.kind)) == ["deploy", "note"]
