"""The forms room: what visitors of the public site are asked, what they write, and what is answered."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.blueprints.consents.public import WhatIsTaken, WhichAreUsed
from webapp.blueprints.forms.admin import admin_views
from webapp.blueprints.forms.demo import load_demo
from webapp.blueprints.forms.forms.shown import block_context
from webapp.blueprints.forms.permissions import TITLES
from webapp.blueprints.forms.permissions import FormsPermission as May
from webapp.blueprints.forms.queries.forms import form_choices
from webapp.blueprints.forms.queries.submissions import tell_of_address
from webapp.blueprints.forms.tasks import KINDS, SCHEDULES
from webapp.blueprints.forms.views.building import blueprint as building
from webapp.blueprints.forms.views.site import blueprint as site
from webapp.blueprints.forms.views.site import list_pages, tell_what_is_taken, tell_which_are_used
from webapp.blueprints.forms.views.submissions import blueprint as submissions
from webapp.blueprints.forms.views.submissions import render_of_customer
from webapp.core.events import listen
from webapp.core.room import SITE_SECTION, MenuEntry, Panel, Room
from webapp.core.site import BlockField, BlockKind

FORM = BlockKind(
    name="form",
    title=_l("Form"),
    icon="clipboard-list",
    template="forms/_block.html",
    fields=(
        BlockField("title", _l("Heading"), help=_l("The title of the form when empty.")),
        BlockField("form", _l("Form"), "choice", required=True, choices=form_choices),
    ),
    context=block_context,
    order=70,
)


def set_up(app: Flask) -> None:
    """Say on the page on privacy what the forms ask for, and which consents came with messages that are kept."""
    listen(app, WhatIsTaken, tell_what_is_taken)
    listen(app, WhichAreUsed, tell_which_are_used)


room = Room(
    name="forms",
    title=_l("Forms"),
    requires=("tasks", "mail", "crm", "consents"),
    admin_views=admin_views,
    blueprints=(building, submissions, site),
    permissions=May,
    titles=TITLES,
    grants={"staff": frozenset(May)},
    menu=(
        MenuEntry(_l("Messages"), "submissions.submissions", May.SUBMISSIONS_READ, "inbox", 25),
        MenuEntry(_l("Forms"), "forms.forms", May.SUBMISSIONS_READ, "clipboard-list", 36, SITE_SECTION),
    ),
    panels=(Panel("crm.customer", May.SUBMISSIONS_READ, render_of_customer),),
    of_address=tell_of_address,
    setup=set_up,
    tasks=KINDS,
    schedules=SCHEDULES,
    blocks=(FORM,),
    public_pages=list_pages,
    shows=("forms_forms", "forms_fields"),
    demo=load_demo,
)
