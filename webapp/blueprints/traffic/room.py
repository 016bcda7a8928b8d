"""The traffic room: who visits the site, from nginx's own logs."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.blueprints.traffic.admin import admin_views
from webapp.blueprints.traffic.cli import traffic
from webapp.blueprints.traffic.gateways.collector import check_traffic, collector
from webapp.blueprints.traffic.permissions import TITLES
from webapp.blueprints.traffic.permissions import TrafficPermission as May
from webapp.blueprints.traffic.queries.privacy import tell_personal
from webapp.blueprints.traffic.services.changes import follow_changes
from webapp.blueprints.traffic.tasks import KINDS, SCHEDULES
from webapp.blueprints.traffic.views import alerts, classes, marks, notice, rules, visitors, weeks
from webapp.blueprints.traffic.views.pages import blueprint, render_link
from webapp.core.happenings import offer_happenings
from webapp.core.readiness import add_deployment_check
from webapp.core.room import MenuEntry, Panel, Room


def set_up(app: Flask) -> None:
    """Let all time charts show the marks, and `check --deploy` look whether nginx's logs are read."""
    offer_happenings(app, marks.tell_happenings)
    add_deployment_check(app, "traffic", check_traffic)
    follow_changes()


room = Room(
    name="traffic",
    title=_l("Traffic"),
    requires=("tasks",),
    blueprints=(
        blueprint,
        alerts.blueprint,
        classes.blueprint,
        marks.blueprint,
        notice.blueprint,
        rules.blueprint,
        visitors.blueprint,
        weeks.blueprint,
    ),
    permissions=May,
    titles=TITLES,
    owner_only=frozenset({May.VAULT}),
    grants={"staff": frozenset({May.READ, May.NOTES})},
    menu=(MenuEntry(_l("Traffic"), "traffic.traffic", May.READ, "activity", 65),),
    panels=(
        Panel("site.foot", "", notice.render_link),
        Panel("request.link", May.READ, render_link),
        Panel("office.bar", May.READ, alerts.render_bell),
        Panel("dashboard.top", May.READ, alerts.render_open),
    ),
    commands=(traffic, collector),
    admin_views=admin_views,
    setup=set_up,
    beside=lambda: ("collector",),
    tasks=KINDS,
    schedules=SCHEDULES,
    personal=tell_personal,
    keeps=notice.tell_keepings,
)
