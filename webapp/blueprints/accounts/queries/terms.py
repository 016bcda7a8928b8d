"""Questions about the texts that people accept."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Row, exists, func, select
from sqlalchemy.orm import Session, aliased

from webapp.blueprints.accounts.models import Acceptance, Document, DocumentKind

KINDS = {DocumentKind.TERMS.value: _l("Terms of use"), DocumentKind.PRIVACY.value: _l("Privacy policy")}


def is_newest() -> ColumnElement[bool]:
    """Whether a text has no later version."""
    later = aliased(Document)
    return ~exists().where(later.kind == Document.kind, later.number > Document.number)


def find_document(session: Session, kind: str, number: int | None = None) -> Document | None:
    """A version of a text, the newest one unless another is asked for."""
    which = is_newest() if number is None else Document.number == number
    return session.scalars(select(Document).where(Document.kind == kind, which)).one_or_none()


def list_published(session: Session) -> list[str]:
    """The kinds of text of which there is a version, the terms first."""
    return list(session.scalars(select(Document.kind).distinct().order_by(Document.kind.desc())))


def list_waiting(session: Session, user_id: int) -> list[Document]:
    """The texts in force that somebody has not accepted yet, the terms first."""
    accepted = exists().where(Acceptance.document_id == Document.id, Acceptance.user_id == user_id)
    return list(session.scalars(select(Document).where(is_newest(), ~accepted).order_by(Document.kind.desc())))


def list_documents(session: Session) -> list[Row[Document, int]]:
    """All versions, the newest first, each with how many people have accepted it."""
    count = select(func.count()).where(Acceptance.document_id == Document.id).scalar_subquery()
    return list(session.execute(select(Document, count.label("count")).order_by(Document.id.desc())))


def list_acceptances(session: Session, user_id: int) -> list[Row[Acceptance, Document]]:
    """What somebody has accepted and when, the latest first."""
    found = select(Acceptance, Document).join(Document, Document.id == Acceptance.document_id)
    return list(session.execute(found.where(Acceptance.user_id == user_id).order_by(Acceptance.id.desc())))
