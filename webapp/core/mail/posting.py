"""Posting: a template becomes a letter in its reader's language, and goes to the outbox in the caller's transaction."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from flask import current_app, g
from flask_babel import force_locale, gettext
from jinja2 import Environment, StrictUndefined
from sqlalchemy.orm import Session

from webapp.core.addresses import absolute_url
from webapp.core.company import LANGUAGES, CompanyProfile, get_company
from webapp.core.i18n import REGIONS
from webapp.core.mail.look import style_sheet
from webapp.core.mail.messages import Attachment, MailNotSetUp, Message, check
from webapp.core.security import Actor

SECRET = frozenset({"link", "code", "codes", "password", "token"})
BLANK_LINES = re.compile(r"\n\s*\n\s*\n")
MASK = "••••••••"


@dataclass(frozen=True)
class Letter:
    """A mail as its template made it. `shown_text` and `shown_html` are the same without its secrets, for other eyes.

    `cause` names why it is sent: the same cause is told to the same address once; None is no cause.
    """

    to: str
    template: str
    language: str
    cause: str | None
    subject: str
    text: str
    html: str
    shown_text: str
    shown_html: str
    attachments: tuple[Attachment, ...] = ()
    reply_to: str | None = None

    @property
    def secret(self) -> bool:
        """Whether it says something that is for its reader alone."""
        return (self.text, self.html) != (self.shown_text, self.shown_html)


class Outbox(Protocol):
    """What the mail room offers as `app.extensions["mail_outbox"]`."""

    def put(self, session: Session, letter: Letter, *, by: Actor) -> None:
        """Keep the letter until it is sent, unless the same address was told of the same cause."""

    def tell(self, session: Session, address: str) -> list[dict[str, Any]]:
        """The mails to an address, the oldest first, as JSON values."""

    def forget(self, session: Session, address: str, *, room: str) -> None:
        """Forget the mails that a room wrote to an address."""


def post(
    session: Session, *, to: str, template: str, language: str | None, cause: str | None, by: Actor,
    attachments: tuple[Attachment, ...] = (), reply_to: str | None = None, **words: Any,
) -> None:  # fmt: skip
    """Send a mail to one person when the caller's transaction commits; the same `cause` to the same address once.

    `template` "accounts/reset" is `accounts/mail/reset.txt`, whose first line is the subject, and `….html`. They are given
    `words`, `company`, `language` and `absolute_url(endpoint, **values)`. Words named `link`, `code`, `codes`, `password`,
    `token`, or ending so (`reset_link`), are secrets: the outbox shows them to nobody and forgets them once they are sent.
    `attachments` are kept as long as what the mail says. Who answers it writes to `reply_to`,
    else to the company. `language` None is the company's first. Raises FieldProblems for a wrong address, MailNotSetUp without the mail room.
    """
    outbox: Outbox | None = current_app.extensions.get("mail_outbox")
    if outbox is None:
        raise MailNotSetUp(gettext("Mail cannot leave: the room “mail” is not open in this installation."))
    company = get_company(session)
    letter = write_letter(company, to=to, template=template, language=language, cause=cause, words=words)
    letter = replace(letter, attachments=attachments, reply_to=reply_to)
    check(Message(letter.to, letter.subject, letter.text, letter.html, reply_to=reply_to, attachments=attachments))
    outbox.put(session, letter, by=by)


def mails_to(session: Session, address: str) -> list[dict[str, Any]]:
    """What the outbox keeps of mails to an address, as JSON values and without their secrets; nothing without the mail room."""
    outbox: Outbox | None = current_app.extensions.get("mail_outbox")
    return outbox.tell(session, address) if outbox else []


def forget_mails(session: Session, address: str, *, room: str) -> None:
    """Forget the mails that a room's templates wrote to an address, those too that still wait."""
    outbox: Outbox | None = current_app.extensions.get("mail_outbox")
    if outbox:
        outbox.forget(session, address, room=room)


def write_letter(
    company: CompanyProfile,
    *,
    to: str,
    template: str,
    language: str | None,
    cause: str | None,
    words: Mapping[str, Any],
) -> Letter:
    """The letter that a template makes of `words`. Raises jinja2's errors for a template or a word that is missing."""
    spoken = language if language in LANGUAGES else company.language_codes[0]
    with _speaking(spoken, company):
        subject, shown_text, shown_html = _render(template, _masked(words), company, spoken)
        text, html = shown_text, shown_html
        if any(map(is_secret, words)):
            _subject, text, html = _render(template, words, company, spoken)
    return Letter(to, template, spoken, cause, subject, text, html, shown_text, shown_html)


def is_secret(name: str) -> bool:
    """Whether a template's word of that name is for the mail's reader alone."""
    return name.rpartition("_")[2] in SECRET


def _masked(words: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _mask(value) if is_secret(name) else value for name, value in words.items()}


def _mask(value: Any) -> Any:
    return [MASK] * len(value) if isinstance(value, list | tuple) else MASK


@contextmanager
def _speaking(language: str, company: CompanyProfile) -> Iterator[None]:
    """Words, dates and amounts in the reader's language and the company's zone, whoever's request this is."""
    before = g.pop("company", None)
    g.company = company
    try:
        with force_locale(REGIONS.get(language, language)):
            yield
    finally:
        g.pop("company")
        if before is not None:
            g.company = before


def _render(template: str, words: Mapping[str, Any], company: CompanyProfile, language: str) -> tuple[str, str, str]:
    room, _, name = template.partition("/")
    environment = _environment()
    given = {**words, "company": company, "language": language, "absolute_url": absolute_url}
    written = environment.get_template(f"{room}/mail/{name}.txt").render(given)
    subject, _, text = written.strip().partition("\n")
    page = environment.get_template(f"{room}/mail/{name}.html")
    html = page.render({**given, "subject": subject.strip(), "style_sheet": style_sheet(company)}).lstrip()
    plain = BLANK_LINES.sub("\n\n", text).strip()
    return " ".join(subject.split()), f"{plain}\n", html


def _environment() -> Environment:
    """The application's templates, where a word that is missing is a mistake and not an empty place in a mail."""
    kept: Environment | None = current_app.extensions.get("mail_templates")
    if kept is None:
        kept = current_app.extensions["mail_templates"] = current_app.jinja_env.overlay(undefined=StrictUndefined)
    return kept
