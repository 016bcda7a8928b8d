"""The keys room: what programs sign in with."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.keys.admin import admin_views
from webapp.blueprints.keys.api import blueprint as api_blueprint
from webapp.blueprints.keys.api import set_up_keys
from webapp.blueprints.keys.cli import keys_commands
from webapp.blueprints.keys.permissions import KeysPermission as May
from webapp.blueprints.keys.queries import tell_personal
from webapp.blueprints.keys.views.all import blueprint as all_blueprint
from webapp.blueprints.keys.views.own import blueprint as own_blueprint
from webapp.core.room import MenuEntry, Room

room = Room(
    name="keys",
    title=_l("API keys"),
    requires=("accounts",),
    admin_views=admin_views,
    blueprints=(own_blueprint, all_blueprint),
    apis=(api_blueprint,),
    permissions=May,
    titles={
        May.OWN: _l("Make API keys for oneself"),
        May.ALL_READ: _l("See all API keys"),
        May.ALL_EDIT: _l("Make API keys for services, revoke anybody's"),
    },
    owner_only=frozenset({May.ALL_EDIT}),
    grants={"staff": frozenset({May.OWN}), "viewer": frozenset({May.OWN})},
    account=(MenuEntry(_l("API keys"), "keys.own_keys", May.OWN, "key", 40),),
    personal=tell_personal,
    menu=(MenuEntry(_l("API keys"), "all_keys.keys", May.ALL_READ, "key", 88),),
    commands=(keys_commands,),
    setup=set_up_keys,
)
