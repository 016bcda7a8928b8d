"""The documents room: documents of notebooks, run with parameters and rendered for readers."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.blueprints.documents.admin import admin_views
from webapp.blueprints.documents.api import blueprint as api_blueprint
from webapp.blueprints.documents.cli import documents_commands
from webapp.blueprints.documents.gateways.kinds import TASKS
from webapp.blueprints.documents.services import let_documents_go, tell_documents, tell_under_way
from webapp.blueprints.documents.views import blueprint, open_pages, render_documents, render_readings
from webapp.blueprints.notebooks.public import NotebooksDeleted, WhatGoesAlong, WhichErrands
from webapp.blueprints.workspaces.public import WorkspacesPermission
from webapp.core.events import listen
from webapp.core.room import Panel, Room


def set_up(app: Flask) -> None:
    """What the keeper asks on its rounds, and what goes with notebooks."""
    listen(app, WhichErrands, tell_under_way)
    listen(app, WhatGoesAlong, tell_documents)
    listen(app, NotebooksDeleted, let_documents_go)


room = Room(
    name="documents",
    title=_l("Documents"),
    requires=("tasks", "workspaces", "notebooks"),
    setup=set_up,
    blueprints=(blueprint, open_pages),
    apis=(api_blueprint,),
    panels=(
        Panel("notebooks.notebook", WorkspacesPermission.READ, render_documents),
        Panel("workspaces.public_project", "", render_readings),
    ),
    tasks=TASKS,
    commands=(documents_commands,),
    admin_views=admin_views,
)
