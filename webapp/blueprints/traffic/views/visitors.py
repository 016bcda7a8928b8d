"""Visitors with their class and why, one of them with what they asked, and the full address from the vault."""

from __future__ import annotations

from flask import Blueprint, current_app
from werkzeug.wrappers import Response

from webapp.blueprints.traffic.permissions import TrafficPermission as May
from webapp.blueprints.traffic.queries.classes import CLASSES, list_of_visitors
from webapp.blueprints.traffic.queries.visitors import SHOWN, get_visitor, read_key
from webapp.blueprints.traffic.services.vault import read_address
from webapp.core.db import db, transaction
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.web import show

blueprint = Blueprint(
    "traffic_visitors", __name__, template_folder="../templates", url_prefix="/backoffice/traffic/visitors"
)


@blueprint.get("/")
@requires(May.READ)
def visitors() -> Response:
    """The visitors of each day, or their export."""
    return show_list(db.session(), list_of_visitors(), "traffic/visitors.html", "traffic/_visitors.html")


@blueprint.get("/<key>/")
@requires(May.READ)
def visitor(key: str) -> Response:
    """One visitor of a day."""
    return _show(key)


@blueprint.post("/<key>/address")
@requires(May.VAULT)
def address(key: str) -> Response:
    """The full address behind a visitor; that it was read is written down."""
    day, number = read_key(key)
    with transaction() as session:
        found = read_address(session, by=current_actor(), day=day, visitor=number)
    return _show(key, found)


def _show(key: str, full_address: str = "") -> Response:
    return show(
        "traffic/visitor.html",
        portrait=get_visitor(db.session(), *read_key(key)),
        address=full_address,
        classes=CLASSES,
        shown=SHOWN,
        vault_days=current_app.extensions["settings"].traffic_vault_days,
    )
