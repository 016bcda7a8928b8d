"""The traffic room: who visits the site, from nginx's own logs."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.traffic.cli import traffic
from webapp.blueprints.traffic.permissions import TITLES
from webapp.blueprints.traffic.permissions import TrafficPermission as May
from webapp.blueprints.traffic.tasks import KINDS, SCHEDULES
from webapp.core.room import Room

room = Room(
    name="traffic",
    title=_l("Traffic"),
    requires=("tasks",),
    permissions=May,
    titles=TITLES,
    owner_only=frozenset({May.VAULT}),
    grants={"staff": frozenset({May.READ})},
    commands=(traffic,),
    tasks=KINDS,
    schedules=SCHEDULES,
)
