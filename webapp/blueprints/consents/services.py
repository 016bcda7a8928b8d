"""What is done with consents: noted when they are given, noted when they are withdrawn; and the notices' own words."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from webapp.blueprints.consents.events import Used, WhichAreUsed
from webapp.blueprints.consents.models import Consent, Notice, NoticeKind
from webapp.blueprints.consents.permissions import ConsentsPermission as May
from webapp.blueprints.consents.queries import STANDING, find_notice, get_consent, latest_number
from webapp.core.clock import utc_now
from webapp.core.errors import DomainError, NotAllowed
from webapp.core.events import gather
from webapp.core.security import Actor
from webapp.core.site_events import tell_of_change

log = logging.getLogger(__name__)


class WithdrawnBefore(DomainError):
    """The consent is withdrawn already, or was never given."""

    def __init__(self) -> None:
        super().__init__(_("This consent was withdrawn before, or was never given: there is nothing to withdraw."))


class NothingChanged(DomainError):
    """The words are those of the latest version."""

    def __init__(self) -> None:
        super().__init__(_("These are the words of the latest version: there is nothing new to publish."))


def record_consent(
    session: Session,
    *,
    subject: str,
    purpose: str,
    version: str,
    words: str,
    language: str,
    source: str,
    reference: str = "",
    given: bool = True,
    at: dt.datetime | None = None,
) -> Consent:
    """Note that somebody agreed to something (or refused it), with the very words that were shown.

    Source: GDPR art. 7(1), the controller shall be able to demonstrate that the data subject has consented.
    """
    consent = Consent(
        subject=subject.strip().lower()[:320],
        purpose=purpose[:120],
        version=version[:40],
        words=words,
        language=language,
        source=source[:300],
        reference=reference[:120],
        given="given" if given else "refused",
        given_at=at or utc_now(),
    )
    session.add(consent)
    session.flush()
    return consent


def withdraw_consent(session: Session, *, by: Actor, consent_id: int, how: str) -> Consent:
    """Note that a consent was withdrawn, from now on (GDPR art. 7(3)). Raises NotFound, NotAllowed, WithdrawnBefore."""
    if not by.may(May.REGISTER_WITHDRAW):
        raise NotAllowed(_("Your role does not include the register of consents. Ask the owner for the right."))
    consent = get_consent(session, consent_id, lock=True)
    if consent.withdrawn_at is not None or consent.given != "given":
        raise WithdrawnBefore
    consent.withdrawn_at, consent.withdrawn_by, consent.withdrawn_how = utc_now(), by.name[:200], how.strip()[:300]
    session.flush()
    log.info("consent %s withdrawn, noted by %s", consent.id, by.name)
    return consent


def forget_old(session: Session, now: dt.datetime, *, months: int) -> int:
    """Delete the consents and refusals whose last word is so many months old; how many. One that is used by a room stays.

    Source: GDPR art. 5(1)(e); sanctions can be imposed for five years (Law 689/1981, art. 28), so long it must be shown.
    """
    last = func.greatest(Consent.given_at, Consent.withdrawn_at)
    old = select(Consent.id, Consent.reference, STANDING).where(last + func.make_interval(0, months) < now)
    rows = session.execute(old).all()
    references = frozenset(reference for _number, reference, stands in rows if reference and stands == "given")
    used = {each for told in gather(session, WhichAreUsed(references), Used) for each in told.references}
    gone = [number for number, reference, stands in rows if stands != "given" or reference not in used]
    session.execute(delete(Consent).where(Consent.id.in_(gone)))
    return len(gone)


def publish_notice(session: Session, *, by: Actor, kind: NoticeKind, texts: Mapping[str, str]) -> Notice:
    """A new version of the company's words on a page. Raises NotAllowed, NothingChanged."""
    if not by.may(May.NOTICES_WRITE):
        raise NotAllowed(_("Your role does not include these pages. Ask the owner for the right."))
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"consents notice {kind}", 0))))
    before = find_notice(session, kind)
    kept = (dict(before.texts) if before else {}) | {language: words.strip() for language, words in texts.items()}
    if kept == (before.texts if before else dict.fromkeys(kept, "")):
        raise NothingChanged
    number = latest_number(session, kind) + 1
    notice = Notice(kind=kind.value, number=number, texts=kept, published_by=by.name)
    session.add(notice)
    session.flush()
    tell_of_change(session, by=by, part="words", deed="published", title=notice)
    log.info("notice %s %s published by %s", kind, number, by.name)
    return notice
