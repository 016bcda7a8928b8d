"""The mail room: what leaves by mail, and what became of it."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.blueprints.mail.admin import admin_views
from webapp.blueprints.mail.cli import mail_commands
from webapp.blueprints.mail.permissions import TITLES
from webapp.blueprints.mail.permissions import MailPermission as May
from webapp.blueprints.mail.services import RoomOutbox
from webapp.blueprints.mail.tasks import MAIL
from webapp.blueprints.mail.views.development import open_development_page
from webapp.blueprints.mail.views.outbox import blueprint, render_of_request
from webapp.core.room import MenuEntry, Panel, Room


def set_up(app: Flask) -> None:
    """Give the floor its outbox, and a developer the page of written mails."""
    app.extensions["mail_outbox"] = RoomOutbox()
    open_development_page(app)


room = Room(
    name="mail",
    title=_l("Mail"),
    requires=("tasks",),
    admin_views=admin_views,
    blueprints=(blueprint,),
    permissions=May,
    titles=TITLES,
    menu=(MenuEntry(_l("Mail"), "mail.mails", May.OUTBOX_READ, "mail", 72),),
    panels=(Panel("traffic.request", May.OUTBOX_READ, render_of_request),),
    setup=set_up,
    commands=(mail_commands,),
    tasks=(MAIL,),
)
