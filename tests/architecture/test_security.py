"""What must hold for every address of the house, walked one by one: headers, tokens, ways back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Rule
from werkzeug.test import TestResponse

from tests.rooms.accounts.makers import PASSWORD, make_user
from tests.rooms.accounts.pages import sign_in_as
from tests.rooms.catalogue.makers import make_product
from tests.rooms.crm.makers import make_customer
from tests.rooms.sales.makers import make_order
from webapp.core.db import db
from webapp.core.security import LOCK, TOKENLESS

SignIn = Callable[[str], FlaskClient]
WRITING = ("POST", "PUT", "PATCH", "DELETE")
NOWHERE = 987654321
ELSEWHERE = ("https://evil.example/x", "//evil.example/x", "/\\evil.example", "javascript:alert(1)")
WANTED = "/wanted-place"
BACK = ("next", "back", "url", "return_to")
# answers that are the same for everybody and may be kept
FOR_EVERYBODY = frozenset(
    {
        "static", "branding.icon", "branding.logo", "branding.style_sheet", "discovery_found.picture",
        "installed.any_manifest", "installed.manifest", "installed.worker",
    }
)  # fmt: skip
INLINE = re.compile(
    r"<script(?![^>]*\ssrc=)(?![^>]*application/(?:ld\+)?json)|<[^>]*\s(?:style|on[a-z]+)\s*=|<style", re.IGNORECASE
)
# the house's own mails are looked at in a frame that runs no script; its policy names their style sheet by its hash
MAIL_PREVIEWS = frozenset({"development_mail.preview", "mail.preview"})


@dataclass(frozen=True)
class Door:
    """An endpoint and a method, at one of its addresses."""

    method: str
    rule: Rule
    address: str

    def __str__(self) -> str:
        return f"{self.method} {self.rule.endpoint}"


def part_of_address(converter: BaseConverter) -> object:
    """Something that fits into an address: a number of nothing, one of the words that it takes, or any word."""
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return NOWHERE if isinstance(converter, IntegerConverter) else "x"


@pytest.fixture
def doors(app: Flask, session: Session) -> Callable[..., list[Door]]:
    """The doors of the house by method; their addresses lead to records that are there, where the test can make them."""
    customer, product = make_customer(session), make_product(session)
    order = make_order(session, product, customer_id=customer.id)
    session.commit()
    known: dict[str, Any] = {
        "customer_id": customer.id,
        "product_id": product.id,
        "order_id": order.id,
        "filename": "dist/manifest.json",
    }

    def listed(*methods: str, admin: bool = True) -> list[Door]:
        found = []
        for rule in app.url_map.iter_rules():
            parts = {name: part_of_address(each) for name, each in rule._converters.items()}
            parts |= {name: value for name, value in known.items() if name in parts}
            built = rule.build(parts, append_unknown=False)
            assert built is not None
            if rule.endpoint == "readyz":  # it looks beside the savepoint of these tests: tests/core/test_health.py
                continue
            if admin or not rule.rule.startswith("/admin"):
                found += [Door(each, rule, built[1]) for each in methods if each in (rule.methods or ())]
        assert len(found) > 50
        return found

    return listed


def whole(answer: TestResponse) -> TestResponse:
    """The answer, read to its end."""
    answer.get_data()
    answer.close()
    return answer


@pytest.fixture
def undone(app: Flask, session: Session) -> Callable[..., TestResponse]:
    """Send a request with somebody's cookies; what it stores is undone, and whoever it signs out is in again."""

    def send(visitor: FlaskClient, door: Door, **more: Any) -> TestResponse:
        session.commit()
        browser = app.test_client()
        browser._cookies = dict(visitor._cookies)
        savepoint = db.engines[None].begin_nested()  # the fixture put its connection there
        try:
            return whole(browser.open(door.address, method=door.method, **more))
        finally:
            db.session.remove()
            savepoint.rollback()

    return send


def headers_missing(door: Door, answer: TestResponse, *, kept_by_nobody: bool) -> Iterator[str]:
    """What an answer lacks of what every one must have."""
    policy = answer.headers.get("Content-Security-Policy", "")
    directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    if "unsafe" in policy or not {"default-src", "object-src", "base-uri", "form-action"} <= directives.keys():
        yield f"the policy is {policy!r}"
    if directives.get("frame-ancestors") not in (
        ("'self'", "'none'") if door.rule.endpoint in MAIL_PREVIEWS else ("'none'",)
    ):
        yield f"the policy lets others frame it: {policy!r}"
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        yield "no nosniff"
    if answer.headers.get("Referrer-Policy") not in ("same-origin", "no-referrer"):
        yield "the address is told to other sites"
    if (
        kept_by_nobody
        and door.rule.endpoint not in FOR_EVERYBODY
        and "no-store" not in answer.headers.get("Cache-Control", "")
    ):
        yield f"Cache-Control is {answer.headers.get('Cache-Control')!r}"
    if (
        answer.mimetype == "text/html"
        and door.rule.endpoint not in MAIL_PREVIEWS
        and (found := INLINE.search(answer.text))
    ):
        yield f"inline: {found[0]}"


@pytest.mark.parametrize("role", ["owner", "viewer"])
def test_every_page_behind_sign_in_has_a_strict_policy_and_is_kept_by_no_browser(
    doors: Callable[..., list[Door]], undone: Callable[..., TestResponse], sign_in: SignIn, role: str
) -> None:
    visitor = sign_in(role)
    wrong = {}
    for door in doors("GET", admin=role == "owner"):
        answer = undone(visitor, door)
        assert answer.status_code < 500, f"{door}: {answer.text[:500]}"
        if missing := list(headers_missing(door, answer, kept_by_nobody=True)):
            wrong[str(door)] = missing
    assert wrong == {}


def test_every_answer_to_a_stranger_has_a_strict_policy(doors: Callable[..., list[Door]], client: FlaskClient) -> None:
    wrong = {}
    for door in [*doors("GET"), *doors("POST")]:
        answer = whole(client.open(door.address, method=door.method))
        if missing := list(headers_missing(door, answer, kept_by_nobody=False)):
            wrong[str(door)] = missing
    assert wrong == {}


@pytest.mark.parametrize(
    "told",
    [{}, {"data": {"csrf_token": "wrong"}, "headers": {"X-CSRFToken": "wrong"}}],
    ids=["missing", "wrong"],
)
def test_every_write_without_the_right_token_is_refused(
    app: Flask,
    doors: Callable[..., list[Door]],
    undone: Callable[..., TestResponse],
    sign_in: SignIn,
    told: dict[str, Any],
) -> None:
    owner = sign_in("owner")
    guarded = [door for door in doors(*WRITING) if not hasattr(app.view_functions[door.rule.endpoint], TOKENLESS)]
    answers = {str(door): undone(owner, door, **told).status_code for door in guarded}
    assert {name: status for name, status in answers.items() if status != 400} == {}


def test_only_public_doors_take_what_comes_without_a_token(app: Flask) -> None:
    tokenless = {name: getattr(view, LOCK) for name, view in app.view_functions.items() if hasattr(view, TOKENLESS)}
    assert {name: lock for name, lock in tokenless.items() if lock} == {}


def led_to(answer: TestResponse) -> list[str]:
    """Where an answer sends the browser."""
    return [
        answer.headers[name] for name in ("Location", "HX-Redirect", "HX-Push-Url", "Refresh") if name in answer.headers
    ]


@pytest.mark.parametrize("signed_in", [True, False], ids=["owner", "stranger"])
def test_no_address_leads_to_another_site(
    doors: Callable[..., list[Door]],
    undone: Callable[..., TestResponse],
    sign_in: SignIn,
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    *,
    signed_in: bool,
) -> None:
    monkeypatch.setitem(client.application.config, "WTF_CSRF_METHODS", set())  # the tokens have a test of their own
    visitor = sign_in("owner") if signed_in else client

    def ask(door: Door, target: str) -> list[str]:
        asked = dict.fromkeys(BACK, target)
        sent: dict[str, Any] = {"query_string": asked}
        if door.method == "POST":
            sent["data"] = asked | {"language": "en", "theme": "dark"}
        return led_to(undone(visitor, door, **sent))

    obeying = [
        door for door in doors("GET", "POST", admin=False) if any(WANTED in place for place in ask(door, WANTED))
    ]
    assert obeying
    for door in obeying:
        for target in ELSEWHERE:
            for place in ask(door, target):
                parts = urlsplit(place)
                inside = parts.netloc in ("", "localhost") and parts.scheme in ("", "http", "https")
                assert inside, f"{door} leads to {place}"
                assert not place.startswith(("//", "/\\")), f"{door} leads to {place}"


def test_the_sign_in_page_leads_nowhere_else_after_signing_in(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    for target in ELSEWHERE:
        browser = client.application.test_client()
        answer = sign_in_as(browser, user.email, PASSWORD, next=target)
        location = answer.location or ""
        assert urlsplit(location).netloc == ""
        assert not location.startswith(("//", "/\\"))
