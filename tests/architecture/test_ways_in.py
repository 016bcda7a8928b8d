"""What holds for everything that people sign in by, and for the way out."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_security import verify_password
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import PASSWORD, make_user, read_mail
from tests.rooms.accounts.pages import is_signed_in, send, sign_in_as, token_of
from tests.rooms.accounts.test_second_factor import turn_on
from tests.rooms.keys.makers import make_key
from webapp.blueprints.accounts.models import User
from webapp.core.db import db
from webapp.core.settings import PROJECT

SignIn = Callable[[str], FlaskClient]
INPUT = re.compile(r"<input[^>]*>")
NEW = "quattro civette sul comò"


@pytest.mark.parametrize("path", ["/login", "/account/password", "/verify"])
def test_passwords_are_masked_and_password_managers_may_fill_them_in(
    sign_in: SignIn, client: FlaskClient, path: str
) -> None:
    page = (client if path == "/login" else sign_in("viewer")).get(path)
    fields = [field for field in INPUT.findall(page.text) if re.search(r'name="(password|old|new)', field)]
    assert fields, page.text
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password', field), field
        assert "maxlength" not in field
        assert "readonly" not in field


def test_no_script_listens_to_what_is_pasted() -> None:
    for path in (PROJECT / "webapp/static/src").rglob("*.js"):
        assert not re.search(r"[\"']paste[\"']|onpaste", path.read_text()), path


def test_a_password_counts_to_its_last_sign_and_in_its_letter_case(session: Session) -> None:
    long = "Pranzo d'acqua fa volti sghembi, ma qualche vago ione tipo zolfo lava Quel pezzo; " * 2
    long = long[:127] + "x"
    user = make_user(session, password=long)
    assert verify_password(long, user.password)
    for other in (long[:127], long[:127] + "y", long.lower(), f"{long} ", f" {long}", long[:72]):
        assert not verify_password(other, user.password)


def test_a_new_installation_has_no_user(fresh_app: Flask) -> None:
    assert db.session.scalar(select(func.count()).select_from(User)) == 0


def test_a_reset_password_does_not_spare_the_second_factor(app: Flask, session: Session) -> None:
    user = make_user(session)
    at_home, forgetful = app.test_client(), app.test_client()
    sign_in_as(at_home, user.email, PASSWORD)
    phone, _codes = turn_on(at_home)
    send(forgetful, "/reset-password/", identity=user.email)
    link = re.search(r"https?://[^/\s]+(/\S+)", read_mail(session, user.email))
    assert link
    forgetful.get(link[1])
    send(forgetful, "/reset-password/new", password=NEW)
    assert not is_signed_in(forgetful)
    assert sign_in_as(forgetful, user.email, NEW).location.startswith("/tf-validate")
    assert not is_signed_in(forgetful)
    send(forgetful, "/tf-validate", code=phone.code())
    assert is_signed_in(forgetful)


def test_chance_comes_from_the_system() -> None:
    guessable = []
    for path in (PROJECT / "webapp").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            if any(name.partition(".")[0] == "random" or name.startswith("numpy.random") for name in names):
                guessable.append(str(path.relative_to(PROJECT)))
    # the made-up shop of the demo and its pictures are to be the same each time; a worker waits a little more or less
    harmless = ("demo", "webapp/blueprints/media/services/drawing/", "webapp/blueprints/tasks/gateways/runner.py")
    assert [path for path in guessable if not any(part in path for part in harmless)] == []


def test_recovery_codes_and_keys_cannot_be_guessed(app: Flask, session: Session) -> None:
    user = make_user(session)
    browser = app.test_client()
    sign_in_as(browser, user.email, PASSWORD)
    _phone, codes = turn_on(browser)
    assert len(set(codes)) == len(codes)
    assert all(len(code.replace("-", "")) == 12 for code in codes)  # 12 of 31 signs: 59 bits
    assert len(make_key(session).text.rpartition("_")[2]) == 43  # of 62 signs: 256 bits


def test_every_page_behind_sign_in_leads_out(sign_in: SignIn) -> None:
    owner = sign_in("owner")
    for path in (
        "/backoffice/",
        "/backoffice/customers/",
        "/account/security",
        "/account/keys/",
        "/admin/",
        "/admin/crm_customers/",
    ):
        assert 'action="/logout"' in owner.get(path).text, path


def test_signing_out_empties_what_the_browser_kept(sign_in: SignIn) -> None:
    owner = sign_in("owner")
    answer = owner.post("/logout", data={"csrf_token": token_of(owner.get("/account/security"))})
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not is_signed_in(owner)
    assert "Clear-Site-Data" not in owner.get("/login").headers
