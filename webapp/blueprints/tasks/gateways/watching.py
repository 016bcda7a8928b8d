"""What is watched from outside: whether the broker answers, and how many tasks wait, run and failed."""

from __future__ import annotations

from flask import Flask

from webapp.blueprints.tasks.gateways.broker import set_up_carrier
from webapp.blueprints.tasks.ports import CarrierDown
from webapp.blueprints.tasks.queries import list_figures
from webapp.blueprints.tasks.services.carrying import current_carrier
from webapp.core.health import NotReady, add_check
from webapp.core.metrics import Figure, add_figures


def set_up(app: Flask) -> None:
    """Give the application its carrier, its check and its figures."""
    set_up_carrier(app)
    add_check(app, "broker", check_broker)
    add_figures(
        app,
        lambda session: [
            Figure(name, meaning, value, labels) for name, meaning, value, labels in list_figures(session)
        ],
    )


def check_broker() -> str:
    """The broker takes connections. Raises NotReady."""
    try:
        current_carrier().check()
    except CarrierDown as problem:
        raise NotReady(f"{problem}: tasks are kept and wait, look at BROKER_URL and at the broker itself") from None
    return "the broker answers"
