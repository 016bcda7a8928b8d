"""The doors at which guessing is counted: what is tried there, and on whose account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, current_app, g, request, session
from flask_security import current_user

from webapp.blueprints.accounts.queries.people import find_stamped
from webapp.blueprints.accounts.services.attempts import Attempt, Try, count_attempt, forgive_attempt
from webapp.blueprints.accounts.views.signed_in import caller
from webapp.core.db import db, transaction
from webapp.core.errors import DomainError

Account = Callable[[], str | int | None]


def typed(*names: str) -> Account:
    """The account is what stands in the first of these fields that is filled in."""

    def read() -> str | None:
        return next((text for name in names if (text := request.form.get(name, "").strip())), None)

    return read


def half_in() -> int | None:
    """The account is that of whoever gave the right password and owes the second factor."""
    stamp = session.get("tf_user_id")
    return find_stamped(db.session(), stamp) if isinstance(stamp, str) else None


def myself() -> int | None:
    """The account is the signed-in person's."""
    return int(current_user.id) if current_user.is_authenticated else None


def nobody() -> None:
    """No account is told: only the address counts."""


@dataclass(frozen=True)
class Door:
    """What is tried at an endpoint. `forgiven`: leading on (a redirect) means that it was right."""

    what: Try
    account: Account
    forgiven: bool = True


DOORS = {
    "security.login": Door(Try.PASSWORD, typed("email", "username", "identity")),
    "security.verify": Door(Try.PASSWORD, myself),
    "security.change_password": Door(Try.PASSWORD, myself),
    "security.two_factor_token_validation": Door(Try.CODE, half_in),
    "security.mf_recovery": Door(Try.CODE, half_in),
    "security.wan_signin": Door(Try.CODE, nobody),
    "security.wan_signin_response": Door(Try.CODE, nobody),
    "security.wan_verify_response": Door(Try.CODE, myself),
}


def set_up_attempts(app: Flask) -> None:
    """Count what is tried at the doors."""
    app.before_request(_count)
    app.after_request(_forgive)


def guard(endpoint: str, door: Door) -> None:
    """Count what is tried at a further endpoint."""
    DOORS[endpoint] = door


def _count() -> None:
    door = DOORS.get(request.endpoint or "")
    if door is None or request.method != "POST":
        return
    attempt = g.attempt = _attempt(door)
    problem: DomainError | None = None
    with transaction() as database:  # stored whatever comes of it
        try:
            count_attempt(database, attempt, secret=current_app.extensions["settings"].secret_key)
        except DomainError as refusal:
            problem = refusal
    if problem:
        g.pop("attempt")
        raise problem


def _forgive(response: Response) -> Response:
    attempt: Attempt | None = g.pop("attempt", None)
    door = DOORS.get(request.endpoint or "")
    if attempt and door and door.forgiven and 300 <= response.status_code < 400:
        with transaction() as database:
            forgive_attempt(database, attempt, secret=current_app.extensions["settings"].secret_key)
    return response


def _attempt(door: Door) -> Attempt:
    who = caller()
    return Attempt(door.what, door.account(), who.address, who.device)
