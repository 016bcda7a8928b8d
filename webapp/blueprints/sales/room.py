"""The sales room: orders, their lines, and the files they come from."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.sales.admin import admin_views
from webapp.blueprints.sales.api import blueprint as api_blueprint
from webapp.blueprints.sales.cli import sales_commands
from webapp.blueprints.sales.demo import load_demo
from webapp.blueprints.sales.permissions import TITLES
from webapp.blueprints.sales.permissions import SalesPermission as May
from webapp.blueprints.sales.queries import RULE, tell_of_address
from webapp.blueprints.sales.tasks import SCHEDULES, TASKS
from webapp.blueprints.sales.views.imports import blueprint as imports_blueprint
from webapp.blueprints.sales.views.orders import blueprint, customer_panel, product_panel
from webapp.blueprints.sales.views.uploads import blueprint as uploads_blueprint
from webapp.core.room import MenuEntry, Panel, Room

room = Room(
    name="sales",
    title=_l("Sales"),
    admin_views=admin_views,
    requires=("tasks", "crm", "catalogue"),
    blueprints=(blueprint, imports_blueprint, uploads_blueprint),
    apis=(api_blueprint,),
    permissions=May,
    titles=TITLES,
    rules=(RULE,),
    menu=(
        MenuEntry(_l("Orders"), "sales.orders", May.ORDERS_READ, "receipt", 40),
        MenuEntry(_l("Imports"), "imports.imports", May.IMPORTS_READ, "file-import", 45),
    ),
    panels=(
        Panel("crm.customer", May.ORDERS_READ, customer_panel),
        Panel("catalogue.product", May.ORDERS_READ, product_panel),
    ),
    commands=(sales_commands,),
    tasks=TASKS,
    schedules=SCHEDULES,
    of_address=tell_of_address,
    demo=load_demo,
    grants={"staff": frozenset(May), "viewer": frozenset({May.ORDERS_READ, May.IMPORTS_READ})},
)
