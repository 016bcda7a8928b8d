"""What must hold for every address of the house, walked one by one: headers, tokens, ways back, cookies, logs."""

from __future__ import annotations

import io
import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Rule
from werkzeug.test import TestResponse

from tests.conftest import Browser
from tests.rooms.accounts.makers import PASSWORD, make_user
from tests.rooms.accounts.pages import is_signed_in, sign_in_as, token_of
from tests.rooms.catalogue.makers import make_product
from tests.rooms.crm.makers import make_customer
from tests.rooms.keys.makers import ME, make_key
from tests.rooms.sales.makers import make_order
from webapp.app import create_app
from webapp.blueprints.accounts.services.users import create_user
from webapp.core.db import db, transaction
from webapp.core.logs import Lines
from webapp.core.security import LOCK, SYSTEM, TOKENLESS
from webapp.core.settings import PROJECT, Settings
from webapp.core.stored import all_stores

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


@pytest.fixture
def production(fresh_settings: Settings) -> Iterator[Flask]:
    """The application as it runs behind TLS, with one user."""
    app = create_app(replace(fresh_settings, environment="production", hsts_seconds=31_536_000))
    app.testing = True
    app.test_client_class = Browser
    with app.app_context():
        with transaction() as database:
            create_user(
                database, by=SYSTEM, email="ada@shop.bottega.it", name="Ada", password=PASSWORD, roles=["owner"]
            )
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def test_in_production_every_cookie_is_for_tls_only_and_out_of_the_reach_of_scripts(production: Flask) -> None:
    browser = production.test_client()
    tls = {"base_url": "https://localhost"}
    page = browser.get("/login", **tls)
    answers = [page]
    form = {"email": "ada@shop.bottega.it", "password": PASSWORD, "remember": "y", "csrf_token": token_of(page)}
    answers.append(browser.post("/login", data=form, headers={"Referer": "https://localhost/login"}, **tls))
    assert answers[-1].status_code in (302, 303), answers[-1].text
    page = browser.get("/account/security", **tls)
    assert page.status_code == 200
    for name, value in (("language", "en"), ("theme", "dark")):
        form = {name: value, "csrf_token": token_of(page)}
        headers = {"Referer": "https://localhost/account/security"}
        answers.append(browser.post(f"/preferences/{name}", data=form, headers=headers, **tls))
        assert answers[-1].status_code == 303, answers[-1].text
    cookies = [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]
    names = {cookie.partition("=")[0] for cookie in cookies}
    assert {"session", "device"} <= names
    assert len(names) >= 4
    for cookie in cookies:
        assert "; Secure" in cookie, cookie
        assert "; HttpOnly" in cookie, cookie
        assert re.search(r"; SameSite=(Lax|Strict)", cookie), cookie
        assert "; Domain=" not in cookie, cookie
    trusted = production.config["SECURITY_TWO_FACTOR_VALIDITY_COOKIE"]
    assert trusted["secure"]
    assert trusted["httponly"]
    assert trusted["samesite"] in ("Lax", "Strict")


def test_browsers_are_told_to_come_over_tls_where_the_setting_says_so(production: Flask, client: FlaskClient) -> None:
    browser = production.test_client()
    told = browser.get("/login", base_url="https://localhost").headers["Strict-Transport-Security"]
    assert told == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in browser.get("/login").headers
    assert "Strict-Transport-Security" not in client.get("/login", base_url="https://localhost").headers


def test_no_password_key_or_cookie_gets_into_the_log_or_an_address(
    client: FlaskClient, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    user = make_user(session)
    issued = make_key(session, user_id=user.id)
    wrong = "quattro-cani-in-cortile"
    with caplog.at_level(logging.DEBUG):
        answers = [sign_in_as(client, user.email, wrong), sign_in_as(client, user.email, PASSWORD)]
        assert is_signed_in(client)
        cookie = client.get_cookie("session")
        assert cookie
        answers.append(client.get(ME, headers={"Authorization": f"Bearer {issued.text}"}))
        answers.append(client.get("/account/security"))
    log = caplog.text
    for secret in (wrong, PASSWORD, issued.text, issued.text.rpartition("_")[2], cookie.value):
        assert secret not in log
        assert all(secret not in (answer.location or "") for answer in answers)
    assert wrong not in answers[0].text


def test_an_error_of_the_database_is_logged_without_what_was_to_be_stored(session: Session) -> None:
    statement = text("INSERT INTO accounts_users (email, fs_uniquifier, password) VALUES ('A', 'b', :p)")
    with pytest.raises(IntegrityError) as error:
        session.execute(statement, {"p": f"{PASSWORD}\nHINT"})
    session.rollback()
    assert PASSWORD in str(error.value.orig)  # PostgreSQL quotes the row that it refuses
    record = logging.LogRecord("x", logging.ERROR, "", 0, "unexpected", (), (error.type, error.value, error.tb))
    line = Lines().format(record)
    assert "violates" in line
    assert "INSERT INTO accounts_users" in line
    assert PASSWORD not in line


def test_no_form_sends_a_password_in_an_address() -> None:
    forms = re.compile(r"<form\b.*?</form>", re.DOTALL | re.IGNORECASE)
    for path in (PROJECT / "webapp").rglob("*.html"):
        for form in forms.findall(path.read_text()):
            if re.search(r"password|type=\"password\"|code", form) and "input" in form:
                assert 'method="post"' in form.lower() or "password" not in form, path.relative_to(PROJECT)


def test_the_session_and_keys_are_the_only_ways_in(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    token = user.get_auth_token()
    for path in ("/backoffice/customers/", ME):
        for asked in (
            {"headers": {"Authentication-Token": token}},
            {"query_string": {"auth_token": token}},
            {"headers": {"Authorization": f"Bearer {token}"}},
            {"auth": (user.email, PASSWORD)},
        ):
            browser = client.application.test_client()
            assert browser.get(path, **asked).status_code in (302, 401), asked


def test_a_cookie_from_before_somebody_else_signed_out_is_worth_nothing(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    sign_in_as(client, user.email, PASSWORD)
    thief = client.application.test_client()
    thief._cookies = dict(client._cookies)
    assert is_signed_in(thief)
    client.post("/logout", data={"csrf_token": token_of(client.get("/account/security"))})
    assert not is_signed_in(thief)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<html><script>alert(1)</script></html>", "logo.png"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "logo.svg"),
        (b"GIF89a<script>alert(1)</script>", "logo.html"),
    ],
)
def test_what_somebody_uploads_is_never_served_as_a_page(
    sign_in: SignIn, app: Flask, content: bytes, name: str
) -> None:
    owner = sign_in("owner")
    page = owner.get("/backoffice/company/")
    fields = dict(re.findall(r'name="(\w+)"[^>]*value="([^"]*)"', page.text))
    form = fields | {"csrf_token": token_of(page), "logo": (io.BytesIO(content), name, "text/html")}
    owner.post("/backoffice/company/", data=form, content_type="multipart/form-data")
    answer = app.test_client().get("/branding/logo")
    assert answer.status_code == 404 or answer.mimetype.startswith("image/")
    assert answer.mimetype not in ("image/svg+xml", "text/html") or answer.status_code == 404
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_text_out_of_an_uploaded_file_is_shown_as_text(session: Session, sign_in: SignIn) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    customer = make_customer(session, name=attack, country=attack[:50])
    product = make_product(session, name=attack)
    order = make_order(session, product, customer_id=customer.id, country=attack[:50])
    session.commit()
    owner = sign_in("owner")
    for path in (
        "/backoffice/customers/",
        f"/backoffice/customers/{customer.id}/",
        f"/backoffice/customers/{customer.id}/edit",
        f"/backoffice/orders/{order.id}/",
        f"/backoffice/products/{product.id}/",
        f"/admin/crm_customers/details/?id={customer.id}",
    ):
        page = owner.get(path).text
        assert "&lt;script&gt;" in page, path
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path


def test_nothing_of_a_page_comes_from_another_site() -> None:
    reference = re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", re.IGNORECASE)
    addresses = re.compile(r"""(?:fetch|import|url)\(\s*["']?(?:https?:)?//""", re.IGNORECASE)
    for pattern, rule in (("*.html", reference), ("static/src/**/*.js", addresses), ("static/src/**/*.css", addresses)):
        for path in (PROJECT / "webapp").rglob(pattern):
            if not Path(path).is_relative_to(PROJECT / "webapp" / "static" / "dist"):
                assert not rule.search(re.sub(r"{#.*?#}", "", path.read_text(), flags=re.DOTALL)), path


def test_scripts_keep_in_the_browser_what_is_declared_and_nothing_else(app: Flask) -> None:
    declared = {each.name for each in all_stores() if each.kind == "local"}
    for path in (PROJECT / "webapp" / "static" / "src").rglob("*.js"):
        source = path.read_text()
        assert not re.search(r"sessionStorage|indexedDB|document\.cookie", source), path
        if "localStorage" in source:
            assert declared & set(re.findall(r'"([a-z-]+)"', source)), path


def test_an_error_page_says_nothing_of_the_inside(production: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash() -> None:
        raise ZeroDivisionError("the secret inside")

    monkeypatch.setitem(production.view_functions, "website.landing", crash)
    production.testing = False
    started = time.monotonic()
    for path in ("/", "/?debug=1", "/console"):
        answer = production.test_client().get(path, base_url="https://localhost")
        assert answer.status_code in (404, 500)
        for word in ("secret", "Traceback", "ZeroDivision", "werkzeug", "/webapp/", "psycopg"):
            assert word not in answer.text
        assert "Server" not in answer.headers or "Werkzeug" not in answer.headers["Server"]
    assert time.monotonic() - started < 10
