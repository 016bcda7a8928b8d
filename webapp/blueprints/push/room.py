"""The push room: notifications in the browsers of those who ask for them."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.blueprints.push.admin import admin_views
from webapp.blueprints.push.cli import push_commands
from webapp.blueprints.push.demo import load_demo
from webapp.blueprints.push.permissions import TITLES
from webapp.blueprints.push.permissions import PushPermission as May
from webapp.blueprints.push.queries import tell_personal
from webapp.blueprints.push.services.happening import tell_closed
from webapp.blueprints.push.tasks import SCHEDULES, TASKS
from webapp.blueprints.push.views.asking import blueprint as asking
from webapp.blueprints.push.views.asking import public_pages, render_bell, render_worker, tell_keepings
from webapp.blueprints.push.views.writing import blueprint as writing
from webapp.core.events import listen
from webapp.core.room import SITE_SECTION, MenuEntry, Panel, Room
from webapp.core.site_events import ClosedToday


def set_up(app: Flask) -> None:
    """Listen to what is told by itself."""
    listen(app, ClosedToday, tell_closed)


room = Room(
    name="push",
    title=_l("Notifications"),
    requires=("tasks", "accounts", "installed"),
    admin_views=admin_views,
    blueprints=(asking, writing),
    permissions=May,
    titles=TITLES,
    grants={"staff": frozenset(May), "viewer": frozenset({May.MESSAGES_READ})},
    menu=(MenuEntry(_l("Notifications"), "push_office.messages", May.MESSAGES_READ, "bell", 37, SITE_SECTION),),
    panels=(Panel("site.bar", "", render_bell), Panel("installed.worker", "", render_worker)),
    personal=tell_personal,
    keeps=tell_keepings,
    setup=set_up,
    public_pages=public_pages,
    shows=("push_topics",),
    commands=(push_commands,),
    tasks=TASKS,
    schedules=SCHEDULES,
    demo=load_demo,
)
