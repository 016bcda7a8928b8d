"""The website room: the company's public pages."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.website.demo import load_demo
from webapp.blueprints.website.views import blueprint
from webapp.core.room import Room

room = Room(name="website", title=_l("Website"), blueprints=(blueprint,), demo=load_demo)
