"""The questions to the register of consents and to the notices."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from webapp.blueprints.consents.models import Consent, Notice
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, DateRange, ListSpec, Search, Text, distinct_values

STANDS = {"given": _l("Given"), "refused": _l("Refused"), "withdrawn": _l("Withdrawn")}
STANDING = case((Consent.withdrawn_at.is_not(None), "withdrawn"), else_=Consent.given)


def list_purposes(session: Session) -> tuple[str, ...]:
    """The purposes that the register knows, in order."""
    return distinct_values(session, Consent.purpose)


REGISTER = ListSpec(
    name="consents",
    source=Consent,
    id=Consent.id,
    columns=(
        Column("subject", _l("Who"), Consent.subject, sort_by=Consent.subject),
        Column("purpose", _l("What for"), Consent.purpose, sort_by=Consent.purpose),
        Column("standing", _l("State"), STANDING, kind="choice", choices=STANDS),
        Column("given_at", _l("When"), Consent.given_at, kind="date", sort_by=Consent.given_at),
        Column("version", _l("Version of the words"), Consent.version),
        Column("words", _l("Words shown"), Consent.words, shown=False),
        Column("language", _l("Language"), Consent.language, shown=False),
        Column("source", _l("Where"), Consent.source),
        Column("reference", _l("Came with"), Consent.reference, shown=False),
        Column("withdrawn_at", _l("Withdrawn"), Consent.withdrawn_at, kind="date", shown=False),
    ),
    sort="-given_at",
    filters=(
        Text("purpose", _l("What for"), Consent.purpose, match="exact", suggestions=list_purposes),
        Choice("standing", _l("State"), STANDING, STANDS),
        DateRange(_l("From"), _l("To"), Consent.given_at),
    ),
    search=(Search(Consent.subject, "prefix"), Search(Consent.reference, "prefix")),
    search_hint=_l("E-mail address or reference"),
)


def get_consent(session: Session, consent_id: int, *, lock: bool = False) -> Consent:
    """The consent with this id. Raises NotFound."""
    consent = session.get(Consent, consent_id, with_for_update=lock or None, populate_existing=lock)
    if consent is None:
        raise NotFound(_("This consent is not in the register."))
    return consent


def has_consent(session: Session, *, subject: str, purpose: str) -> bool:
    """Whether the latest word of somebody on a purpose is a consent that stands."""
    word = select(STANDING).where(Consent.subject == subject.strip().lower(), Consent.purpose == purpose)
    return session.scalars(word.order_by(Consent.id.desc()).limit(1)).one_or_none() == "given"


def tell_of_address(session: Session, address: str) -> dict[str, Any]:
    """What whoever has that e-mail address agreed to, refused and took back, as JSON values."""
    found = session.scalars(select(Consent).where(Consent.subject == address).order_by(Consent.id))
    return {
        "consents": [
            {
                "purpose": each.purpose,
                "given": each.given == "given",
                "words": each.words,
                "version": each.version,
                "language": each.language,
                "where": each.source,
                "at": each.given_at.isoformat(),
                "withdrawn_at": each.withdrawn_at.isoformat() if each.withdrawn_at else None,
                "withdrawn_how": each.withdrawn_how,
            }
            for each in found
        ]
    }


def find_notice(session: Session, kind: str, number: int | None = None) -> Notice | None:
    """The latest version of the company's words on a page, or an earlier one by its number."""
    notices = select(Notice).where(Notice.kind == kind).order_by(Notice.number.desc()).limit(1)
    return session.scalars(notices if number is None else notices.where(Notice.number == number)).one_or_none()


def list_notices(session: Session) -> list[Notice]:
    """All versions of all pages, the latest first."""
    return list(session.scalars(select(Notice).order_by(Notice.id.desc())))


def latest_number(session: Session, kind: str) -> int:
    """The number of the latest version of a page, 0 where there is none."""
    return session.scalars(select(func.coalesce(func.max(Notice.number), 0)).where(Notice.kind == kind)).one()
