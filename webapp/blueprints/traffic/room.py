"""The traffic room: who visits the site, from nginx's own logs."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.traffic.cli import traffic
from webapp.blueprints.traffic.permissions import TITLES
from webapp.blueprints.traffic.permissions import TrafficPermission as May
from webapp.blueprints.traffic.tasks import KINDS, SCHEDULES
from webapp.blueprints.traffic.views.pages import blueprint
from webapp.core.room import MenuEntry, Room

room = Room(
    name="traffic",
    title=_l("Traffic"),
    requires=("tasks",),
    blueprints=(blueprint,),
    permissions=May,
    titles=TITLES,
    owner_only=frozenset({May.VAULT}),
    grants={"staff": frozenset({May.READ})},
    menu=(MenuEntry(_l("Traffic"), "traffic.traffic", May.READ, "activity", 65),),
    commands=(traffic,),
    tasks=KINDS,
    schedules=SCHEDULES,
)
