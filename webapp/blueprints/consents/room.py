"""The consents room: who agreed to what, and what the public site says of privacy and cookies."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.blueprints.consents.admin import admin_views
from webapp.blueprints.consents.permissions import TITLES
from webapp.blueprints.consents.permissions import ConsentsPermission as May
from webapp.blueprints.consents.queries import tell_of_address
from webapp.blueprints.consents.tasks import KINDS, SCHEDULES
from webapp.blueprints.consents.views.choosing import STORES, consented, render_bar
from webapp.blueprints.consents.views.choosing import blueprint as choosing
from webapp.blueprints.consents.views.notices import blueprint as pages
from webapp.blueprints.consents.views.notices import list_pages, office, render_links, tell_keepings
from webapp.blueprints.consents.views.register import blueprint as register
from webapp.core.room import SITE_SECTION, MenuEntry, Panel, Room


def set_up(app: Flask) -> None:
    """Let templates ask `consented("statistics")` before they set what is not technical."""
    app.jinja_env.globals["consented"] = consented


room = Room(
    name="consents",
    title=_l("Consents"),
    admin_views=admin_views,
    blueprints=(register, choosing, pages, office),
    permissions=May,
    titles=TITLES,
    grants={"staff": frozenset({May.REGISTER_READ, May.REGISTER_WITHDRAW})},
    menu=(
        MenuEntry(_l("Consents"), "consents.consents", May.REGISTER_READ, "checks", 39, SITE_SECTION),
        MenuEntry(_l("Privacy and cookies"), "notices.notices", May.NOTICES_WRITE, "shield-lock", 39, SITE_SECTION),
    ),
    panels=(Panel("site.notice", "", render_bar), Panel("site.foot", "", render_links)),
    of_address=tell_of_address,
    keeps=tell_keepings,
    setup=set_up,
    tasks=KINDS,
    schedules=SCHEDULES,
    public_pages=list_pages,
    shows=("consents_notices",),
    stores=STORES,
)
