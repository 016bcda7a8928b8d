"""What holds at the doors of signing in: guesses are counted, refusals take their time, second factors are demanded."""

from __future__ import annotations

import time

from flask import Flask, Response, current_app, g, request

from webapp.blueprints.accounts.services.attempts import Try
from webapp.blueprints.accounts.views.attempts import Door, guard, myself, nobody, typed
from webapp.blueprints.accounts.views.joining import registration
from webapp.blueprints.accounts.views.proof import demand_second_factor, prove_again
from webapp.core.settings import Settings

DOORS = {
    "proof.password": Door(Try.PASSWORD, myself),
    "proof.codes": Door(Try.CODE, myself, forgiven=False),
    "proof.email": Door(Try.LINK, myself, forgiven=False),
    "recovery.forgotten": Door(Try.LINK, typed("identity"), forgiven=False),
    "recovery.new_password": Door(Try.PASSWORD, nobody),
    "joining.register": Door(Try.LINK, typed("email"), forgiven=False),
    "joining.accept": Door(Try.PASSWORD, nobody),
}


# Where an answer would tell by its speed who has an account: a mail is written for one, and nothing for another.
EVEN = frozenset({"security.login", "recovery.forgotten", "joining.register"})
EVEN_SECONDS = 0.5


def set_up_proof(app: Flask) -> None:
    """Count what is tried at our own doors, answer strangers evenly, and ask for the second factors that roles demand."""
    settings: Settings = app.extensions["settings"]
    app.config["EVEN_SECONDS"] = 0 if settings.environment == "test" else EVEN_SECONDS
    app.before_request(_note_time)
    app.after_request(_answer_evenly)
    for endpoint, door in DOORS.items():
        guard(endpoint, door)
    app.before_request(demand_second_factor)
    app.extensions["bottega_prove_again"] = prove_again
    app.jinja_env.globals["registration"] = registration


def _note_time() -> None:
    if request.method == "POST" and request.endpoint in EVEN:
        g.asked_at = time.monotonic()


def _answer_evenly(response: Response) -> Response:
    """Let an answer that is no success take half a second, whatever was done for it."""
    asked_at: float | None = g.pop("asked_at", None)
    if asked_at is not None and response.status_code in (200, 422):
        time.sleep(max(0.0, asked_at + current_app.config["EVEN_SECONDS"] - time.monotonic()))
    return response
