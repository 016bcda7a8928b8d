"""The push room: notifications in the browsers of those who ask for them."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.push.admin import admin_views
from webapp.blueprints.push.cli import push_commands
from webapp.blueprints.push.demo import load_demo
from webapp.blueprints.push.permissions import TITLES
from webapp.blueprints.push.permissions import PushPermission as May
from webapp.blueprints.push.queries import tell_personal
from webapp.blueprints.push.tasks import SCHEDULES, TASKS
from webapp.blueprints.push.views.asking import blueprint as asking
from webapp.blueprints.push.views.asking import render_bell, render_worker
from webapp.blueprints.push.views.writing import blueprint as writing
from webapp.core.room import MenuEntry, Panel, Room

room = Room(
    name="push",
    title=_l("Notifications"),
    requires=("tasks", "accounts", "installed"),
    admin_views=admin_views,
    blueprints=(asking, writing),
    permissions=May,
    titles=TITLES,
    grants={"staff": frozenset(May), "viewer": frozenset({May.MESSAGES_READ})},
    menu=(MenuEntry(_l("Notifications"), "push_office.messages", May.MESSAGES_READ, "bell", 45),),
    panels=(Panel("site.bar", "", render_bell), Panel("installed.worker", "", render_worker)),
    personal=tell_personal,
    shows=("push_topics",),
    commands=(push_commands,),
    tasks=TASKS,
    schedules=SCHEDULES,
    demo=load_demo,
)
