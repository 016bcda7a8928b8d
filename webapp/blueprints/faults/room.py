"""The faults room: errors of the application that nobody expected, alike ones together."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.blueprints.faults.admin import admin_views
from webapp.blueprints.faults.permissions import TITLES
from webapp.blueprints.faults.permissions import FaultsPermission as May
from webapp.blueprints.faults.queries import tell_personal
from webapp.blueprints.faults.services import record_crash
from webapp.blueprints.faults.views import blueprint, render_of_request
from webapp.core.crashes import Crashed
from webapp.core.events import listen
from webapp.core.room import MenuEntry, Panel, Room


def set_up(app: Flask) -> None:
    """Hear of every crash."""
    listen(app, Crashed, record_crash)


room = Room(
    name="faults",
    title=_l("Errors"),
    blueprints=(blueprint,),
    permissions=May,
    titles=TITLES,
    menu=(MenuEntry(_l("Errors"), "faults.faults", May.READ, "alert-octagon", 73),),
    panels=(Panel("traffic.request", May.READ, render_of_request),),
    personal=tell_personal,
    admin_views=admin_views,
    setup=set_up,
)
