"""What every page has: a strict content policy, problems told without internals, switches that go nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.conftest import create_database
from webapp.app import create_app
from webapp.core.db import db
from webapp.core.embedded import EmbeddedPostgres
from webapp.core.errors import DomainError, EditConflict
from webapp.core.security import CorePermission, public, requires
from webapp.core.settings import Settings
from webapp.core.switches import own_path
from webapp.core.web import send_stream
from webapp.rooms import ROOMS

SignIn = Callable[[str], FlaskClient]
FRAGMENT = {"HX-Request": "true"}


class HasLines(DomainError):
    """A problem of these tests."""


@pytest.fixture(scope="session")
def other_app(shared_app: Flask) -> Iterator[Callable[..., Flask]]:
    """Makes further applications on the database that the tests share."""
    made = []

    def make(rooms: tuple[str, ...] = ROOMS, **changes: Any) -> Flask:
        app = create_app(replace(shared_app.extensions["settings"], **changes), rooms=rooms)
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()


@pytest.fixture(scope="session")
def broken_pages(other_app: Callable[..., Flask], server: EmbeddedPostgres) -> FlaskClient:
    """A browser on an application with pages that fail in each way; its database keeps what they fail with."""
    app = other_app(database_url=create_database(server, "broken_bottega", template="bottega"))
    causes: dict[str, Exception] = {
        "crash": ZeroDivisionError("the secret inside"),
        "domain": HasLines("The order has lines."),
        "conflict": EditConflict(),
        "database": OperationalError("SELECT secret", {}, Exception("the secret inside")),
    }

    def fail(cause: str) -> str:
        raise causes[cause]

    for prefix in ("", "/api/v1"):
        app.add_url_rule(f"{prefix}/fail/<cause>", f"fail{len(prefix)}", public(fail))
    app.add_url_rule("/forbidden", "forbidden", requires(CorePermission.ADMIN_USE)(lambda: "in"))
    app.add_url_rule("/write", "write", public(lambda: "written"), methods=["POST", "PUT", "PATCH", "DELETE"])
    return app.test_client()


@pytest.mark.parametrize("path", ["/login", "/there-is-nothing-here", "/branding.css"])
def test_every_answer_carries_a_policy_that_allows_nothing_inline(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_has_no_inline_script_style_or_handler(client: FlaskClient) -> None:
    html = client.get("/login").text
    assert "<script>" not in html
    assert "<style" not in html
    assert " style=" not in html
    assert " onclick=" not in html


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/fail/crash", 500),
        ("/fail/domain", 409),
        ("/fail/conflict", 409),
        ("/fail/database", 503),
        ("/nowhere", 404),
        ("/write", 405),
    ],
)
def test_a_problem_is_told_as_page_as_fragment_and_as_json_without_internals(
    broken_pages: FlaskClient, path: str, status: int
) -> None:
    page = broken_pages.get(path)
    fragment = broken_pages.get(path, headers=FRAGMENT)
    assert page.status_code == fragment.status_code == status
    assert "<html" in page.text
    assert "<html" not in fragment.text
    assert 'class="alert' in fragment.text
    if path != "/write":
        api = broken_pages.get(f"/api/v1{path}")
        assert api.status_code == status
        assert api.mimetype == "application/problem+json"
        assert api.json is not None
        assert api.json["status"] == status
        assert "secret" not in api.text
    assert "HX-Request" in page.headers["Vary"]
    assert "secret" not in page.text + fragment.text
    assert "Traceback" not in page.text


def test_a_domain_problem_is_told_in_its_own_words(broken_pages: FlaskClient) -> None:
    assert "The order has lines." in broken_pages.get("/fail/domain").text


def test_a_wrong_method_names_the_right_ones(broken_pages: FlaskClient) -> None:
    assert "POST" in broken_pages.get("/write").headers["Allow"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_write_without_a_token_is_refused(broken_pages: FlaskClient, method: str) -> None:
    response = getattr(broken_pages, method)("/write")
    assert response.status_code == 400
    assert b"written" not in response.data


def test_a_page_for_signed_in_people_leads_to_the_sign_in_page_and_back(broken_pages: FlaskClient) -> None:
    response = broken_pages.get("/forbidden?a=1")
    assert response.status_code == 302
    assert response.location == "/login?next=/forbidden?a%3D1"


def test_a_fragment_for_signed_in_people_sends_the_whole_page_to_the_sign_in_page(broken_pages: FlaskClient) -> None:
    headers = {**FRAGMENT, "HX-Current-URL": "http://localhost/backoffice/customers/?q=a"}
    response = broken_pages.get("/forbidden", headers=headers)
    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == "/login?next=/backoffice/customers/?q%3Da"


def test_the_wrong_role_is_told_so(sign_in: SignIn) -> None:
    response = sign_in("viewer").get("/backoffice/company/")
    assert response.status_code == 403
    assert "<html" in response.text


def test_a_problem_in_the_back_office_keeps_its_menu_for_who_works_there(sign_in: SignIn, client: FlaskClient) -> None:
    answer = sign_in("viewer").get("/backoffice/there-is-nothing-here")
    assert answer.status_code == 404
    assert "office-side" in answer.text
    assert "office-side" not in client.get("/backoffice/there-is-nothing-here").text


def test_without_a_room_for_accounts_the_door_stays_shut(other_app: Callable[..., Flask]) -> None:
    response = other_app(rooms=()).test_client().get("/backoffice/company/")
    assert response.status_code == 401
    assert "<html" in response.text


def test_an_endpoint_without_a_lock_keeps_the_application_from_starting(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_an_open_door(app: Flask) -> None:
        app.add_url_rule("/open", "open_door", lambda: "in")

    monkeypatch.setattr("webapp.app.set_up_commands", with_an_open_door)
    with pytest.raises(RuntimeError, match="open_door"):
        create_app(settings)


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/backoffice/?a=1", "/backoffice/?a=1"),
        ("//evil.example/x", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("", "/"),
        (None, "/"),
    ],
)
def test_a_way_back_stays_on_this_site(target: str | None, path: str) -> None:
    assert own_path(target) == path


def _switch(client: FlaskClient, name: str, value: str, way_back: str = "/login") -> int:
    token = _token(client)
    response = client.post(f"/preferences/{name}", data={name: value, "next": way_back, "csrf_token": token})
    assert response.location in (None, "/login", "/")
    return response.status_code


def _token(client: FlaskClient) -> str:
    html = client.get("/backoffice/nothing-here").text
    return html.split('name="csrf-token" content="')[1].split('"')[0]


def test_the_browser_chooses_the_language_until_the_reader_does(client: FlaskClient) -> None:
    assert '<html lang="it"' in client.get("/login", headers={"Accept-Language": "it"}).text
    assert '<html lang="en"' in client.get("/login", headers={"Accept-Language": "en-GB,it;q=0.4"}).text
    assert _switch(client, "language", "it") == 303
    assert '<html lang="it"' in client.get("/login", headers={"Accept-Language": "en"}).text


def test_the_theme_is_the_devices_until_the_reader_chooses(client: FlaskClient) -> None:
    assert 'data-bs-theme="auto"' in client.get("/login").text
    assert _switch(client, "theme", "dark") == 303
    assert 'data-bs-theme="dark"' in client.get("/login").text


@pytest.mark.parametrize(("name", "value"), [("language", "xx"), ("theme", '"><script>'), ("theme", "")])
def test_a_choice_that_is_not_offered_is_refused(client: FlaskClient, name: str, value: str) -> None:
    assert _switch(client, name, value) == 400


def test_the_choices_of_a_signed_in_person_follow_them_to_another_browser(app: Flask, sign_in: SignIn) -> None:
    first = sign_in("viewer")
    assert _switch(first, "theme", "dark") == 303
    assert _switch(first, "language", "en") == 303
    second = app.test_client()
    with first.session_transaction() as one, second.session_transaction() as other:
        other.update(one)
    html = second.get("/there-is-nothing-here", headers={"Accept-Language": "it"}).text
    assert 'data-bs-theme="dark"' in html
    assert '<html lang="en"' in html


def test_in_production_cookies_travel_over_tls_only(other_app: Callable[..., Flask]) -> None:
    client = other_app(environment="production").test_client()
    cookie = client.get("/login", base_url="https://localhost").headers["Set-Cookie"]
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(("query", "for_good"), [("?v=1", True), ("", False)])
def test_a_hashed_asset_may_be_kept_for_good_and_others_may_not(
    client: FlaskClient, query: str, *, for_good: bool
) -> None:
    with client.get(f"/static/src/app.js{query}") as response:
        assert ("immutable" in response.headers["Cache-Control"]) is for_good


@pytest.mark.parametrize("path", ["/", "/backoffice/", "/login"])
def test_a_database_that_is_away_is_told_in_words_even_to_signed_in_people(
    other_app: Callable[..., Flask], path: str
) -> None:
    nowhere = "postgresql+psycopg2://nobody@127.0.0.1:1/nothing"
    client = other_app(database_url=nowhere, gold_database_url=nowhere).test_client()
    with client.session_transaction() as kept:
        kept.update(_user_id="somebody", _fresh=True)
    answer = client.get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == 503
    assert "The database does not answer" in answer.text
    assert "psycopg2" not in answer.text


def test_a_streamed_file_reads_the_database_to_its_last_piece(fresh_settings: Settings) -> None:
    app = create_app(fresh_settings)

    @app.get("/numbers")
    @public
    def numbers() -> Any:
        statement = text("SELECT generate_series(1, 5000)")
        rows = db.session.execute(statement, execution_options={"yield_per": 100})
        return send_stream((b"%d\n" % row[0] for row in rows), media="text/plain", name="numbers.txt")

    with app.test_client() as client:  # outside of any context: nothing keeps the session but the answer itself
        assert len(client.get("/numbers").data.split()) == 5000
        client.get("/numbers").close()
    with app.app_context():
        assert db.engine.pool.checkedout() == 0
        db.engine.dispose()


def test_a_method_that_an_address_does_not_take_is_told_as_such(client: FlaskClient) -> None:
    answer = client.put("/")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_the_address_bar_is_not_told_what_it_says_already(sign_in: SignIn) -> None:
    client = sign_in("viewer")
    asked = {"HX-Request": "true", "HX-Current-URL": "http://localhost/backoffice/customers/?q=rossi"}
    assert "HX-Push-Url" not in client.get("/backoffice/customers/?q=rossi", headers=asked).headers
    assert client.get("/backoffice/customers/?q=neri", headers=asked).headers["HX-Push-Url"].endswith("?q=neri")


def test_a_stranger_gets_no_cookie_with_a_public_page(client: FlaskClient) -> None:
    answer = client.get("/en")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "csrf" not in answer.text


def test_a_stranger_may_choose_a_language_without_a_token(client: FlaskClient) -> None:
    assert client.post("/preferences/language", data={"language": "it", "next": "/"}).status_code == 303
    assert 'lang="it"' in client.get("/", follow_redirects=True).text


def test_a_file_that_is_not_there_is_told_shortly_and_begins_no_session(client: FlaskClient) -> None:
    answer = client.get("/static/dist/nothing.css", headers={"Accept": "text/css"})
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers
    assert len(answer.data) < 500
