"""The tasks room: long work, its schedules, and those who do it."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.tasks.cli import tasks_commands
from webapp.blueprints.tasks.gateways.broker import set_up_carrier
from webapp.blueprints.tasks.gateways.commands import COMMANDS
from webapp.blueprints.tasks.permissions import TasksPermission as May
from webapp.blueprints.tasks.views.tasks import blueprint as tasks_blueprint
from webapp.core.room import MenuEntry, Room

room = Room(
    name="tasks",
    title=_l("Tasks"),
    blueprints=(tasks_blueprint,),
    permissions=May,
    menu=(MenuEntry(_l("Tasks"), "tasks.tasks", May.OWN, "list-details", 70),),
    setup=set_up_carrier,
    commands=(tasks_commands, *COMMANDS),
    grants={"staff": frozenset({May.OWN, May.SCHEDULES_READ}), "viewer": frozenset({May.OWN})},
)
