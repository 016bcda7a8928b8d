"""Creating users, by service and by command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask_security import verify_password
from sqlalchemy.orm import Session

from tests.conftest import signed_in_cookie
from tests.rooms.accounts.makers import PASSWORD, make_user
from webapp.blueprints.accounts.queries.people import find_user
from webapp.blueprints.accounts.services.names import EmailTaken, EmailWrong
from webapp.blueprints.accounts.services.passwords import PasswordTooShort
from webapp.blueprints.accounts.services.users import RoleUnknown, create_user
from webapp.core.errors import NotAllowed
from webapp.core.security import ANONYMOUS, Actor

Command = Callable[..., Any]


def test_a_password_is_kept_as_argon2id_hash(app: object, session: Session) -> None:
    user = make_user(session)
    assert user.password is not None
    assert user.password.startswith("$argon2id$")
    assert verify_password(PASSWORD, user.password)


def test_an_address_is_taken_in_any_letter_case(session: Session) -> None:
    make_user(session, email="carla@shop.bottega.it")
    with pytest.raises(EmailTaken):
        make_user(session, email=" CARLA@shop.bottega.it")


@pytest.mark.parametrize(
    "email", ["", "carla", "carla@", "a b@shop.it", "carla@shop.it\nBcc: x@y.it", "x" * 250 + "@y.it"]
)
def test_an_address_that_is_none_is_refused(session: Session, email: str) -> None:
    with pytest.raises(EmailWrong):
        make_user(session, email=email)


def test_a_password_of_eleven_characters_is_too_short(session: Session) -> None:
    with pytest.raises(PasswordTooShort):
        make_user(session, password="elevenchars")
    assert make_user(session, password="twelve-chars").active


def test_a_role_that_nobody_knows_is_refused(session: Session) -> None:
    with pytest.raises(RoleUnknown, match="boss"):
        make_user(session, roles=["staff", "boss"])


@pytest.mark.parametrize("actor", [ANONYMOUS, Actor("staff", user_id=7)])
def test_only_the_owner_creates_users(session: Session, actor: Actor) -> None:
    with pytest.raises(NotAllowed):
        create_user(session, by=actor, email="a@shop.bottega.it", name="", password=PASSWORD, roles=["viewer"])


def test_the_first_owner_is_created_from_the_environment(
    bottega: Command, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOTTEGA_ADMIN_EMAIL", "capo@shop.bottega.it")
    monkeypatch.setenv("BOTTEGA_ADMIN_PASSWORD", PASSWORD)
    result = bottega("users", "create-admin", "--name", "Carla")
    assert result.exit_code == 0, result.output
    user = find_user(session, "capo@shop.bottega.it")
    assert user is not None
    assert [role.name for role in user.roles] == ["owner"]
    again = bottega("users", "create-admin")
    assert again.exit_code == 0
    assert "already" in again.output
    named = bottega("users", "create-admin", "capo@shop.bottega.it")
    assert named.exit_code == 2
    assert "already" in named.output
    assert "capo@shop.bottega.it" in bottega("users", "list").output


def test_from_the_environment_no_owner_is_created_where_there_is_any_user(
    bottega: Command, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user(session)
    monkeypatch.setenv("BOTTEGA_ADMIN_EMAIL", "capo@shop.bottega.it")
    monkeypatch.setenv("BOTTEGA_ADMIN_PASSWORD", PASSWORD)
    assert bottega("users", "create-admin").exit_code == 0
    assert find_user(session, "capo@shop.bottega.it") is None
    assert bottega("users", "create-admin", "capo@shop.bottega.it").exit_code == 0
    assert find_user(session, "capo@shop.bottega.it") is not None


def test_users_are_managed_from_the_command_line(bottega: Command, session: Session) -> None:
    user = make_user(session)
    signed_in_cookie(session, user)
    assert "127.0.0.1" in bottega("users", "sessions", user.email).output
    assert "Sessions ended: 1." in bottega("users", "end-sessions", user.email).output
    assert bottega("users", "sessions", user.email).output == ""
    assert bottega("users", "roles", user.email, "staff", "viewer").output.split() == ["staff", "viewer"]
    assert bottega("users", "roles", user.email, "--none").output == ""
    assert bottega("users", "roles", user.email, "boss").exit_code == 2
    assert "cannot sign in" in bottega("users", "disable", user.email.upper()).output
    session.expire_all()
    assert not user.active
    assert bottega("users", "enable", user.email).exit_code == 0
    session.expire_all()
    assert user.active
    assert bottega("users", "reset-second-factor", user.email).exit_code == 0
    assert bottega("users", "disable", "nobody@shop.bottega.it").exit_code == 2


def test_a_password_comes_from_standard_input(app: Any, session: Session) -> None:
    words = ["users", "create", "anna@shop.bottega.it", "--role", "staff", "--password-stdin"]
    result = app.test_cli_runner().invoke(args=words, input=f"{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    user = find_user(session, "anna@shop.bottega.it")
    assert user is not None
    assert user.password is not None
    assert verify_password(PASSWORD, user.password)


def test_a_command_with_a_short_password_says_so_and_stores_nothing(app: Any, session: Session) -> None:
    words = ["users", "create", "anna@shop.bottega.it", "--role", "staff", "--password-stdin"]
    result = app.test_cli_runner().invoke(args=words, input="short\n")
    assert result.exit_code == 2
    assert "12 characters" in result.output
    assert find_user(session, "anna@shop.bottega.it") is None
