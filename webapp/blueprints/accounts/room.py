"""The accounts room."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.accounts import models as models
from webapp.core.room import Room

room = Room(name="accounts", title=_l("Accounts"))
