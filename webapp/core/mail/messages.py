"""A message to one person: what it says, what is wrong with it, and how it travels."""

from __future__ import annotations

import datetime as dt
import email.policy
import email.utils
import re
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Protocol, cast

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext

from webapp.core.errors import DomainError, FieldProblems

CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
LONGEST_SUBJECT = 500
FOLDER_SENDER = "bottega@localhost"


class MailRefused(DomainError):
    """The server will not take this message, however often it is offered."""


class MailDelayed(DomainError):
    """The server cannot be reached, or cannot take the message now: worth another try."""


class MailNotSetUp(DomainError):
    """Nobody has said how mail leaves this installation."""


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a message. `type` is its media type, as in `application/pdf`."""

    name: str
    content: bytes
    type: str = "application/octet-stream"


@dataclass(frozen=True)
class Message:
    """A mail to one person. `to` and `reply_to` are addresses, with or without a name: `Anna Bianchi <anna@client.it>`.

    The `html` shows its `images` by `cid:<name>`. `dated` is an aware moment, None for the one at which it is written.
    `sender_name` is whom it comes from, where MAIL_FROM is an address without a name.
    """

    to: str
    subject: str
    text: str
    html: str | None = None
    reply_to: str | None = None
    attachments: tuple[Attachment, ...] = field(default=())
    images: tuple[Attachment, ...] = field(default=())
    dated: dt.datetime | None = None
    sender_name: str = ""


class Mailer(Protocol):
    """A way out for mail."""

    def send(self, message: Message, *, key: str, timeout: float) -> str:
        """Hand a message over; a sentence that says where it is now. `timeout` in seconds bounds each wait for the server.

        The same `key` gives the same Message-ID: who gets a message twice can tell. Raises FieldProblems for a message
        that cannot be sent, MailRefused, MailDelayed and MailNotSetUp.
        """


def check(message: Message) -> None:
    """Raise FieldProblems when the message cannot be written: a wrong address, a header of more than one line."""
    write(message, sender=FOLDER_SENDER, key="check")


def plain_address(text: str) -> str:
    """The bare address in `Anna Bianchi <Anna@client.it>`, in lower case, to tell who is who by."""
    return email.utils.parseaddr(text)[1].lower()


def write(message: Message, *, sender: str, key: str) -> EmailMessage:
    """The message as it travels. Raises FieldProblems, and MailNotSetUp when the sender is no address."""
    problems: dict[str, str] = {}
    written = EmailMessage(policy=email.policy.SMTP)
    to = _address(message.to, "to", problems)
    reply_to = _address(message.reply_to, "reply_to", problems) if message.reply_to else None
    _line(message.subject, "subject", problems)
    for attachment in message.attachments:
        _line(attachment.name, "attachments", problems)
    if problems or to is None:
        raise FieldProblems(problems)
    written["From"] = from_ = _sender(sender, message.sender_name)
    written["To"] = to
    if reply_to:
        written["Reply-To"] = reply_to
    written["Subject"] = message.subject
    written["Date"] = email.utils.localtime(message.dated)
    written["Message-ID"] = f"<{re.sub(r'[^A-Za-z0-9.-]', '-', key)}@{from_.domain}>"
    written["Auto-Submitted"] = "auto-generated"  # holiday notices do not answer it (RFC 3834)
    written.set_content(message.text)
    if message.html is not None:
        written.add_alternative(message.html, subtype="html")
        page = cast("list[EmailMessage]", written.get_payload())[-1]
        for image in message.images:
            kind, _, subtype = image.type.partition("/")
            page.add_related(image.content, maintype=kind, subtype=subtype, cid=f"<{image.name}>", disposition="inline")
    for attachment in message.attachments:
        kind, _, subtype = attachment.type.partition("/")
        written.add_attachment(attachment.content, maintype=kind, subtype=subtype, filename=attachment.name)
    return written


def _sender(text: str, otherwise: str) -> Address:
    name, address = email.utils.parseaddr(text)
    try:
        return Address(name or CONTROLS.sub(" ", otherwise), addr_spec=address)
    except (ValueError, HeaderParseError) as error:
        raise MailNotSetUp(gettext("MAIL_FROM is not an e-mail address: %(text)s", text=text)) from error


def _address(text: str, name: str, problems: dict[str, str]) -> Address | None:
    """The one address in `text`; its domain in the ASCII form that all servers know."""
    if not _line(text, name, problems):
        return None
    found = email.utils.getaddresses([text])
    try:
        if len(found) != 1:
            raise EmailNotValidError
        valid = validate_email(found[0][1], check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        problems[name] = gettext("This is not an e-mail address.")
        return None
    return Address(found[0][0], valid.local_part, valid.ascii_domain)


def _line(text: str, name: str, problems: dict[str, str]) -> bool:
    if CONTROLS.search(text) or len(text) > LONGEST_SUBJECT:
        problems[name] = gettext("This must be one line of at most %(most)s characters.", most=LONGEST_SUBJECT)
        return False
    return True
