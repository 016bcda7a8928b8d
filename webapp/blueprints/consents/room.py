"""The consents room: who agreed to what, and what the public site says of privacy and cookies."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.consents.admin import admin_views
from webapp.blueprints.consents.permissions import TITLES
from webapp.blueprints.consents.permissions import ConsentsPermission as May
from webapp.blueprints.consents.views.register import blueprint as register
from webapp.core.room import MenuEntry, Room

room = Room(
    name="consents",
    title=_l("Consents"),
    admin_views=admin_views,
    blueprints=(register,),
    permissions=May,
    titles=TITLES,
    grants={"staff": frozenset({May.REGISTER_READ, May.REGISTER_WITHDRAW})},
    menu=(MenuEntry(_l("Consents"), "consents.consents", May.REGISTER_READ, "checks", 67),),
    shows=("consents_notices",),
)
