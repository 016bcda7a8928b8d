"""The floor of the REST API: its document, how lists are asked for, how problems are told, and what needs a token."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.rooms.crm.makers import make_customer
from tests.rooms.keys.makers import bearer, make_key
from webapp.app import create_app
from webapp.core.db import db
from webapp.core.security import CorePermission, requires

SignIn = Callable[[str], FlaskClient]
CUSTOMERS = "/api/v1/crm/customers"


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    """The OpenAPI document."""
    told: dict[str, Any] = client.get("/api/v1/openapi.json").get_json()
    return told


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_the_document_is_openapi_3_1_and_holds_together(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"]
    names = [operation["operationId"] for _path, _method, operation in operations(document)]
    assert len(names) == len(set(names)) >= 5

    def references(part: object) -> Iterator[str]:
        if isinstance(part, dict):
            if "$ref" in part:
                yield part["$ref"]
            for each in part.values():
                yield from references(each)
        elif isinstance(part, list):
            for each in part:
                yield from references(each)

    for reference in references(document):
        found: Any = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        assert found


def test_the_document_names_every_address_of_the_api(app: Flask, document: dict[str, Any]) -> None:
    listed = {operation["operationId"] for _path, _method, operation in operations(document)}
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    known = {rule.endpoint.replace("_api.", "_") for rule in rules if rule.endpoint != "api.document"}
    assert listed == known
    assert all(rule.rule.startswith("/api/v1/") for rule in rules)


def test_every_operation_says_who_may_and_how_problems_are_told(document: dict[str, Any]) -> None:
    for path, _method, operation in operations(document):
        assert {"key": []} in operation["security"], path
        assert operation["responses"]["401"]
        assert bool(operation["x-permissions"]) == ("403" in operation["responses"]), path
        assert ("{" in path) == ("404" in operation["responses"]), path


def test_the_document_is_the_same_in_every_language(app: Flask) -> None:
    told = [
        app.test_client().get("/api/v1/openapi.json", headers={"Accept-Language": each}).data for each in ("it", "en")
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("query", "argument"),
    [
        ("knd=person", "knd"),
        ("kind=ghost", "kind"),
        ("size=7", "size"),
        ("size=many", "size"),
        ("sort=email", "sort"),
        ("sort=--name", "sort"),
        ("at=nowhere", "at"),
        ("columns=name", "columns"),
        ("format=csv", "format"),
        ("q=" + "x" * 201, "q"),
        ("kind=ghost&size=25", "kind"),
    ],
)
def test_an_argument_that_is_not_understood_is_named(
    client: FlaskClient, session: Session, query: str, argument: str
) -> None:
    answer = client.get(f"{CUSTOMERS}?{query}", headers=bearer(make_key(session)))
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    told = answer.get_json()
    assert list(told["errors"]) == [argument]
    assert told["errors"][argument][0]
    assert told["status"] == 422


def test_a_list_is_read_page_by_page_there_and_back(client: FlaskClient, session: Session) -> None:
    for number in range(60):
        make_customer(session, number=f"P{number:03}", country="Ponza")
    headers = bearer(make_key(session))
    seen: list[str] = []
    marks: list[str] = []
    mark = ""
    while mark is not None:
        told = client.get(f"{CUSTOMERS}?country=Ponza&sort=-number&size=25&at={mark}", headers=headers).get_json()
        seen += [each["number"] for each in told["items"]]
        assert told["page"]["count"] == 60
        marks.append(told["page"]["previous"])
        mark = told["page"]["next"]
    assert seen == [f"P{number:03}" for number in reversed(range(60))]
    assert marks[0] is None
    back = client.get(f"{CUSTOMERS}?country=Ponza&sort=-number&size=25&at={marks[1]}", headers=headers).get_json()
    assert [each["number"] for each in back["items"]] == seen[:25]


@pytest.mark.parametrize(
    "path", ["/api/v1/nowhere", "/api/nowhere", f"{CUSTOMERS}/0", f"{CUSTOMERS}/x", f"{CUSTOMERS}/{2**63}"]
)
def test_what_is_not_there_is_told_as_a_problem(client: FlaskClient, session: Session, path: str) -> None:
    answer = client.get(path, headers=bearer(make_key(session)))
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


def test_a_method_that_an_address_does_not_take_is_told_with_those_it_takes(
    client: FlaskClient, session: Session
) -> None:
    answer = client.delete(CUSTOMERS, headers=bearer(make_key(session)))
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/openapi.json", "/api/v1/nowhere"])
def test_no_answer_of_the_api_is_kept_by_anybody(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Cache-Control"] == "no-store"


@pytest.fixture
def writing(shared_app: Flask, app: Flask) -> Iterator[Flask]:
    """An application whose API can be written to."""
    made = create_app(replace(shared_app.extensions["settings"]))
    for path in ("/api/v1/things", "/things"):
        view = requires(CorePermission.BACKOFFICE_ENTER)(lambda: {"written": True})
        made.add_url_rule(path, path.strip("/").replace("/", "_"), view, methods=["POST", "PUT", "PATCH", "DELETE"])
    yield made
    with made.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_writing_with_the_cookie_alone_needs_a_token(writing: Flask, method: str) -> None:
    answer = writing.test_client().open("/api/v1/things", method=method)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"


def test_a_key_needs_no_token_in_the_api_and_a_bearer_elsewhere_spares_none(
    writing: Flask, client: FlaskClient, session: Session
) -> None:
    from webapp.core.api import set_key_reader
    from webapp.core.security import Actor

    holder = Actor("Ada", user_id=1, permissions=frozenset({CorePermission.BACKOFFICE_ENTER}))
    set_key_reader(writing, lambda text: holder if text == "right" else None)
    browser = writing.test_client()
    right, wrong = {"Authorization": "Bearer right"}, {"Authorization": "Bearer wrong"}
    assert browser.post("/api/v1/things", headers=right).get_json() == {"written": True}
    assert browser.post("/api/v1/things", headers=wrong).status_code == 401
    assert browser.post("/things", headers=right).status_code == 400


def test_the_document_is_plain_json(client: FlaskClient) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.mimetype == "application/json"
    assert json.loads(answer.data)
