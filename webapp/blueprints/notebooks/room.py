"""The notebooks room: containers in which the analysts of a project work."""

import os

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.blueprints.notebooks.admin import admin_views
from webapp.blueprints.notebooks.api import BLUEPRINTS as APIS
from webapp.blueprints.notebooks.cli import notebooks_commands
from webapp.blueprints.notebooks.gateways.commands import COMMANDS
from webapp.blueprints.notebooks.gateways.doorkeeper import COMMANDS as DOOR_COMMANDS
from webapp.blueprints.notebooks.gateways.errands import open_errands
from webapp.blueprints.notebooks.gateways.image_commands import image_commands
from webapp.blueprints.notebooks.gateways.keeping_kinds import KEEPING_TASKS
from webapp.blueprints.notebooks.gateways.kinds import TASKS
from webapp.blueprints.notebooks.gateways.watching import set_up_watching
from webapp.blueprints.notebooks.permissions import TITLES
from webapp.blueprints.notebooks.permissions import NotebooksPermission as May
from webapp.blueprints.notebooks.public import ERRANDS
from webapp.blueprints.notebooks.services.belongings import let_belongings_go, tell_belongings
from webapp.blueprints.notebooks.settings import keep_settings, wanted_beside
from webapp.blueprints.notebooks.views.door import blueprint as door_pages
from webapp.blueprints.notebooks.views.door import trust_notebook_hosts
from webapp.blueprints.notebooks.views.homes import blueprint as home_pages
from webapp.blueprints.notebooks.views.homes import render_home
from webapp.blueprints.notebooks.views.images import blueprint as image_pages
from webapp.blueprints.notebooks.views.notebooks import blueprint as notebook_pages
from webapp.blueprints.notebooks.views.notebooks import render_notebooks
from webapp.blueprints.notebooks.views.project_data import blueprint as data_pages
from webapp.blueprints.notebooks.views.project_data import render_links
from webapp.blueprints.workspaces.public import ProjectsDeleted, WhatBelongs, WorkspacesPermission
from webapp.core.events import listen
from webapp.core.room import MenuEntry, Panel, Room
from webapp.core.stored import UNTIL_CLOSED, Stored


def set_up(app: Flask) -> None:
    """The settings of the room, the hosts under which its door is asked for, errands, and what goes with projects."""
    keep_settings(app, os.environ)
    set_up_watching(app)
    trust_notebook_hosts(app)
    app.extensions[ERRANDS] = open_errands
    listen(app, WhatBelongs, tell_belongings)
    listen(app, ProjectsDeleted, let_belongings_go)


notebooks_commands.add_command(image_commands)
room = Room(
    name="notebooks",
    title=_l("Notebooks"),
    requires=("tasks", "mail", "accounts", "gold", "workspaces"),
    permissions=May,
    titles=TITLES,
    owner_only=frozenset({May.IMAGES_EDIT}),
    setup=set_up,
    blueprints=(notebook_pages, home_pages, image_pages, data_pages, door_pages),
    apis=APIS,
    stores=(
        Stored("bottega_notebook*", _l("Opens a person's own notebook, and no other one."), _l("14 days"), office=True),
        Stored("_xsrf", _l("Protects a notebook against other sites."), UNTIL_CLOSED, office=True),
    ),
    menu=(
        MenuEntry(_l("Notebooks"), "notebooks.notebooks", WorkspacesPermission.READ, "notebook", 61),
        MenuEntry(_l("Images of notebooks"), "notebook_images.images", May.IMAGES_EDIT, "package", 62),
    ),
    panels=(
        Panel("workspaces.project", WorkspacesPermission.READ, render_notebooks),
        Panel("workspaces.project", WorkspacesPermission.READ, render_links),
        Panel("notebooks.notebook", WorkspacesPermission.WORK, render_home),
    ),
    tasks=(*TASKS, *KEEPING_TASKS),
    commands=(*COMMANDS, *DOOR_COMMANDS, notebooks_commands),
    admin_views=admin_views,
    beside=lambda: wanted_beside(os.environ),
    grants={"staff": frozenset({May.RUN})},
)
