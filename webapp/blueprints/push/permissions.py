"""The rights of the push room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class PushPermission(StrEnum):
    """What may be done with notifications."""

    MESSAGES_READ = "push:messages:read"
    MESSAGES_SEND = "push:messages:send"
    TOPICS_EDIT = "push:topics:edit"


TITLES = {
    PushPermission.MESSAGES_READ: _l("See the notifications that were sent"),
    PushPermission.MESSAGES_SEND: _l("Write and send notifications"),
    PushPermission.TOPICS_EDIT: _l("Create, change and delete topics of notifications"),
}
