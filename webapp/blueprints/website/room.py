"""The website room: the company's public pages, and the editor in which its people write them."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.website.admin import admin_views
from webapp.blueprints.website.demo import load_demo
from webapp.blueprints.website.demo.large import load_large
from webapp.blueprints.website.permissions import TITLES
from webapp.blueprints.website.permissions import WebsitePermission as May
from webapp.blueprints.website.queries.kinds import KINDS
from webapp.blueprints.website.queries.pictures import list_held
from webapp.blueprints.website.queries.shown import opens_path, public_pages
from webapp.blueprints.website.tasks import SCHEDULES, TASKS
from webapp.blueprints.website.views.editor import blueprint as editor
from webapp.blueprints.website.views.editor import uses_of
from webapp.blueprints.website.views.history import blueprint as history
from webapp.blueprints.website.views.open_pages import blueprint as open_pages
from webapp.blueprints.website.views.open_pages import tell_drafts
from webapp.blueprints.website.views.tree import blueprint as tree
from webapp.core.room import SITE_SECTION, MenuEntry, Room

room = Room(
    name="website",
    title=_l("Website"),
    requires=("media",),
    blueprints=(open_pages, tree, editor, history),
    admin_views=admin_views,
    permissions=May,
    titles=TITLES,
    grants={"staff": frozenset(May), "viewer": frozenset({May.PAGES_READ})},
    menu=(MenuEntry(_l("Pages of the site"), "website_tree.pages", May.PAGES_READ, "world", 30, SITE_SECTION),),
    tasks=TASKS,
    schedules=SCHEDULES,
    blocks=KINDS,
    public_pages=public_pages,
    drafts=tell_drafts,
    opens_path=opens_path,
    uses_images=uses_of,
    holds_images=list_held,
    shows=("website_pages", "website_texts", "website_revisions", "website_publications"),
    demo=load_demo,
    demo_large=load_large,
)
