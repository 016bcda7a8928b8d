"""The sales room: orders, their lines, and the files they come from."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.sales.admin import admin_views
from webapp.blueprints.sales import models as models
from webapp.blueprints.sales.cli import sales_commands
from webapp.blueprints.sales.demo import load_demo
from webapp.blueprints.sales.permissions import SalesPermission as May
from webapp.core.room import Room

room = Room(
    name="sales",
    title=_l("Sales"),
    admin_views=admin_views,
    requires=("crm", "catalogue"),
    permissions=May,
    commands=(sales_commands,),
    demo=load_demo,
    grants={"staff": frozenset(May), "viewer": frozenset({May.ORDERS_READ, May.IMPORTS_READ})},
)
