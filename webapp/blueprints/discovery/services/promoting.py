"""Promoted results: a page that comes first for the words of a search."""

from __future__ import annotations

import logging

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.blueprints.discovery.models import IndexedPage, Promotion
from webapp.blueprints.discovery.queries.words import words_of
from webapp.core.errors import DomainError, FieldProblems, NotFound
from webapp.core.security import Actor
from webapp.core.site_events import tell_of_change
from webapp.core.storing import store

log = logging.getLogger(__name__)


class PromotedAlready(DomainError):
    """The page is promoted for these words already."""

    field = "path"

    def __init__(self) -> None:
        super().__init__(_("This page comes first for these words already."))


def promote_page(session: Session, *, by: Actor, words: str, path: str) -> Promotion:
    """Let a page come first for the words. Raises FieldProblems (no words, no such page), PromotedAlready."""
    problems = {}
    plain_words = " ".join(words_of(words))[:100].strip()
    if not plain_words:
        problems["words"] = _("Write the words that people search for.")
    page = session.get(IndexedPage, path.strip()[:400])
    if page is None:
        problems["path"] = _("There is no page at this address: choose one of the list.")
    if problems or page is None:
        raise FieldProblems(problems)
    promotion = Promotion(language=page.language, words=plain_words, path=page.path)
    session.add(promotion)
    store(session, {"uq_discovery_promotions_language_words_path": PromotedAlready})
    tell_of_change(session, by=by, part="promotion", deed="created", title=promotion)
    log.info("page %s promoted by %s", page.path, by.name)
    return promotion


def take_back_promotion(session: Session, *, by: Actor, promotion_id: int) -> None:
    """Delete a promotion. Raises NotFound."""
    promotion = session.get(Promotion, promotion_id)
    if promotion is None:
        raise NotFound(_("This is not there, or not any more."))
    words = str(promotion)
    session.delete(promotion)
    store(session)
    tell_of_change(session, by=by, part="promotion", deed="deleted", title=words)
    log.info("promotion %s taken back by %s", promotion_id, by.name)
