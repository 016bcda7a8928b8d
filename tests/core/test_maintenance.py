"""A closed site tells visitors so and when to come back; who works here passes, and the probes stay green."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from webapp.core.clock import utc_now
from webapp.core.company import get_company
from webapp.core.maintenance import seconds_left

SignIn = Callable[[str], FlaskClient]
Bottega = Callable[..., Any]


def test_visitors_are_told_and_when_to_ask_again(bottega: Bottega, session: Session, client: FlaskClient) -> None:
    version = get_company(session).version
    assert bottega("maintenance", "on", "Si ridipinge <b>.", "--minutes", 30).exit_code == 0
    for path in ("/", "/it", "/en", "/it/chi-siamo", "/never-there"):
        answer = client.get(path)
        assert answer.status_code == 503, path
        assert "Si ridipinge &lt;b&gt;." in answer.text
        assert 1700 < int(answer.headers["Retry-After"]) <= 1800
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
    assert get_company(session).version == version


def test_signing_in_the_probes_and_the_files_stay_open(bottega: Bottega, client: FlaskClient) -> None:
    bottega("maintenance", "on")
    for path in ("/healthz", "/login", "/branding.css", "/branding/icon.svg"):
        assert client.get(path).status_code == 200, path
    assert client.get("/backoffice/company/").status_code in (302, 303)
    assert client.get("/api/v1/openapi.json").status_code == 200


def test_who_works_here_sees_the_site_and_that_it_is_closed(bottega: Bottega, sign_in: SignIn) -> None:
    bottega("maintenance", "on")
    answer = sign_in("staff").get("/", follow_redirects=True, headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    assert "Visitors do not see the site now" in answer.text


def test_what_browsers_ask_for_by_themselves_is_answered_as_ever(bottega: Bottega, client: FlaskClient) -> None:
    bottega("maintenance", "on")
    for path in ("/sw.js", "/manifest.webmanifest", "/it/manifest.webmanifest", "/it/offline", "/icons/icon-192.png"):
        assert client.get(path).status_code == 200, path


def test_it_opens_again(bottega: Bottega, client: FlaskClient) -> None:
    bottega("maintenance", "on")
    assert "is closed since" in bottega("maintenance", "status").output
    assert bottega("maintenance", "status").exit_code == 1
    assert bottega("maintenance", "off").exit_code == 0
    assert bottega("maintenance", "status").exit_code == 0
    assert "open already" in bottega("maintenance", "off").output
    assert client.get("/", follow_redirects=True).status_code == 200


@pytest.mark.parametrize("words", [("x" * 501,), ("closed", "--minutes", "0"), ("closed", "--minutes", "999999")])
def test_what_fits_no_page_is_refused(bottega: Bottega, session: Session, words: tuple[str, ...]) -> None:
    assert bottega("maintenance", "on", *words).exit_code == 2
    assert get_company(session).closed_since is None


def test_a_forgotten_end_asks_again_soon_and_not_in_the_past(session: Session) -> None:
    company, now = get_company(session), utc_now()
    assert seconds_left(company, now) == 600
    company.closed_until = now - dt.timedelta(days=1)
    assert seconds_left(company, now) == 60
    session.rollback()
