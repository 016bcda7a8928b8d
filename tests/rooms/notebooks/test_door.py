"""The door as nginx and a browser see it: who gets in, with which pass, and what the others are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.rooms.notebooks.makers import browser_of, make_notebook, make_team, run_notebook
from tests.rooms.workspaces.makers import actor_for, make_analyst
from webapp.blueprints.accounts.models import User
from webapp.blueprints.accounts.services.sessions import end_sessions
from webapp.blueprints.notebooks.models import Lock, Notebook, State
from webapp.blueprints.notebooks.services.locks import lock_notebook
from webapp.blueprints.notebooks.settings import EXTENSION
from webapp.blueprints.workspaces.models import WorkspaceMember
from webapp.blueprints.workspaces.public import Project
from webapp.core.clock import utc_now

SUITE = "http://localhost"
VISIT = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}


@pytest.fixture
def notebook(session: Session) -> Notebook:
    _owner, _member, project = make_team(session)
    return run_notebook(session, make_notebook(session, project=project, slug="sales"))


@pytest.fixture
def member(session: Session, notebook: Notebook) -> User:
    project = session.get_one(Project, notebook.project_id)
    number = next(m.user_id for m in project.group.members if m.user_id != project.group.owner_id)
    return session.get_one(User, number)


@pytest.fixture
def inside(app: Flask, session: Session, member: User) -> FlaskClient:
    """The browser of a member who has come in."""
    browser = browser_of(app, session, member)
    come_in(browser)
    return browser


def carry(browser: FlaskClient, answer: TestResponse) -> TestResponse:
    """nginx asks the suite under other paths than the browser asked for; the cookies are those of the browser's."""
    for name in ("bottega_notebook", "bottega_notebook_way"):
        kept = browser.get_cookie(name, path="/notebooks/sales/")
        if kept:
            browser.set_cookie(name, kept.value, path="/_notebooks/")
        else:
            browser.delete_cookie(name, path="/_notebooks/")
    return answer


def ask(browser: FlaskClient, slug: str = "sales", **headers: str) -> TestResponse:
    """As nginx asks."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return browser.get("/_notebooks/door", headers={"X-Notebook": slug, **named})


def closed(browser: FlaskClient, slug: str = "sales", **headers: str) -> TestResponse:
    """The page that nginx asks for after a no."""
    answer = browser.get(
        f"/_notebooks/closed/{slug}", headers={**VISIT, "X-Notebook-URI": f"/notebooks/{slug}/tree", **headers}
    )
    return carry(browser, answer)


def follow(browser: FlaskClient, answer: TestResponse, base: str = SUITE) -> TestResponse:
    """Go where an answer sends the browser, as nginx leads it there."""
    address = answer.headers["Location"]
    path = urlsplit(address)._replace(scheme="", netloc="").geturl()
    path = path.replace("/notebooks/sales/_door/enter", "/_notebooks/enter/sales")
    return carry(browser, browser.get(path, headers=VISIT, base_url=base))


def come_in(browser: FlaskClient) -> TestResponse:
    return follow(browser, follow(browser, closed(browser)))


def test_a_member_comes_in_by_the_suite_and_stays_in(inside: FlaskClient) -> None:
    assert ask(inside).status_code == 204


def test_the_way_in_leads_to_where_one_wanted_to_go(app: Flask, session: Session, member: User) -> None:
    assert come_in(browser_of(app, session, member)).headers["Location"] == "/notebooks/sales/tree"


def test_who_is_signed_in_to_the_suite_alone_is_not_in(app: Flask, session: Session, member: User) -> None:
    assert ask(browser_of(app, session, member)).status_code == 401


def test_a_stranger_gets_no_ticket_and_nobody_is_sent_to_sign_in(
    app: Flask, session: Session, client: FlaskClient, notebook: Notebook
) -> None:
    assert ask(client).status_code == 401
    to_suite = closed(client)
    assert to_suite.status_code == 302
    assert "/login" in follow(client, to_suite).headers["Location"]
    stranger, _ = make_analyst(session)
    browser = browser_of(app, session, stranger)
    assert (
        follow(browser, closed(browser)).status_code == 404
    )  # a private project's notebook: not even that it is there


def test_a_ticket_is_worth_nothing_in_another_browser_nor_twice(app: Flask, session: Session, member: User) -> None:
    browser, thief = browser_of(app, session, member), app.test_client()
    ticket = follow(browser, closed(browser))
    assert follow(thief, ticket).status_code == 403
    assert ask(thief).status_code == 401
    assert follow(browser, ticket).status_code == 303
    assert follow(browser, ticket).status_code == 403


def test_the_pass_is_a_cookie_of_the_notebooks_path_that_no_script_reads(
    app: Flask, session: Session, member: User
) -> None:
    cookies = come_in(browser_of(app, session, member)).headers.getlist("Set-Cookie")
    shown = next(each for each in cookies if each.startswith("bottega_notebook="))
    assert "Path=/notebooks/sales/" in shown
    assert "HttpOnly" in shown
    assert "SameSite=Lax" in shown
    assert "Domain" not in shown


def test_a_pass_of_one_notebook_does_not_open_another(
    inside: FlaskClient, session: Session, notebook: Notebook
) -> None:
    make_notebook(session, project=session.get_one(Project, notebook.project_id), slug="other")
    assert ask(inside, "other").status_code == 401


@pytest.mark.parametrize("what", ["session", "membership", "role", "user"])
def test_the_door_shuts_when_the_right_ends(
    inside: FlaskClient, session: Session, notebook: Notebook, member: User, what: str
) -> None:
    if what == "session":
        end_sessions(session, member.id)
    elif what == "membership":
        project = session.get_one(Project, notebook.project_id)
        session.delete(session.get_one(WorkspaceMember, (project.group_id, member.id)))
    elif what == "role":
        member.roles.clear()
    else:
        member.active = False
    session.commit()
    session.expire_all()
    answer = ask(inside)
    assert answer.status_code == (403 if what in ("membership", "role") else 401)
    page = closed(inside)
    assert page.status_code == (403 if what in ("membership", "role") else 302)


def test_a_lock_of_somebody_else_keeps_one_out_and_says_who_has_it(
    inside: FlaskClient, session: Session, notebook: Notebook, member: User
) -> None:
    group = session.get_one(Project, notebook.project_id).group
    owner = session.get_one(User, group.owner_id)
    owner.name = "Ada Neri"
    lock_notebook(session, by=actor_for(owner), slug="sales", reason="closing the quarter")
    session.commit()
    assert ask(inside).status_code == 403
    page = closed(inside)
    assert page.status_code == 423
    assert "Ada Neri" in page.text
    assert "closing the quarter" in page.text
    lock_until = utc_now() - dt.timedelta(hours=2)
    session.get_one(Lock, notebook.id).until = lock_until
    session.commit()
    assert ask(inside).status_code == 204


def test_ones_own_lock_keeps_nobody_out_but_the_others(inside: FlaskClient, session: Session, member: User) -> None:
    lock_notebook(session, by=actor_for(member), slug="sales")
    session.commit()
    assert ask(inside).status_code == 204


def test_a_stopped_notebook_offers_to_start_it(inside: FlaskClient, session: Session, notebook: Notebook) -> None:
    notebook.address = notebook.port = None
    notebook.state = State.STOPPED
    session.commit()
    assert ask(inside).status_code == 403
    page = closed(inside)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "3")
    assert "/backoffice/workspaces/notebooks/sales/" in page.text
    assert "Start it" in page.text


def test_a_starting_notebook_lets_one_wait_and_a_failed_one_says_why(
    inside: FlaskClient, session: Session, notebook: Notebook
) -> None:
    notebook.address = notebook.port = None
    notebook.state = State.STARTING
    session.commit()
    assert closed(inside).headers["Refresh"] == "3"
    notebook.state, notebook.cause = State.FAILED, "The image is missing."
    session.commit()
    assert "The image is missing." in closed(inside).text


def test_a_script_is_told_in_words_and_sent_nowhere(client: FlaskClient, notebook: Notebook) -> None:
    answer = closed(client, Accept="*/*", **{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"})
    assert answer.status_code == 401
    assert answer.mimetype == "text/plain"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:81"},
        {"X-Notebook-Upgrade": "websocket"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        {
            "Sec-Fetch-Site": "cross-site",
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document",
            "X-Notebook-Method": "POST",
        },
    ],
)
def test_other_sites_do_not_get_in_with_the_persons_pass(inside: FlaskClient, headers: dict[str, str]) -> None:
    assert ask(inside, **headers).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": SUITE},
        {"Origin": SUITE, "X-Notebook-Upgrade": "websocket"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    ],
)
def test_the_notebooks_own_pages_and_links_to_it_do(inside: FlaskClient, headers: dict[str, str]) -> None:
    assert ask(inside, **headers).status_code == 204


@pytest.mark.parametrize(
    "path", ["/_notebooks/enter/sales?ticket=x", "/backoffice/workspaces/notebooks/sales/enter?state=x"]
)
def test_scripts_do_not_follow_the_way_in(inside: FlaskClient, path: str) -> None:
    answer = inside.get(path, headers={"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "wish",
    [
        "//evil.example/",
        "https://evil.example/",
        "/backoffice/",
        "/notebooks/sales/\\..",
        "/notebooks/sales/_door/enter",
    ],
)
def test_the_way_in_leads_to_no_other_place(app: Flask, session: Session, member: User, wish: str) -> None:
    browser = browser_of(app, session, member)
    answer = follow(browser, follow(browser, closed(browser, **{"X-Notebook-URI": wish})))
    assert answer.headers["Location"] == "/notebooks/sales/lab"


def test_without_nginx_the_address_of_a_notebook_says_what_is_missing(client: FlaskClient, notebook: Notebook) -> None:
    page = client.get("/notebooks/sales/lab")
    assert page.status_code == 404
    assert "docker compose -f compose.dev.yml --profile notebooks up --build --wait" in page.text


@pytest.fixture
def own_hosts(app: Flask) -> Iterator[None]:
    """An installation in which each notebook has a host name of its own."""
    before = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(before, domain="nb.localhost")
    yield
    app.extensions[EXTENSION] = before


def test_with_a_host_name_of_its_own_the_pass_is_that_hosts_alone(
    own_hosts: None, app: Flask, session: Session, member: User
) -> None:
    suite, host = browser_of(app, session, member), app.test_client()
    there = "http://sales.nb.localhost"
    away = host.get("/_notebooks/closed/sales", base_url=there, headers={**VISIT, "X-Notebook-URI": "/tree"})
    asked = parse_qs(urlsplit(away.headers["Location"]).query)
    assert len(asked["state"][0]) == 64
    back = follow(suite, away)
    assert back.headers["Location"].startswith("http://sales.nb.localhost")
    address = urlsplit(back.headers["Location"])
    answer = host.get(f"/_notebooks/enter/sales?{address.query}", base_url=there, headers=VISIT)
    assert answer.headers["Location"] == "/tree"
    shown = next(each for each in answer.headers.getlist("Set-Cookie") if each.startswith("bottega_notebook="))
    assert "Path=/;" in f"{shown};"
    assert "Domain" not in shown
    assert host.get("/_notebooks/door", base_url=there, headers={"X-Notebook": "sales"}).status_code == 204
    foreign = {"X-Notebook": "sales", "Origin": "http://other.nb.localhost"}
    assert host.get("/_notebooks/door", base_url=there, headers=foreign).status_code == 403
