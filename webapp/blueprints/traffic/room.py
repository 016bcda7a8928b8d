"""The traffic room: who visits the site, from nginx's own logs."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.traffic.cli import traffic
from webapp.blueprints.traffic.gateways.collector import collector
from webapp.blueprints.traffic.permissions import TITLES
from webapp.blueprints.traffic.permissions import TrafficPermission as May
from webapp.blueprints.traffic.tasks import KINDS, SCHEDULES
from webapp.blueprints.traffic.views import classes, notice, rules, visitors
from webapp.blueprints.traffic.views.pages import blueprint
from webapp.core.room import MenuEntry, Panel, Room

room = Room(
    name="traffic",
    title=_l("Traffic"),
    requires=("tasks",),
    blueprints=(blueprint, classes.blueprint, notice.blueprint, rules.blueprint, visitors.blueprint),
    permissions=May,
    titles=TITLES,
    owner_only=frozenset({May.VAULT}),
    grants={"staff": frozenset({May.READ})},
    menu=(MenuEntry(_l("Traffic"), "traffic.traffic", May.READ, "activity", 65),),
    panels=(Panel("site.foot", "", notice.render_link),),
    commands=(traffic, collector),
    beside=lambda: ("collector",),
    tasks=KINDS,
    schedules=SCHEDULES,
)
