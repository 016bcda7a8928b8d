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
from webapp.core.errors import NotAllowed
from webapp.core.maintenance import open_site, seconds_left
from webapp.core.security import ANONYMOUS

SignIn = Callable[[str], FlaskClient]
Bottega = Callable[..., Any]
CLOSING = "/backoffice/company/closing"
OPENING = "/backoffice/company/opening"
ENGLISH = {"Accept-Language": "en"}


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


# --- From the back office -------------------------------------------------------------------------------------------


def token_of(browser: FlaskClient) -> dict[str, str]:
    return {"csrf_token": browser.get("/backoffice/").text.split('name="csrf-token" content="')[1].split('"')[0]}


def test_the_owner_closes_and_opens_the_site_in_the_back_office(
    sign_in: SignIn, client: FlaskClient, session: Session
) -> None:
    owner, version = sign_in("owner"), get_company(session).version
    token = token_of(owner)
    assert owner.post(CLOSING, data=token | {"words": "We paint.", "minutes": "30"}).status_code == 303
    answer = client.get("/en")
    assert answer.status_code == 503
    assert "We paint." in answer.text
    assert 1700 < int(answer.headers["Retry-After"]) <= 1800
    told = owner.get("/backoffice/company/", headers=ENGLISH).text
    assert told.count("The site has been closed to visitors since") == 2
    assert OPENING in told
    assert owner.post(OPENING, data=token).status_code == 303
    assert client.get("/en").status_code == 200
    assert "The site has been closed to visitors since" not in owner.get("/backoffice/company/", headers=ENGLISH).text
    assert get_company(session).version == version


def test_who_may_not_open_the_site_reads_that_it_is_closed_and_cannot_change_it(
    bottega: Bottega, sign_in: SignIn, session: Session
) -> None:
    bottega("maintenance", "on")
    staff = sign_in("staff")
    page = staff.get("/backoffice/catalog/products", headers=ENGLISH).text
    assert "The site has been closed to visitors since" in page
    assert "/backoffice/company/#closing" not in page
    token = token_of(staff)
    assert staff.post(OPENING, data=token).status_code == 403
    assert staff.post(CLOSING, data=token).status_code == 403
    with pytest.raises(NotAllowed):
        open_site(session, by=ANONYMOUS)
    assert get_company(session).closed_since is not None


def test_what_cannot_be_told_to_visitors_comes_back_with_all_that_was_typed(sign_in: SignIn, session: Session) -> None:
    owner = sign_in("owner")
    answer = owner.post(CLOSING, data=token_of(owner) | {"words": "x" * 501, "minutes": "half an hour"})
    assert answer.status_code == 422
    assert "x" * 501 in answer.text
    assert 'value="half an hour"' in answer.text
    assert answer.text.count('class="invalid-feedback') == 2
    assert get_company(session).closed_since is None
