"""The navigation room: how strangers find their way through the public site."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.navigation.admin import admin_views
from webapp.blueprints.navigation.demo import load_demo
from webapp.blueprints.navigation.permissions import TITLES
from webapp.blueprints.navigation.permissions import NavigationPermission as May
from webapp.blueprints.navigation.views import blueprint, render_footer, render_legal, render_menu, render_notice
from webapp.core.room import SITE_SECTION, MenuEntry, Panel, Room
from webapp.core.stored import UNTIL_CLEARED, Stored

room = Room(
    name="navigation",
    title=_l("Menus and notice"),
    blueprints=(blueprint,),
    permissions=May,
    titles=TITLES,
    grants={"staff": frozenset(May)},
    menu=(MenuEntry(_l("Menus and notice"), "navigation.menus", May.MENUS_WRITE, "menu-2", 35, SITE_SECTION),),
    panels=(
        Panel("site.notice", "", render_notice),
        Panel("site.menu", "", render_menu),
        Panel("site.footer", "", render_footer),
        Panel("site.foot", "", render_legal),
    ),
    stores=(Stored("notice-put-away", _l("Remembers which notice was put away."), UNTIL_CLEARED, kind="local"),),
    admin_views=admin_views,
    shows=("navigation_items", "navigation_notices"),
    demo=load_demo,
)
