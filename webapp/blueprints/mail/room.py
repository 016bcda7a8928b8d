"""The mail room: what leaves by mail, and what became of it."""

from flask_babel import lazy_gettext as _l

from webapp.blueprints.mail.permissions import MailPermission as May
from webapp.blueprints.mail.services import RoomOutbox
from webapp.blueprints.mail.tasks import MAIL
from webapp.core.room import Room

room = Room(
    name="mail",
    title=_l("Mail"),
    requires=("tasks",),
    permissions=May,
    setup=lambda app: app.extensions.update(mail_outbox=RoomOutbox()),
    tasks=(MAIL,),
)
