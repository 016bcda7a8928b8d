"""The website room."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.website.demo import load_demo
from webapp.core.room import Room

room = Room(name="website", title=_l("Website"), demo=load_demo)
