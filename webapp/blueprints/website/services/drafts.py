"""Drafts and revisions: what editors write, what they saved when, and going back to it."""

from __future__ import annotations

import copy
import logging
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from webapp.blueprints.website.models import DESCRIPTION, MENU_TITLE, TITLE, Blocks, Draft, Publication, Revision
from webapp.blueprints.website.queries.pages import Written, get_page, get_written
from webapp.blueprints.website.queries.revisions import get_revision, last_revision
from webapp.blueprints.website.services.blocks import tidy_blocks
from webapp.blueprints.website.services.pages import begin_text, demand_page
from webapp.core.errors import EditConflict, FieldProblems
from webapp.core.security import Actor
from webapp.core.site_events import tell_of_change
from webapp.core.storing import store

log = logging.getLogger(__name__)
MOST_REVISIONS = 50
"""So many revisions of a text are there besides the kept and the published ones."""


@dataclass(frozen=True)
class Content:
    """What a draft says, as it was typed."""

    title: str
    menu_title: str
    description: str
    blocks: Blocks


def save_draft(
    session: Session, *, by: Actor, page_id: int, language: str, version: int, content: Content, remember: bool
) -> Draft:
    """Store a draft that the actor saw as `version`, as a revision too if to `remember`.

    Raises NotFound, NotAllowed, EditConflict, FieldProblems (places are those of the form, blocks by `tidy_blocks`).
    """
    written = get_written(session, page_id, language, lock=True)
    demand_page(session, by, written.page)
    blocks, problems = tidy_blocks(session, content.blocks, language=language)
    title, menu_title, description = (
        " ".join(text.replace("\x00", "").split()) for text in (content.title, content.menu_title, content.description)
    )
    problems |= _too_long(title, menu_title, description)
    if problems:
        raise FieldProblems(problems)
    draft = written.draft
    if draft.version != version:
        raise EditConflict
    draft.title, draft.menu_title, draft.description = title, menu_title, description
    draft.blocks, draft.saved_by = blocks, by.name
    store(session)
    if remember:
        remember_revision(session, by=by, written=written)
    return draft


def remember_revision(session: Session, *, by: Actor, written: Written, note: str = "") -> Revision:
    """The draft as a revision: the last one where that says the same. Old ones that nobody kept are let go of."""
    last = last_revision(session, written.text.id)
    draft = written.draft
    if last is not None and same_words(last, draft):
        return last
    revision = Revision(
        text_id=written.text.id,
        title=draft.title,
        menu_title=draft.menu_title,
        description=draft.description,
        blocks=copy.deepcopy(draft.blocks),
        user_id=by.user_id,
        by_name=by.name,
        note=note,
    )
    session.add(revision)
    store(session)
    _let_go(session, written.text.id)
    return revision


def same_words(one: Revision | Draft, other: Revision | Draft) -> bool:
    """Whether both say the same."""
    names = ("title", "menu_title", "description", "blocks")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def restore_revision(
    session: Session, *, by: Actor, page_id: int, language: str, revision_id: int, version: int
) -> Draft:
    """Make an old revision the draft; what the draft said is remembered first. Raises NotFound, NotAllowed, EditConflict."""
    written = get_written(session, page_id, language, lock=True)
    demand_page(session, by, written.page)
    old = get_revision(session, written.text.id, revision_id)
    draft = written.draft
    if draft.version != version:
        raise EditConflict
    remember_revision(session, by=by, written=written)
    draft.title, draft.menu_title, draft.description = old.title, old.menu_title, old.description
    draft.blocks, draft.saved_by = copy.deepcopy(old.blocks), by.name
    store(session)
    remember_revision(session, by=by, written=written)
    log.info("revision %s of page %s restored by %s", revision_id, page_id, by.name)
    return draft


def keep_revision(
    session: Session, *, by: Actor, page_id: int, language: str, revision_id: int, kept: bool, note: str
) -> Revision:
    """Keep a revision for good, under a note, or no longer. Raises NotFound, NotAllowed."""
    written = get_written(session, page_id, language)
    demand_page(session, by, written.page)
    revision = get_revision(session, written.text.id, revision_id)
    revision.kept, revision.note = kept, " ".join(note.replace("\x00", "").split())[:200]
    store(session)
    return revision


def begin_translation(
    session: Session, *, by: Actor, page_id: int, language: str, title: str, copy_from: str = ""
) -> Draft:
    """Begin a page in another language, empty or with the blocks of the one that it has.

    Raises NotFound, NotAllowed, TitleMissing, EditConflict, AddressTooLong.
    """
    source = get_written(session, page_id, copy_from) if copy_from else None

    page = source.page if source else get_page(session, page_id, lock=True)
    blocks = copy.deepcopy(source.draft.blocks) if source else []
    text = begin_text(session, by=by, page=page, language=language, title=title, blocks=blocks)
    tell_of_change(session, by=by, part="page", deed="created", title=title, path=text.path)
    return get_written(session, page_id, language).draft


def take_blocks_over(
    session: Session, *, by: Actor, page_id: int, language: str, version: int, copy_from: str
) -> Draft:
    """Put the blocks of the other language's draft in place of this one's; those are remembered as a revision first.

    Raises NotFound, NotAllowed, EditConflict.
    """
    written = get_written(session, page_id, language, lock=True)
    demand_page(session, by, written.page)
    source = get_written(session, page_id, copy_from)
    if written.draft.version != version:
        raise EditConflict
    remember_revision(session, by=by, written=written)
    written.draft.blocks, written.draft.saved_by = copy.deepcopy(source.draft.blocks), by.name
    store(session)
    return written.draft


def _too_long(title: str, menu_title: str, description: str) -> dict[str, str]:

    lengths = {
        "title": (title, TITLE),
        "menu_title": (menu_title, MENU_TITLE),
        "description": (description, DESCRIPTION),
    }
    found = {
        name: _("At most %(count)s characters.", count=most)
        for name, (text, most) in lengths.items()
        if len(text) > most
    }
    if not title:
        found["title"] = _("Give the page a title.")
    return found


def _let_go(session: Session, text_id: int) -> None:
    newest = select(Revision.id).where(Revision.text_id == text_id).order_by(Revision.id.desc()).limit(MOST_REVISIONS)
    in_use = select(Publication.text_id).where(
        or_(Publication.revision_id == Revision.id, Publication.next_id == Revision.id)
    )
    session.execute(
        delete(Revision)
        .where(Revision.text_id == text_id, Revision.kept.is_(False))
        .where(Revision.id.not_in(newest.scalar_subquery()), ~in_use.exists())
        .execution_options(synchronize_session=False)
    )
