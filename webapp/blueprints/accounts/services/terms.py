"""Terms of use and privacy policy: a new version is published, and everybody accepts it before they go on."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import Acceptance, Document, DocumentKind, Role
from webapp.blueprints.accounts.permissions import AccountsPermission as May
from webapp.blueprints.accounts.queries.terms import find_document, list_waiting
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError, NotAllowed
from webapp.core.security import Actor


class TextMissing(DomainError):
    """A text of no words is nothing to accept."""

    status = 422

    def __init__(self, field: str) -> None:
        super().__init__(gettext("Write the text."))
        self.field = field


class TextSame(DomainError):
    """The text is in force already."""

    def __init__(self) -> None:
        super().__init__(gettext("This is word for word the version in force: there is nothing new to accept."))


class TextsUnread(DomainError):
    """There is a text that was neither shown nor accepted."""

    status = 422

    def __init__(self) -> None:
        super().__init__(gettext("To go on, accept each of these texts."))


def publish_document(
    session: Session, *, by: Actor, kind: DocumentKind, texts: Mapping[str, str], languages: Collection[str]
) -> Document:
    """A new version of a text, which everybody accepts from now on; it needs all `languages` of the company.

    Raises NotAllowed, TextMissing and TextSame.
    """
    if not by.may(May.TERMS_EDIT):
        raise NotAllowed(gettext("You may not publish terms."))
    written = {language: text.strip() for language, text in texts.items() if text.strip()}
    for language in languages:
        if language not in written:
            raise TextMissing({"it": "italian", "en": "english"}[language])
    session.execute(select(Role.id).where(Role.name == "owner").with_for_update())  # two who publish at once take turns
    before = find_document(session, kind)
    if before is not None and before.texts == written:
        raise TextSame
    highest = session.scalar(select(func.max(Document.number)).where(Document.kind == kind))
    made = Document(
        kind=kind.value, number=(highest or 0) + 1, texts=written, published_at=utc_now(), published_by=by.name
    )
    session.add(made)
    session.flush()
    return made


def accept_documents(session: Session, *, by: Actor, accepted: Collection[int], address: str) -> int:
    """Note that the actor accepts the texts with these numbers; how many they were. Twice is once.

    Raises NotAllowed for nobody, and TextsUnread when one that they must accept is not among them.
    """
    if by.user_id is None:
        raise NotAllowed(gettext("Please sign in"))
    waiting = [document.id for document in list_waiting(session, by.user_id)]
    if not set(waiting) <= set(accepted):
        raise TextsUnread
    for number in waiting:
        session.execute(
            insert(Acceptance)
            .values(user_id=by.user_id, document_id=number, accepted_at=utc_now(), address=address)
            .on_conflict_do_nothing()
        )
    return len(waiting)
