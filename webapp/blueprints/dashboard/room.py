"""The dashboard room."""

from flask_babel import lazy_gettext as _l

from webapp.core.room import Room

room = Room(name="dashboard", title=_l("Dashboard"))
