"""The dashboard room: the first page of the back office."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.dashboard.views import blueprint
from webapp.core.room import MenuEntry, Room
from webapp.core.security import CorePermission

room = Room(
    name="dashboard",
    title=_l("Dashboard"),
    requires=("gold", "sales"),
    blueprints=(blueprint,),
    menu=(MenuEntry(_l("Dashboard"), "dashboard.dashboard", CorePermission.BACKOFFICE_ENTER, "layout-dashboard", 10),),
)
