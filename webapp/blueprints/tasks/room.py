"""The tasks room: long work, its schedules, and those who do it."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.tasks.admin import admin_views
from webapp.blueprints.tasks.cli import tasks_commands
from webapp.blueprints.tasks.gateways.commands import COMMANDS
from webapp.blueprints.tasks.gateways.watching import set_up
from webapp.blueprints.tasks.permissions import TITLES
from webapp.blueprints.tasks.permissions import TasksPermission as May
from webapp.blueprints.tasks.queries import tell_personal
from webapp.blueprints.tasks.views.schedules import blueprint as schedules_blueprint
from webapp.blueprints.tasks.views.schedules import render_alarms
from webapp.blueprints.tasks.views.tasks import blueprint as tasks_blueprint
from webapp.blueprints.tasks.views.tasks import render_of_request
from webapp.core.room import MenuEntry, Panel, Room

room = Room(
    name="tasks",
    title=_l("Tasks"),
    admin_views=admin_views,
    blueprints=(tasks_blueprint, schedules_blueprint),
    permissions=May,
    titles=TITLES,
    menu=(MenuEntry(_l("Tasks"), "tasks.tasks", May.OWN, "list-details", 70),),
    panels=(
        Panel("tasks.tasks", May.SCHEDULES_READ, render_alarms),
        Panel("dashboard.top", May.SCHEDULES_READ, render_alarms),
        Panel("traffic.request", May.OWN, render_of_request),
    ),
    personal=tell_personal,
    setup=set_up,
    commands=(tasks_commands, *COMMANDS),
    grants={"staff": frozenset({May.OWN, May.SCHEDULES_READ}), "viewer": frozenset({May.OWN})},
)
