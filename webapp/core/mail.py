"""Mail: what a message is, and the two ways out: a mail server (MAIL_URL), or files in a folder while developing.

Mail leaves through a task (`send_mail` of the tasks room), never from a page: a server can be down.
"""

from __future__ import annotations

import email.policy
import email.utils
import ipaddress
import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext

from webapp.core.errors import DomainError, FieldProblems
from webapp.core.settings import Settings

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
    """A mail to one person. `to` and `reply_to` are addresses, with or without a name: `Anna Bianchi <anna@client.it>`."""

    to: str
    subject: str
    text: str
    html: str | None = None
    reply_to: str | None = None
    attachments: tuple[Attachment, ...] = field(default=())


class Mailer(Protocol):
    """A way out for mail."""

    def send(self, message: Message, *, key: str, timeout: float) -> str:
        """Hand a message over; a sentence that says where it is now. `timeout` in seconds bounds each wait for the server.

        The same `key` gives the same Message-ID: who gets a message twice can tell. Raises FieldProblems for a message
        that cannot be sent, MailRefused, MailDelayed and MailNotSetUp.
        """


def mailer_for(settings: Settings) -> Mailer:
    """The way out of this installation."""
    if settings.mail_url:
        return SmtpMailer(settings.mail_url, settings.mail_from)
    if settings.environment == "production":
        return NoMailer()
    return FolderMailer(settings.instance / "mail", settings.mail_from)


class SmtpMailer:
    """Sends by a mail server: `smtp://user:password@host:587`, or `smtps://…:465`.

    STARTTLS is used where it is offered, and required before a password goes over a network. Certificates are checked,
    except on this very machine.
    """

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or ""
        self.tls = parts.scheme == "smtps"
        self.user = unquote(parts.username or "")
        self.password = unquote(parts.password or "")
        self.port = parts.port or (465 if self.tls else 587 if self.user else 25)
        self.sender = sender or (self.user if "@" in self.user else "")

    def send(self, message: Message, *, key: str, timeout: float) -> str:
        """Hand a message to the server."""
        if not self.sender:
            raise MailNotSetUp(gettext("Nobody said from which address mail is sent: set MAIL_FROM."))
        written = write(message, sender=self.sender, key=key)
        self._translated(lambda: self._deliver(written, timeout))
        return str(gettext("The mail server %(host)s has taken it.", host=self.host))

    def _deliver(self, written: EmailMessage, timeout: float) -> None:
        server = self._connected(timeout)
        try:
            server.ehlo_or_helo_if_needed()
            if not self.tls and server.has_extn("starttls"):
                server.starttls(context=self._context())
                server.ehlo()
            elif not self.tls and self.password and not self._here():
                raise MailRefused(
                    gettext(
                        "The mail server %(host)s offers no TLS: the password is not sent in clear.", host=self.host
                    )
                )
            if self.user:
                server.login(self.user, self.password)
            server.send_message(written)
            with suppress(smtplib.SMTPException, OSError):  # it has the message: what it says now changes nothing
                server.quit()
        finally:
            server.close()

    def _connected(self, timeout: float) -> smtplib.SMTP:
        if self.tls:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=timeout, context=self._context())
        return smtplib.SMTP(self.host, self.port, timeout=timeout)

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._here():  # the mail server of a machine has a certificate that it made itself
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _here(self) -> bool:
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def _translated(self, deliver: Callable[[], None]) -> None:
        """Deliver, and tell what goes wrong as a person would: 5xx is for ever, everything else may pass."""
        try:
            deliver()
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise self._answer(code, said) from error
        except smtplib.SMTPResponseException as error:
            raise self._answer(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPNotSupportedError, ssl.SSLCertVerificationError) as error:
            raise MailRefused(
                gettext("The mail server %(host)s cannot be used: %(reason)s", host=self.host, reason=str(error))
            ) from error
        except OSError as error:  # the rest of smtplib's errors are of this family
            raise MailDelayed(
                gettext(
                    "The mail server %(host)s does not answer: %(reason)s",
                    host=f"{self.host}:{self.port}",
                    reason=str(error) or type(error).__name__,
                )
            ) from error

    def _answer(self, code: int, said: bytes | str) -> DomainError:
        words = said.decode(errors="replace") if isinstance(said, bytes) else said
        answer = f"{code} {' '.join(words.split())}"
        if 500 <= code < 600:
            return MailRefused(gettext("The mail server %(host)s refuses: %(answer)s", host=self.host, answer=answer))
        return MailDelayed(
            gettext("The mail server %(host)s cannot take it now: %(answer)s", host=self.host, answer=answer)
        )


class FolderMailer:
    """Writes each message to a file that a mail program opens; the same key overwrites."""

    def __init__(self, folder: Path, sender: str = "") -> None:
        self.folder = folder
        self.sender = sender or FOLDER_SENDER

    def send(self, message: Message, *, key: str, timeout: float) -> str:  # noqa: ARG002 - nobody to wait for
        """Write a message to the folder."""
        written = write(message, sender=self.sender, key=key)
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{re.sub(r'[^A-Za-z0-9.-]', '-', key)}.eml"
        part = path.with_suffix(".part")
        part.write_bytes(written.as_bytes())
        part.replace(path)
        return str(gettext("It was written to %(path)s, because MAIL_URL is not set.", path=str(path)))


class NoMailer:
    """Production without MAIL_URL: says so."""

    def send(self, message: Message, *, key: str, timeout: float) -> str:  # noqa: ARG002 - whatever it is
        """Raise MailNotSetUp."""
        raise MailNotSetUp(
            gettext("Mail cannot leave: set MAIL_URL, as in smtp://user:password@host:587, and MAIL_FROM.")
        )


def check(message: Message) -> None:
    """Raise FieldProblems when the message cannot be written: a wrong address, a header of more than one line."""
    write(message, sender=FOLDER_SENDER, key="check")


def write(message: Message, *, sender: str, key: str) -> EmailMessage:
    """The message as it travels, dated now. Raises FieldProblems, and MailNotSetUp when the sender is no address."""
    problems: dict[str, str] = {}
    written = EmailMessage(policy=email.policy.SMTP)
    to = _address(message.to, "to", problems)
    reply_to = _address(message.reply_to, "reply_to", problems) if message.reply_to else None
    _line(message.subject, "subject", problems)
    for attachment in message.attachments:
        _line(attachment.name, "attachments", problems)
    if problems or to is None:
        raise FieldProblems(problems)
    written["From"] = from_ = _sender(sender)
    written["To"] = to
    if reply_to:
        written["Reply-To"] = reply_to
    written["Subject"] = message.subject
    written["Date"] = email.utils.localtime()
    written["Message-ID"] = f"<{re.sub(r'[^A-Za-z0-9.-]', '-', key)}@{from_.domain}>"
    written["Auto-Submitted"] = "auto-generated"  # holiday notices do not answer it (RFC 3834)
    written.set_content(message.text)
    if message.html is not None:
        written.add_alternative(message.html, subtype="html")
    for attachment in message.attachments:
        kind, _, subtype = attachment.type.partition("/")
        written.add_attachment(attachment.content, maintype=kind, subtype=subtype, filename=attachment.name)
    return written


def _sender(text: str) -> Address:
    name, address = email.utils.parseaddr(text)
    try:
        return Address(name, addr_spec=address)
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
