"""The editorial room: who may write where on the site, who did what, and what there needs care."""

from flask import Flask, current_app, has_app_context
from flask_babel import lazy_gettext as _l

from webapp.blueprints.editorial.admin import admin_views
from webapp.blueprints.editorial.permissions import TITLES
from webapp.blueprints.editorial.permissions import EditorialPermission as May
from webapp.blueprints.editorial.services import (
    follow_revisions,
    note_changed,
    note_moved,
    note_published,
    note_taken_off,
    refuse_change,
    refuse_keeping,
)
from webapp.blueprints.editorial.tasks import SCHEDULES, TASKS
from webapp.blueprints.editorial.views import blueprint
from webapp.blueprints.media.public import MayKeep
from webapp.blueprints.website.public import MayChange, PagePublished, PageTakenOff
from webapp.core.events import listen
from webapp.core.room import SITE_SECTION, MenuEntry, Room, opened
from webapp.core.site import PageMoved
from webapp.core.site_events import SiteChanged


def is_open() -> bool:
    """Whether the application at work has this room."""
    return has_app_context() and "rooms" in current_app.extensions and any(each is room for each in opened())


def set_up(app: Flask) -> None:
    """Answer who may change a page, and hear of what is done."""
    listen(app, MayChange, refuse_change)
    listen(app, MayKeep, refuse_keeping)
    listen(app, PagePublished, note_published)
    listen(app, PageTakenOff, note_taken_off)
    listen(app, PageMoved, note_moved)
    listen(app, SiteChanged, note_changed)


follow_revisions(is_open)

room = Room(
    name="editorial",
    title=_l("Editing the site"),
    requires=("tasks", "website", "media"),
    blueprints=(blueprint,),
    permissions=May,
    titles=TITLES,
    grants={"staff": frozenset({May.REPORTS_READ, May.REPORTS_RUN})},
    menu=(
        MenuEntry(
            _l("Reports of the site"), "editorial.journal", May.REPORTS_READ, "report-analytics", 40, SITE_SECTION
        ),
        MenuEntry(_l("Rights on the site"), "editorial.rights", May.RIGHTS_MANAGE, "lock", 41, SITE_SECTION),
    ),
    admin_views=admin_views,
    tasks=TASKS,
    schedules=SCHEDULES,
    setup=set_up,
)
