"""The installed room: the public site as an app on a phone, readable off line."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.installed.admin import admin_views
from webapp.blueprints.installed.demo import load_demo
from webapp.blueprints.installed.permissions import TITLES
from webapp.blueprints.installed.permissions import InstalledPermission as May
from webapp.blueprints.installed.views import blueprint, render_foot, render_head, render_icon
from webapp.core.room import SITE_SECTION, MenuEntry, Panel, Room
from webapp.core.stored import UNTIL_CLEARED, Stored

room = Room(
    name="installed",
    title=_l("The site as an app"),
    admin_views=admin_views,
    blueprints=(blueprint,),
    permissions=May,
    titles=TITLES,
    grants={"staff": frozenset(May)},
    menu=(MenuEntry(_l("The site as an app"), "installed.settings", May.SETTINGS_EDIT, "download", 38, SITE_SECTION),),
    panels=(
        Panel("page.icon", "", render_icon),
        Panel("site.head", "", render_head),
        Panel("site.foot", "", render_foot),
    ),
    shows=("installed_settings",),
    stores=(
        Stored(
            "app-install-later",
            _l("Remembers that the offer of the app was turned down."),
            _l("Six months"),
            kind="local",
        ),
        Stored("bottega-*", _l("Keeps pages that were visited, to be read off line."), UNTIL_CLEARED, kind="cache"),
    ),
    demo=load_demo,
)
