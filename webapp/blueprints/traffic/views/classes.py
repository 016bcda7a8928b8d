"""The classes of visitors with their reasons, and the attackers with a list of them to block."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask import Blueprint, current_app, g, request
from werkzeug.wrappers import Response

from webapp.blueprints.traffic.permissions import TrafficPermission as May
from webapp.blueprints.traffic.queries.classes import CLASSES, list_reasons
from webapp.blueprints.traffic.queries.report import get_classes
from webapp.blueprints.traffic.queries.visitors import list_attackers
from webapp.blueprints.traffic.services.blocking import block_list, for_fail2ban, for_nginx
from webapp.blueprints.traffic.views.asking import days_asked
from webapp.core.clock import local_day, utc_now
from webapp.core.db import db, transaction
from webapp.core.security import current_actor, requires
from webapp.core.web import send_stream, show

blueprint = Blueprint("traffic_classes", __name__, template_folder="../templates", url_prefix="/backoffice/traffic")


@dataclass(frozen=True)
class Days:
    """The days that the address asks for; `problem` is told when it makes no sense."""

    first: dt.date
    last: dt.date
    problem: str = ""

    @property
    def words(self) -> dict[str, str]:
        """As an address names them."""
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}


@blueprint.get("/classes/")
@requires(May.READ)
def classes() -> Response:
    """How many visitors of each class there were on some days, and why they are of it."""
    days, session = Days(*days_asked()), db.session()
    return show(
        "traffic/classes.html",
        days=days,
        figures=get_classes(session, days.first, days.last),
        reasons=list_reasons(session, days.first, days.last),
        classes=CLASSES,
    )


@blueprint.get("/attackers/")
@requires(May.READ)
def attackers() -> Response:
    """The networks from which attacks came, with the signatures."""
    days = Days(*days_asked())
    return show(
        "traffic/attackers.html",
        days=days,
        attackers=list_attackers(db.session(), days.first, days.last),
        vault_days=current_app.extensions["settings"].traffic_vault_days,
    )


@blueprint.post("/attackers/block-list")
@requires(May.VAULT)
def blocked() -> Response:
    """The attackers' full addresses as a file for nginx or fail2ban; that they were read is written down."""
    today = local_day(utc_now(), g.company.zone)
    first = today - dt.timedelta(days=current_app.extensions["settings"].traffic_vault_days)
    with transaction() as session:
        found = block_list(session, by=current_actor(), first=first, last=today, least=_least())
    if request.form.get("for") == "fail2ban":
        return send_stream([for_fail2ban(found).encode()], media="text/plain; charset=utf-8", name="attackers.log")
    return send_stream([for_nginx(found, utc_now()).encode()], media="text/plain; charset=utf-8", name="attackers.conf")


def _least() -> int:
    said = request.form.get("least", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 1
