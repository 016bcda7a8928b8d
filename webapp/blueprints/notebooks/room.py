"""The notebooks room: containers in which the analysts of a project work."""

import os

from flask_babel import lazy_gettext as _l

from webapp.blueprints.notebooks.gateways.commands import COMMANDS
from webapp.blueprints.notebooks.gateways.kinds import TASKS
from webapp.blueprints.notebooks.permissions import TITLES
from webapp.blueprints.notebooks.permissions import NotebooksPermission as May
from webapp.blueprints.notebooks.settings import keep_settings, wanted_beside
from webapp.core.room import Room

room = Room(
    name="notebooks",
    title=_l("Notebooks"),
    requires=("tasks", "mail", "gold", "workspaces"),
    permissions=May,
    titles=TITLES,
    owner_only=frozenset({May.IMAGES_EDIT}),
    setup=lambda app: keep_settings(app, os.environ),
    tasks=TASKS,
    commands=COMMANDS,
    beside=lambda: wanted_beside(os.environ),
    grants={"staff": frozenset({May.RUN})},
)
