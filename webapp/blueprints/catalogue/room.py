"""The catalogue room: what the company sells."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.catalogue.admin import admin_views
from webapp.blueprints.catalogue.demo import load_demo
from webapp.blueprints.catalogue.permissions import TITLES
from webapp.blueprints.catalogue.permissions import CataloguePermission as May
from webapp.blueprints.catalogue.views import blueprint
from webapp.core.room import MenuEntry, Room

room = Room(
    name="catalogue",
    title=_l("Catalogue"),
    admin_views=admin_views,
    blueprints=(blueprint,),
    permissions=May,
    titles=TITLES,
    grants={"staff": frozenset({May.PRODUCTS_READ, May.PRODUCTS_WRITE}), "viewer": frozenset({May.PRODUCTS_READ})},
    menu=(
        MenuEntry(_l("Products"), "catalogue.products", May.PRODUCTS_READ, "package", 30),
        MenuEntry(_l("Categories"), "catalogue.categories", May.PRODUCTS_READ, "category", 31),
    ),
    demo=load_demo,
)
