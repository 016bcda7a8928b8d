"""The page that says why somebody may do something, or why not; and the directory that the other rooms ask."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, current_app, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.accounts.models import User
from webapp.blueprints.accounts.permissions import AccountsPermission as May
from webapp.blueprints.accounts.queries.directory import AccountsDirectory
from webapp.blueprints.accounts.queries.explaining import list_ways
from webapp.blueprints.accounts.queries.people import list_users
from webapp.blueprints.accounts.views.roles import reach_words, rights_by_room
from webapp.core.db import db
from webapp.core.directory import DIRECTORY
from webapp.core.owned import Owned
from webapp.core.policy import find_by_key, may, rule_of
from webapp.core.room import Right, rights
from webapp.core.security import Actor, actor_of, requires
from webapp.core.web import show

blueprint = Blueprint("rights", __name__, template_folder="../templates", url_prefix="/backoffice/rights/why")


def set_up_directory(app: Flask) -> None:
    """Tell the floor who is who."""
    app.extensions[DIRECTORY] = AccountsDirectory()


@blueprint.get("/")
@requires(May.ROLES_READ, May.USERS_READ)
def why() -> Response:
    """Why may this person do this, or why not: `person`, `permission` and, if it is about one, the `record`."""
    session = db.session()
    people = list_users(session)
    person = next((user for user in people if str(user.id) == request.args.get("person", "")), None)
    right = next((each for each in rights() if each.name == request.args.get("permission", "")), None)
    key = request.args.get("record", "").replace("\x00", "").strip()[:100]
    answer: dict[str, Any] = _answer(person, right, key) if person and right else {}
    return show(
        "accounts/why.html",
        people=people,
        rooms=rights_by_room(),
        person=person,
        right=right,
        key=key,
        reaches=reach_words(),
        **answer,
    )


def _answer(person: User, right: Right, key: str) -> dict[str, object]:
    actor = actor_of(person.id) if person.active else None
    rule = rule_of(right.name)
    record = find_by_key(db.session(), rule, key) if rule and key else None
    reach = actor.reach(right.name) if actor else None
    return {
        "ways": list_ways(db.session(), person, right.name),
        "reach": reach,
        "rule": rule,
        "record": record,
        "yes": actor is not None and may(actor, right.name, record) and not (rule and key and record is None),
        "about": _about(actor, record) if actor and record else "",
    }


def _about(actor: Actor, record: Owned) -> str:
    """Whose the record is, seen from the actor."""
    directory = current_app.extensions[DIRECTORY]
    owner = directory.person_name(record.owner_id) if record.owner_id else ""
    group = directory.group_name(record.group_id) if record.group_id else ""
    if record.owner_id is not None and record.owner_id == actor.user_id:
        whose = _("It is their own record.")
    elif owner:
        whose = _("It is the record of %(name)s.", name=owner)
    else:
        whose = _("It is nobody's record.")
    if not group:
        return f"{whose} {_('It lies in no group.')}"
    where = (
        _("It lies in the group %(group)s, which is one of theirs or below.", group=group)
        if record.group_id in actor.groups
        else _("It lies in the group %(group)s, which is none of theirs.", group=group)
    )
    return f"{whose} {where}"
