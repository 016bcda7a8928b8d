"""The pipelines room: the flows that refine the rooms' records into GOLD, by hand and by the clock."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.pipelines.permissions import TITLES
from webapp.blueprints.pipelines.permissions import PipelinesPermission as May
from webapp.blueprints.pipelines.tasks import HOURLY, KINDS
from webapp.blueprints.pipelines.views import blueprint, freshness
from webapp.core.room import MenuEntry, Panel, Room

room = Room(
    name="pipelines",
    title=_l("Pipelines"),
    requires=("gold", "tasks"),
    blueprints=(blueprint,),
    permissions=May,
    titles=TITLES,
    grants={"staff": frozenset(May)},
    menu=(MenuEntry(_l("Pipelines"), "pipelines.pipelines", May.READ, "timeline", 60),),
    panels=(Panel("dashboard.freshness", May.READ, freshness),),
    tasks=KINDS,
    schedules=(HOURLY,),
)
