"""The workspaces room: groups of people and the projects that they share."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.blueprints.accounts.public import AccountEnding
from webapp.blueprints.workspaces.admin import admin_views
from webapp.blueprints.workspaces.api import blueprint as api_blueprint
from webapp.blueprints.workspaces.cli import workspaces_commands
from webapp.blueprints.workspaces.demo import load_demo
from webapp.blueprints.workspaces.permissions import TITLES
from webapp.blueprints.workspaces.permissions import WorkspacesPermission as May
from webapp.blueprints.workspaces.queries.people import tell_personal
from webapp.blueprints.workspaces.queries.sharing import RULE
from webapp.blueprints.workspaces.services.groups import refuse_owner
from webapp.blueprints.workspaces.views.groups import blueprint as groups_pages
from webapp.blueprints.workspaces.views.joining import blueprint as members_pages
from webapp.blueprints.workspaces.views.open_pages import blueprint as open_pages
from webapp.blueprints.workspaces.views.open_pages import render_links
from webapp.blueprints.workspaces.views.projects import blueprint as projects_pages
from webapp.core.events import listen
from webapp.core.room import MenuEntry, Panel, Room


def set_up(app: Flask) -> None:
    """No account ends that owns a group."""
    listen(app, AccountEnding, refuse_owner)


room = Room(
    name="workspaces",
    title=_l("Workspaces"),
    requires=("accounts",),
    admin_views=admin_views,
    blueprints=(projects_pages, groups_pages, members_pages, open_pages),
    apis=(api_blueprint,),
    permissions=May,
    titles=TITLES,
    sharing=(RULE,),
    grants={
        "staff": frozenset({May.READ, May.WORK, May.FOUND, May.ADMINISTER}),
        "viewer": frozenset({May.READ}),
    },
    menu=(MenuEntry(_l("Workspaces"), "projects.projects", May.READ, "briefcase", 60),),
    panels=(Panel("site.foot", "", render_links),),
    personal=tell_personal,
    setup=set_up,
    commands=(workspaces_commands,),
    demo=load_demo,
)
