"""Alerts: those that last, all there were, one of them with its lines; their rules; the bell on every page."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.traffic.forms import AlertRuleForm
from webapp.blueprints.traffic.permissions import TrafficPermission as May
from webapp.blueprints.traffic.queries.alerts import (
    ALERT_KINDS,
    STATES,
    THRESHOLDS,
    alert_in_words,
    count_open,
    figure_in_words,
    get_alert,
    get_alert_rule,
    list_alert_rules,
    list_checks,
    list_of_alerts,
    list_open,
    title_of,
)
from webapp.blueprints.traffic.services.alert_rules import create_alert_rule, delete_alert_rule, update_alert_rule
from webapp.blueprints.traffic.services.receiving import list_receivers
from webapp.core.db import db
from webapp.core.deletion import ask_and_delete
from webapp.core.editing import ask_and_edit
from webapp.core.forms import submit
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

if TYPE_CHECKING:
    from webapp.blueprints.traffic.models import Alert

blueprint = Blueprint(
    "traffic_alerts", __name__, template_folder="../templates", url_prefix="/backoffice/traffic/alerts"
)


def render_bell() -> str:
    """For the bar of every page: the way to the alerts, and how many last."""
    return render_template("traffic/_bell.html", count=count_open(db.session()))


def render_open() -> str:
    """For the top of the dashboard: the alerts that last, "" when there are none."""
    found = list_open(db.session())
    return render_template("traffic/_open_alerts.html", alerts=found, **_words()) if found else ""


@blueprint.get("/")
@requires(May.READ)
def alerts() -> Response:
    """The alerts that last, and all there were; or their export."""
    session = db.session()
    return show_list(
        session, list_of_alerts(), "traffic/alerts.html", "traffic/_alerts.html", alerts=list_open(session), **_words()
    )


@blueprint.get("/<int:alert_id>/")
@requires(May.READ)
def alert(alert_id: int) -> Response:
    """One alert with its figures and the way to its lines."""
    found = get_alert(db.session(), alert_id)
    return show(
        "traffic/alert.html", alert=found, lines=_lines(found), states=STATES, figure=figure_in_words, **_words()
    )


@blueprint.get("/rules/")
@requires(May.READ)
def alert_rules() -> Response:
    """The rules, and what the last look at each came to."""
    session = db.session()
    names = dict(list_receivers())
    return show(
        "traffic/alert_rules.html",
        rules=list_alert_rules(session),
        checks=list_checks(session),
        names=names,
        figure=figure_in_words,
        thresholds=THRESHOLDS,
        title_of=title_of,
    )


@blueprint.route("/rules/new", methods=["GET", "POST"])
@requires(May.ALERTS)
def new_alert_rule() -> Response:
    """The form of a new rule, and its creation."""
    if request.method == "GET":
        return _show_form(AlertRuleForm(formdata=None))
    form, by = _with_receivers(AlertRuleForm()), current_actor()
    created = submit(form, lambda s: create_alert_rule(s, by=by, values=form.values()).id)
    if created is None:
        return _show_form(form, status=422)
    return done(url_for(".alert_rules"), _("The rule was created."))


@blueprint.route("/rules/<int:rule_id>/edit", methods=["GET", "POST"])
@requires(May.ALERTS)
def edit_alert_rule(rule_id: int) -> Response:
    """The form of a rule, and its change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_alert_rule(db.session(), rule_id),
        lambda stored, **kwargs: _with_receivers(AlertRuleForm.filled(stored, **kwargs)),
        lambda form, stored, **more: _show_form(form, rule=stored, **more),
        lambda s, form, seen: update_alert_rule(s, by=by, rule_id=rule_id, version=seen, values=form.values()),
        then=url_for(".alert_rules"),
        message=_("The rule was saved."),
    )


@blueprint.route("/rules/<int:rule_id>/delete", methods=["GET", "POST"])
@requires(May.ALERTS)
def remove_alert_rule(rule_id: int) -> Response:
    """The question whether to delete a rule with its alerts, and the deletion."""
    by = current_actor()

    def tell() -> dict[str, Any]:
        stored = get_alert_rule(db.session(), rule_id)
        return {"rule": stored, "name": title_of(stored)}

    return ask_and_delete(
        "traffic/alert_rule_delete.html",
        tell,
        lambda s, seen: delete_alert_rule(s, by=by, rule_id=rule_id, version=seen),
        then=url_for(".alert_rules"),
        message=_("The rule was deleted."),
    )


def _show_form(form: AlertRuleForm, *, status: int = 200, **more: Any) -> Response:
    return show("traffic/alert_rule_form.html", status=status, form=_with_receivers(form), **more)


def _with_receivers(form: AlertRuleForm) -> AlertRuleForm:
    form.receivers.choices = list_receivers()
    return form


def _words() -> dict[str, Any]:
    return {"title_of": title_of, "sentence": lambda alert: alert_in_words(alert, g.company.zone), "kinds": ALERT_KINDS}


def _lines(found: Alert) -> str:
    """The address of the lines behind an alert, "" of one that has none."""
    if found.kind == "certificate":
        return ""
    zone = g.company.zone
    begin = (found.opened_at - dt.timedelta(minutes=found.figures.get("minutes", 0))).astimezone(zone)
    end = (found.closed_at or found.met_at).astimezone(zone) + dt.timedelta(minutes=1)
    narrow: dict[str, dict[str, Any]] = {
        "failures": {"status": "5xx"}, "slow": {"seconds_min": str(found.threshold.normalize())},
        "attacker": {"network": found.subject, "class": "attack"}, "drop": {},
    }  # fmt: skip
    wanted: dict[str, Any] = {
        "from": begin.date().isoformat(), "to": end.date().isoformat(), "since": begin.isoformat(timespec="minutes"),
        "until": end.isoformat(timespec="minutes"),
    }  # fmt: skip
    return url_for("traffic.requests", **wanted, **narrow[found.kind])
