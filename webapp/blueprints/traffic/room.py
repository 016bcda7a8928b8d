"""The traffic room: who visits the site, from nginx's own logs."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.blueprints.traffic.cli import traffic
from webapp.blueprints.traffic.gateways.collector import collector
from webapp.blueprints.traffic.permissions import TITLES
from webapp.blueprints.traffic.permissions import TrafficPermission as May
from webapp.blueprints.traffic.tasks import KINDS, SCHEDULES
from webapp.blueprints.traffic.views import classes, marks, notice, rules, visitors
from webapp.blueprints.traffic.views.pages import blueprint
from webapp.core.happenings import offer_happenings
from webapp.core.room import MenuEntry, Panel, Room


def set_up(app: Flask) -> None:
    """Let all time charts show the marks."""
    offer_happenings(app, marks.tell_happenings)


room = Room(
    name="traffic",
    title=_l("Traffic"),
    requires=("tasks",),
    blueprints=(blueprint, classes.blueprint, marks.blueprint, notice.blueprint, rules.blueprint, visitors.blueprint),
    permissions=May,
    titles=TITLES,
    owner_only=frozenset({May.VAULT}),
    grants={"staff": frozenset({May.READ, May.NOTES})},
    menu=(MenuEntry(_l("Traffic"), "traffic.traffic", May.READ, "activity", 65),),
    panels=(Panel("site.foot", "", notice.render_link),),
    commands=(traffic, collector),
    setup=set_up,
    beside=lambda: ("collector",),
    tasks=KINDS,
    schedules=SCHEDULES,
)
