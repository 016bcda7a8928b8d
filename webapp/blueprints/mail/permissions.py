"""The rights of the mail room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class MailPermission(StrEnum):
    """What may be done with the mails that leave."""

    OUTBOX_READ = "mail:outbox:read"
    OUTBOX_SEND = "mail:outbox:send"


TITLES = {
    MailPermission.OUTBOX_READ: _l("See the mails that leave"),
    MailPermission.OUTBOX_SEND: _l("Send a mail again"),
}
