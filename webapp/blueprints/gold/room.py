"""The gold room: metrics over the refined data, each defined once."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.gold.cli import commands
from webapp.blueprints.gold.gateways import set_up
from webapp.blueprints.gold.permissions import TITLES
from webapp.blueprints.gold.permissions import GoldPermission as May
from webapp.core.room import Room

room = Room(
    name="gold",
    title=_l("Business figures"),
    requires=("crm", "catalogue", "sales"),
    permissions=May,
    titles=TITLES,
    commands=commands,
    setup=set_up,
    grants={"staff": frozenset(May), "viewer": frozenset({May.METRICS_READ})},
)
