"""The ways out: a mail server (MAIL_URL), or files in a folder while developing."""

from __future__ import annotations

import ipaddress
import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from flask_babel import gettext

from webapp.core.errors import DomainError
from webapp.core.mail.messages import (
    FOLDER_SENDER,
    MailDelayed,
    Mailer,
    MailNotSetUp,
    MailRefused,
    Message,
    write,
)
from webapp.core.settings import Settings

PATIENCE = 300.0


def mailer_for(settings: Settings) -> Mailer:
    """The way out of this installation."""
    if settings.mail_url:
        return SmtpMailer(settings.mail_url, settings.mail_from)
    folder = mail_folder(settings)
    return FolderMailer(folder, settings.mail_from) if folder else NoMailer()


def mail_folder(settings: Settings) -> Path | None:
    """Where mails are written instead of being sent; None where they are sent, or not at all."""
    return None if settings.mail_url or settings.environment == "production" else settings.instance / "mail"


class Unanswered(Exception):
    """The connection ended between the last line of a message and the server's word on it."""


class SmtpMailer:
    """Sends by a mail server: `smtp://user:password@host:587`, or `smtps://…:465`.

    STARTTLS is used where it is offered, and required before a password goes over a network. Certificates are checked,
    except on this very machine. A server that has all of a message gets `PATIENCE` seconds to say that it took it, since
    who stops waiting then has to offer it again (RFC 5321, 4.5.3.2.6).
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
            return _PatientTls(self.host, self.port, timeout=timeout, context=self._context())
        return _Patient(self.host, self.port, timeout=timeout)

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
        except smtplib.SMTPAuthenticationError as error:  # us, not the message: set right, it will take it
            raise MailDelayed(self._refusal(error.smtp_code, error.smtp_error)) from error
        except smtplib.SMTPResponseException as error:
            raise self._answer(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPNotSupportedError, ssl.SSLCertVerificationError) as error:
            raise MailRefused(
                gettext("The mail server %(host)s cannot be used: %(reason)s", host=self.host, reason=str(error))
            ) from error
        except Unanswered as error:
            raise MailDelayed(
                gettext(
                    "The mail server %(host)s got all of it and did not say whether it took it: %(reason)s. "
                    "It is offered again under the same Message-ID, by which a repeat can be told.",
                    host=self.host,
                    reason=str(error),
                )
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
        if 500 <= code < 600:
            return MailRefused(self._refusal(code, said))
        return MailDelayed(
            gettext(
                "The mail server %(host)s cannot take it now: %(answer)s", host=self.host, answer=_one_line(code, said)
            )
        )

    def _refusal(self, code: int, said: bytes | str) -> str:
        return str(
            gettext("The mail server %(host)s refuses: %(answer)s", host=self.host, answer=_one_line(code, said))
        )


def _one_line(code: int, said: bytes | str) -> str:
    words = said.decode(errors="replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(words.split())}"


class _Patient(smtplib.SMTP):
    """Waits longer for the answer to a whole message than for any other."""

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the message and wait for the server's word on it."""
        return _offer(self, msg)


class _PatientTls(smtplib.SMTP_SSL):
    """The same over TLS from the start."""

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the message and wait for the server's word on it."""
        return _offer(self, msg)


def _offer(server: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
    """As smtplib does it, with another timeout behind the last line. `content` has its line ends, not its dots doubled."""
    server.putcmd("data")
    code, said = server.getreply()
    if code != 354:
        raise smtplib.SMTPDataError(code, said)
    body = re.sub(rb"(?m)^\.", b"..", content)
    server.send(body if body.endswith(b"\r\n") else body + b"\r\n")
    server.send(b".\r\n")
    if server.sock:
        server.sock.settimeout(PATIENCE)
    try:
        return server.getreply()
    except OSError as error:
        raise Unanswered(str(error) or type(error).__name__) from error


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
