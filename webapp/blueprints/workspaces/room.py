"""The workspaces room: groups of people and the projects that they share."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.workspaces.permissions import TITLES
from webapp.blueprints.workspaces.permissions import WorkspacesPermission as May
from webapp.blueprints.workspaces.queries.people import tell_personal
from webapp.blueprints.workspaces.queries.sharing import RULE
from webapp.core.room import Room

room = Room(
    name="workspaces",
    title=_l("Workspaces"),
    requires=("accounts",),
    permissions=May,
    titles=TITLES,
    sharing=(RULE,),
    grants={
        "staff": frozenset({May.READ, May.WORK, May.FOUND, May.ADMINISTER}),
        "viewer": frozenset({May.READ}),
    },
    personal=tell_personal,
)
