"""The crm room: the people and organisations that buy."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.crm.admin import admin_views
from webapp.blueprints.crm.api import blueprint as api_blueprint
from webapp.blueprints.crm.demo import load_demo
from webapp.blueprints.crm.permissions import TITLES
from webapp.blueprints.crm.permissions import CrmPermission as May
from webapp.blueprints.crm.queries import RULE, tell_of_address
from webapp.blueprints.crm.views import blueprint
from webapp.core.room import MenuEntry, Room

room = Room(
    name="crm",
    title=_l("Customers"),
    admin_views=admin_views,
    blueprints=(blueprint,),
    apis=(api_blueprint,),
    permissions=May,
    titles=TITLES,
    rules=(RULE,),
    grants={"staff": frozenset(May), "viewer": frozenset({May.CUSTOMERS_READ})},
    menu=(MenuEntry(_l("Customers"), "crm.customers", May.CUSTOMERS_READ, "users", 20),),
    of_address=tell_of_address,
    demo=load_demo,
)
