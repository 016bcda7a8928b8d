"""The media room: images in all their renditions, and galleries."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.media.admin import admin_views
from webapp.blueprints.media.cli import picture_commands
from webapp.blueprints.media.demo import load_demo, load_large
from webapp.blueprints.media.permissions import TITLES
from webapp.blueprints.media.permissions import MediaPermission as May
from webapp.blueprints.media.tasks import SCHEDULES, TASKS
from webapp.blueprints.media.views.blocks import BLOCKS, uses_of
from webapp.blueprints.media.views.galleries import blueprint as galleries_blueprint
from webapp.blueprints.media.views.images import blueprint
from webapp.blueprints.media.views.pictures import blueprint as pictures_blueprint
from webapp.blueprints.media.views.pictures import set_up_pictures
from webapp.core.room import SITE_SECTION, MenuEntry, Room

room = Room(
    name="media",
    title=_l("Images"),
    requires=("tasks",),
    admin_views=admin_views,
    blueprints=(blueprint, galleries_blueprint, pictures_blueprint),
    permissions=May,
    titles=TITLES,
    grants={"staff": frozenset(May), "viewer": frozenset({May.IMAGES_READ})},
    menu=(
        MenuEntry(_l("Images"), "media.images", May.IMAGES_READ, "photo", 32, SITE_SECTION),
        MenuEntry(_l("Galleries"), "galleries.galleries", May.IMAGES_READ, "category", 33, SITE_SECTION),
    ),
    commands=(picture_commands,),
    blocks=BLOCKS,
    uses_images=uses_of,
    demo=load_demo,
    demo_large=load_large,
    tasks=TASKS,
    schedules=SCHEDULES,
    setup=set_up_pictures,
    shows=("media_images", "media_galleries", "media_gallery_pictures"),
)
