"""The trail of a request: nginx's line and problems, the application's log, errors, tasks and mails on one page."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.conftest import signed_in_cookie
from tests.rooms.accounts.pages import token_of
from tests.rooms.traffic.makers import as_json, ask, combined, follow, ingest, write
from webapp.blueprints.accounts.services.users import create_user
from webapp.blueprints.crm.models import Customer
from webapp.blueprints.tasks.gateways.runner import execute
from webapp.blueprints.tasks.public import ask as ask_for
from webapp.blueprints.traffic.queries.requests import Line, get_line, list_trail
from webapp.blueprints.traffic.queries.trails import list_logged, list_problems
from webapp.core.db import db, transaction
from webapp.core.jobs import Arguments, TaskKind, TaskRun
from webapp.core.logs import JsonLines, telling
from webapp.core.mail import post
from webapp.core.request_log import RequestLog
from webapp.core.security import SYSTEM, public

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
NUMBER = "fedcba9876543210fedcba9876543210"
ROME = ZoneInfo("Europe/Rome")
ENGLISH = {"Accept-Language": "en"}


def problem(
    at: dt.datetime,
    message: str = "upstream timed out",
    *,
    connection: int = 17,
    request: str = "GET /shop?page=2 HTTP/2.0",
) -> bytes:
    """A line of nginx's log of problems, which knows no zone and no request id."""
    return (
        f"{at.astimezone(ROME):%Y/%m/%d %H:%M:%S} [error] 4242#4242: *{connection} {message}, client: 203.0.113.7, "
        f'server: suite.example.it, request: "{request}", upstream: "http://127.0.0.1:8000/shop", host: "suite.example.it"\n'
    ).encode()


def joined(number: str) -> list[tuple[str, str]]:
    session = db.session()
    return [(each.trouble.message, each.by) for each in list_problems(session, number, list_trail(session, number))]


def test_a_problem_belongs_to_the_request_of_its_connection_at_that_time(fresh_app: Flask, tmp_path: Path) -> None:
    lines = [
        as_json(NOW, request_id=NUMBER, request_time="5.000"),
        as_json(
            NOW - dt.timedelta(seconds=30), request_id="a" * 32
        ),  # the same, asked for before on the same connection
        as_json(NOW, request_id="b" * 32, connection="18"),
        as_json(NOW, request_id="c" * 32, uri="/other"),
    ]
    problems = [problem(NOW - dt.timedelta(seconds=5)), problem(NOW, "of another", connection=99)]
    problems.append(problem(NOW, "numbered request_id=" + "b" * 32, connection=98))
    ingest(write(tmp_path, "access.log", *lines), write(tmp_path, "error.log", *problems))
    assert joined(NUMBER) == [("upstream timed out", "connection")]
    assert joined("a" * 32) == joined("c" * 32) == []
    assert [by for _message, by in joined("b" * 32)] == ["id"]


def test_without_a_connection_a_problem_belongs_to_the_only_request_that_is_alike(
    fresh_app: Flask, tmp_path: Path
) -> None:
    alike = combined(at=NOW, request="GET /shop?page=2 HTTP/2.0")
    ingest(write(tmp_path, "access.log", alike), write(tmp_path, "error.log", problem(NOW)))
    [line] = _lines()
    assert [each.by for each in list_problems(db.session(), "", [line])] == ["alike"]
    db.session.remove()
    ingest(write(tmp_path, "other.log", alike))  # now there are two, and nobody knows whose it is
    assert [list_problems(db.session(), "", [line]) for line in _lines()] == [[], []]


def _lines() -> list[Line]:
    numbers = ask("SELECT file_id * 1099511627776 + place FROM traffic_hits ORDER BY 1")
    return [get_line(db.session(), int(number)) for (number,) in numbers]


def test_a_log_in_another_zone_than_the_company_s_is_read_as_the_setting_says(fresh_app: Flask, tmp_path: Path) -> None:
    fresh_app.extensions["settings"] = replace(fresh_app.extensions["settings"], traffic_log_zone="Asia/Tokyo")
    at = f"{NOW.astimezone(ZoneInfo('Asia/Tokyo')):%Y/%m/%d %H:%M:%S}"
    ingest(write(tmp_path, "error.log", f"{at} [error] 1#1: out of luck\n".encode()))
    assert ask("SELECT at FROM traffic_problems") == [(NOW,)]


@pytest.fixture
def own_log(fresh_app: Flask, tmp_path: Path) -> Iterator[Path]:
    """The application writes what it logs of requests down in this folder."""
    handler = RequestLog(str(tmp_path / "logs"))
    handler.setFormatter(JsonLines(secrets=("a-secret-of-ours",)))
    logging.getLogger().addHandler(handler)
    yield tmp_path / "logs"
    logging.getLogger().removeHandler(handler)
    handler.close()


def test_only_what_is_logged_of_a_request_is_written_down(fresh_app: Flask, own_log: Path) -> None:
    logging.getLogger("somewhere").warning("nobody asked")
    with fresh_app.test_request_context("/shop"):
        g.request_id = NUMBER
        logging.getLogger("somewhere").warning("a-secret-of-ours of mario@example.it at 203.0.113.7, ?token=abc")
    with telling(request_id=NUMBER, task_id=7):
        logging.getLogger("somewhere").error("in its task")
    [path] = own_log.glob("application-*.jsonl")
    assert path.stat().st_mode & 0o077 == 0
    assert len(path.read_text().splitlines()) == 2
    assert follow(str(own_log / "application-*.jsonl")).parsed == 2
    assert follow(str(own_log / "application-*.jsonl")).parsed == 0
    assert [(each.level, each.message) for each in list_logged(db.session(), NUMBER)] == [
        ("warning", "somewhere: *** of *** at 203.0.113.0, ?token=***"),
        ("error", "somewhere: in its task"),
    ]
    assert ask("SELECT count(*) FROM traffic_hits") == [(0,)]


def test_a_request_that_fails_in_all_parts_is_told_on_one_page(fresh_app: Flask, own_log: Path, tmp_path: Path) -> None:
    def work(_run: TaskRun, _args: Arguments) -> None:
        logging.getLogger("shop").warning("the task gave up")
        raise ValueError("no luck in the task either")

    def broken() -> str:
        with transaction() as session:
            ask_for(session, "shop.work", {}, by=SYSTEM)
            post(
                session,
                to="mario@example.it",
                template="accounts/account_suspended",
                language="en",
                cause="trail",
                by=SYSTEM,
                name="M",
            )
        logging.getLogger("shop").warning("the till is empty")
        raise ValueError("no luck")

    fresh_app.extensions["task_kinds"]["shop.work"] = TaskKind("shop.work", "Work", work, attempts=1)
    fresh_app.add_url_rule("/shop", "broken", public(broken))
    answer = fresh_app.test_client().get("/shop?page=2", headers={"X-Request-ID": NUMBER})
    assert answer.status_code == 500
    [(task,)] = ask("SELECT id FROM tasks_tasks WHERE kind = 'shop.work'")
    execute(fresh_app, task, worker="test", kill=lambda: None)
    ingest(
        write(tmp_path, "access.log", as_json(NOW, request_id=NUMBER, status="500", upstream_status="500")),
        write(tmp_path, "error.log", problem(NOW, "upstream prematurely closed connection")),
        *map(str, own_log.glob("*.jsonl")),
    )
    client = owner(fresh_app)
    page = client.get(f"/backoffice/traffic/requests/{NUMBER}/", headers=ENGLISH).text
    for part in (
        "500 GET /shop", "upstream prematurely closed connection", "process and connection", "shop: the till is empty",
        "shop: the task gave up", "Errors of the application", "ValueError", "mario@example.it", f"/backoffice/tasks/{task}/",
    ):  # fmt: skip
        assert part in page, part
    faults = re.findall(r"/backoffice/errors/\d+/", page)
    assert len(faults) == 2
    assert f'href="/backoffice/traffic/requests/{NUMBER}/"' in client.get(faults[0], headers=ENGLISH).text


def owner(app: Flask) -> FlaskClient:
    with transaction() as session:
        user = create_user(
            session, by=SYSTEM, email="trail@people.bottega.it", name="The owner", password="a-long-enough-password", roles=["owner"]
        )  # fmt: skip
        session.flush()
        cookie_of = signed_in_cookie(session, user)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie.update(cookie_of)
    return client


def test_the_records_that_a_request_changes_are_told_without_their_values(fresh_app: Flask) -> None:
    client = owner(fresh_app)
    form = {
        "csrf_token": token_of(client.get("/backoffice/")),
        "number": "T-1",
        "name": "Rossi of Faenza",
        "kind": "organisation",
    }
    made = client.post("/backoffice/customers/new", data=form, headers={"X-Request-ID": NUMBER})
    assert made.status_code in (302, 303), made.text
    [(record, number, action, fields)] = ask(
        "SELECT record, record_id, action, fields FROM traffic_changes WHERE request_id = :n", n=NUMBER
    )
    assert (record, action) == ("crm_customers", "made")
    assert "name" in fields
    with fresh_app.test_request_context("/"):
        g.request_id = "d" * 32
        with transaction() as session:
            session.execute(text("SELECT 1"))
            customer = session.get(Customer, number)
            assert customer is not None
            customer.name = "Bianchi"
    page = client.get(f"/backoffice/traffic/requests/{'d' * 32}/", headers=ENGLISH).text
    assert f"crm_customers {number}" in page
    assert "changed: name" in page
    assert "Rossi" not in page
    assert ask("SELECT count(*) FROM traffic_changes WHERE traffic_changes::text ~ 'Rossi|Bianchi'") == [(0,)]
    with transaction() as session:  # outside of requests nothing is written down
        customer = session.get(Customer, number)
        assert customer is not None
        customer.name = "Verdi"
    assert ask("SELECT count(*) FROM traffic_changes WHERE record = 'crm_customers'") == [(2,)]
