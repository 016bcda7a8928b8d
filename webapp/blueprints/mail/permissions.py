"""The rights of the mail room."""

from enum import StrEnum


class MailPermission(StrEnum):
    """What may be done with the mails that leave."""

    OUTBOX_READ = "mail:outbox:read"
    OUTBOX_SEND = "mail:outbox:send"
