"""Keys in the API: the reader of `Authorization: Bearer …`, and `/api/v1/me`."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request

from webapp.blueprints.keys.schemas import MeSchema
from webapp.blueprints.keys.services.recognising import Recognised, mark_used, recognise
from webapp.core.api import ApiBlueprint, set_key_reader
from webapp.core.db import db, transaction
from webapp.core.room import rights
from webapp.core.security import Actor, current_actor, requires

blueprint = ApiBlueprint("keys", __name__, path="", title="Me")


def set_up_keys(app: Flask) -> None:
    """Let the API recognise keys."""
    set_key_reader(app, read_key)


def read_key(text: str) -> Actor | None:
    """The actor behind the text of a key; that it was used is remembered."""
    found = recognise(db.session(), text)
    if found is None:
        return None
    if not found.marked:
        with transaction() as session:
            mark_used(session, key_id=found.key_id, address=request.remote_addr or "")
    g.api_key = found
    return found.actor


@blueprint.route("/me")
@requires()
@blueprint.response(200, MeSchema)
def me() -> dict[str, Any]:
    """Who asks, and what they may do."""
    actor, key = current_actor(), g.get("api_key")
    reaches = {right.name: actor.reach(right.name) for right in rights()}
    return {
        "name": actor.name,
        "kind": _kind(actor, key),
        "user_id": actor.user_id,
        "permissions": {name: reach.value for name, reach in reaches.items() if reach is not None},
        "key": key,
    }


def _kind(actor: Actor, key: Recognised | None) -> str:
    if key is None:
        return "session"
    return "person" if actor.signed_in else "service"
