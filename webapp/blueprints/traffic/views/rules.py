"""The rules that tell persons, robots and attacks apart."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.traffic.forms import RuleForm
from webapp.blueprints.traffic.permissions import TrafficPermission as May
from webapp.blueprints.traffic.queries.classes import SUBJECTS, TOLD, get_rule, list_of_rules, name_of
from webapp.blueprints.traffic.services.rules import create_rule, delete_rule, update_rule
from webapp.core.db import db
from webapp.core.deletion import ask_and_delete
from webapp.core.editing import ask_and_edit
from webapp.core.forms import submit
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("traffic_rules", __name__, template_folder="../templates", url_prefix="/backoffice/traffic/rules")
FROM_ADDRESS = ("kind", "subject", "pattern", "name")  # what another page may propose for a new rule


@blueprint.get("/")
@requires(May.READ)
def rules() -> Response:
    """The rules in their order, or their export."""
    return show_list(db.session(), list_of_rules(), "traffic/rules.html", "traffic/_rules.html")


@blueprint.get("/<int:rule_id>/")
@requires(May.READ)
def rule(rule_id: int) -> Response:
    """One rule."""
    found = get_rule(db.session(), rule_id)
    return show("traffic/rule.html", rule=found, name=name_of(found), classes=TOLD, subjects=SUBJECTS)


@blueprint.route("/new", methods=["GET", "POST"])
@requires(May.RULES)
def new_rule() -> Response:
    """The form of a new rule, and its creation."""
    if request.method == "GET":
        proposed = {name: request.args[name] for name in FROM_ADDRESS if name in request.args}
        return show("traffic/rule_form.html", form=RuleForm(formdata=None, data=proposed))
    form, by = RuleForm(), current_actor()
    created = submit(form, lambda s: create_rule(s, by=by, values=form.values(), level=_level()).id)
    if created is None:
        return show("traffic/rule_form.html", status=422, form=form)
    return done(url_for(".rule", rule_id=created), _("The rule was created. The days are told anew, the newest first."))


@blueprint.route("/<int:rule_id>/edit", methods=["GET", "POST"])
@requires(May.RULES)
def edit_rule(rule_id: int) -> Response:
    """The form of a rule, and its change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_rule(db.session(), rule_id),
        RuleForm.filled,
        lambda form, stored, **more: show("traffic/rule_form.html", form=form, rule=stored, **more),
        lambda s, form, seen: update_rule(
            s, by=by, rule_id=rule_id, version=seen, values=form.values(), level=_level()
        ),
        then=url_for(".rule", rule_id=rule_id),
        message=_("The rule was saved. The days are told anew, the newest first."),
    )


@blueprint.route("/<int:rule_id>/delete", methods=["GET", "POST"])
@requires(May.RULES)
def remove_rule(rule_id: int) -> Response:
    """The question whether to delete, and the deletion."""
    by = current_actor()

    def tell() -> dict[str, Any]:
        stored = get_rule(db.session(), rule_id)
        return {"rule": stored, "name": name_of(stored)}

    return ask_and_delete(
        "traffic/rule_delete.html",
        tell,
        lambda s, seen: delete_rule(s, by=by, rule_id=rule_id, version=seen),
        then=url_for(".rules"),
        message=_("The rule was deleted. The days are told anew, the newest first."),
    )


def _level() -> int:
    level: int = current_app.extensions["settings"].traffic_anonymize
    return level
