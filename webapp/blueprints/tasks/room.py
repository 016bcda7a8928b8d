"""The tasks room: long work, its schedules, and those who do it."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.tasks.gateways.broker import set_up_carrier
from webapp.blueprints.tasks.permissions import TasksPermission as May
from webapp.core.room import Room

room = Room(
    name="tasks",
    title=_l("Tasks"),
    permissions=May,
    setup=set_up_carrier,
    grants={"staff": frozenset({May.OWN, May.SCHEDULES_READ}), "viewer": frozenset({May.OWN})},
)
