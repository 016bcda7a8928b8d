"""The crm room: the people and organisations that buy."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.crm import models as models
from webapp.blueprints.crm.demo import load_demo
from webapp.blueprints.crm.permissions import CrmPermission as May
from webapp.core.room import Room

room = Room(
    name="crm",
    title=_l("Customers"),
    permissions=May,
    grants={"staff": frozenset(May), "viewer": frozenset({May.CUSTOMERS_READ})},
    demo=load_demo,
)
