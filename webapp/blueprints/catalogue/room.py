"""The catalogue room: what the company sells."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.catalogue import models as models
from webapp.blueprints.catalogue.demo import load_demo
from webapp.blueprints.catalogue.permissions import CataloguePermission as May
from webapp.core.room import Room

room = Room(
    name="catalogue",
    title=_l("Catalogue"),
    permissions=May,
    grants={"staff": frozenset(May), "viewer": frozenset({May.PRODUCTS_READ})},
    demo=load_demo,
)
