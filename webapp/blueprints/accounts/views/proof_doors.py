"""What holds at the doors of signing in: guesses are counted, and a role that asks for a second factor gets it."""

from __future__ import annotations

from flask import Flask

from webapp.blueprints.accounts.services.attempts import Try
from webapp.blueprints.accounts.views.attempts import Door, guard, myself, nobody, typed
from webapp.blueprints.accounts.views.joining import registration
from webapp.blueprints.accounts.views.proof import demand_second_factor, prove_again

DOORS = {
    "proof.password": Door(Try.PASSWORD, myself),
    "proof.codes": Door(Try.CODE, myself, forgiven=False),
    "proof.email": Door(Try.LINK, myself, forgiven=False),
    "recovery.forgotten": Door(Try.LINK, typed("identity"), forgiven=False),
    "recovery.new_password": Door(Try.PASSWORD, nobody),
    "joining.register": Door(Try.LINK, typed("email"), forgiven=False),
    "joining.accept": Door(Try.PASSWORD, nobody),
}


def set_up_proof(app: Flask) -> None:
    """Count what is tried at our own doors, and ask for the second factors that roles demand."""
    for endpoint, door in DOORS.items():
        guard(endpoint, door)
    app.before_request(demand_second_factor)
    app.extensions["bottega_prove_again"] = prove_again
    app.jinja_env.globals["registration"] = registration
