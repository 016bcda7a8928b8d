"""The notice above the site is shown in its time and language, and staff write it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.rooms.navigation.makers import send
from webapp.blueprints.navigation.models import Notice
from webapp.blueprints.navigation.queries import find_notice, is_shown
from webapp.core.clock import utc_now

SignIn = Callable[[str], FlaskClient]
URL = "/backoffice/site/notice"
NOON = dt.datetime(2027, 3, 28, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def tell(session: Session, **changes: Any) -> Notice:
    notice = Notice(**{"id": 1, "text_it": "Chiuso domani", "text_en": "Closed tomorrow"} | changes)
    session.add(notice)
    session.commit()
    return notice


def typed(**changes: str) -> dict[str, str]:
    return {"version": "0", "active": "y", "text_it": "Chiusi", "text_en": "Closed", "kind": "info"} | changes


def home(client: FlaskClient, language: str = "en") -> str:
    return client.get("/", headers={"Accept-Language": language}, follow_redirects=True).text


@pytest.mark.parametrize(
    ("starts", "ends", "shown"),
    [(None, None, True), (0, None, True), (1, None, False), (None, 0, False), (None, 1, True), (-1, 1, True)],
)
def test_it_is_shown_from_its_start_until_just_before_its_end(
    starts: int | None, ends: int | None, shown: bool
) -> None:
    at = [None if hours is None else NOON + hours * HOUR for hours in (starts, ends)]
    assert is_shown(Notice(active=True, starts_at=at[0], ends_at=at[1]), NOON) is shown
    assert not is_shown(Notice(active=False, starts_at=at[0], ends_at=at[1]), NOON)


def test_strangers_read_it_in_their_language_and_get_no_cookie(session: Session, client: FlaskClient) -> None:
    tell(session, text_en="")
    assert "Chiuso domani" in home(client, "it")
    assert "site-notice" not in home(client, "en")
    answer = client.get("/", headers={"Accept-Language": "it"}, follow_redirects=True)
    assert "Set-Cookie" not in answer.headers


def test_what_is_over_is_not_shown(session: Session, client: FlaskClient) -> None:
    tell(session, ends_at=utc_now() - HOUR)
    assert "Closed tomorrow" not in home(client)


def test_its_words_are_words_only_and_its_link_leads_to_public_pages(session: Session, client: FlaskClient) -> None:
    tell(session, text_en="<script>alert(1)</script>", link_en="/en/never-there", link_label_en="Read more")
    page = home(client)
    assert "<script>alert(1)" not in page
    assert "Read more" not in page


def test_staff_write_it_and_times_are_of_the_company(session: Session, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    data = typed(starts_at="2027-07-01T00:00", ends_at="2027-12-31T23:59", link_it="/it", link_label_it="Leggi")
    assert send(staff, URL, data=data).status_code == 303
    notice = find_notice(session)
    assert notice
    assert notice.starts_at == dt.datetime(2027, 6, 30, 22, tzinfo=dt.UTC)
    assert notice.ends_at == dt.datetime(2027, 12, 31, 22, 59, tzinfo=dt.UTC)
    assert 'value="2027-07-01T00:00"' in staff.get(URL).text


@pytest.mark.parametrize(
    "changes",
    [
        {"text_it": " "},
        {"starts_at": "2027-07-02T00:00", "ends_at": "2027-07-01T00:00"},
        {"starts_at": "2027-07-02T00:00", "ends_at": "2027-07-02T00:00"},
        {"starts_at": "not a date"},
        {"starts_at": "0001-01-01T00:00"},
        {"ends_at": "9999-12-31T23:59"},
        {"link_it": "javascript:alert(1)", "link_label_it": "x"},
        {"link_it": "/it"},
        {"link_label_it": "Leggi"},
        {"kind": "loud"},
        {"text_it": "x" * 301},
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(
    session: Session, sign_in: SignIn, changes: dict[str, str]
) -> None:
    answer = send(sign_in("staff"), URL, data=typed(**changes))
    assert answer.status_code == 422
    assert "aria-invalid" in answer.text
    assert find_notice(session) is None


def test_a_notice_that_is_off_may_be_empty(session: Session, sign_in: SignIn) -> None:
    data = typed(text_it="")
    del data["active"]
    assert send(sign_in("staff"), URL, data=data).status_code == 303


def test_the_second_of_two_editors_is_told(session: Session, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    assert send(staff, URL, data=typed(text_it="Primo")).status_code == 303
    late = send(staff, URL, data=typed(text_it="Secondo"))
    assert late.status_code == 409
    assert "Primo" in late.text
    assert "Secondo" in late.text


def test_strangers_and_viewers_do_not_write_it(session: Session, sign_in: SignIn, client: FlaskClient) -> None:
    assert client.post(URL, data=typed()).status_code in (302, 303, 400, 401)
    viewer = sign_in("viewer")
    assert viewer.get(URL).status_code == 403
    assert send(viewer, URL, data=typed()).status_code == 403
    assert find_notice(session) is None
