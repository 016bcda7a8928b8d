"""The places room: the company's sites, when they are open, and how they are reached."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.places.admin import admin_views
from webapp.blueprints.places.demo import load_demo
from webapp.blueprints.places.permissions import TITLES
from webapp.blueprints.places.permissions import PlacesPermission as May
from webapp.blueprints.places.views import hours, office, shown
from webapp.blueprints.places.views.blocks import BLOCKS, business_facts
from webapp.core.room import SITE_SECTION, MenuEntry, Room

room = Room(
    name="places",
    title=_l("Sites and hours"),
    requires=("media",),
    admin_views=admin_views,
    blueprints=(office.blueprint, hours.blueprint, shown.blueprint),
    permissions=May,
    titles=TITLES,
    grants={"staff": frozenset(May), "viewer": frozenset({May.SITES_READ})},
    menu=(MenuEntry(_l("Sites and hours"), "places.sites", May.SITES_READ, "clock", 33, SITE_SECTION),),
    blocks=BLOCKS,
    public_pages=shown.public_pages,
    shows=("media_images", "places_sites", "places_seasons", "places_specials", "places_departments", "places_ways"),
    facts=business_facts,
    demo=load_demo,
)
