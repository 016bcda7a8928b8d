"""The pages of the site as their editors know them: the tree, one page, its texts, drafts and states."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from webapp.blueprints.website.models import HOME, Draft, Page, PageText, Publication, Revision
from webapp.blueprints.website.queries.shown import is_shown_now
from webapp.core.errors import NotFound


@dataclass(frozen=True)
class Line:
    """A page in one language as the tree tells of it."""

    language: str
    title: str
    path: str
    shown: bool
    planned: dt.datetime | None
    expires: dt.datetime | None
    changed: bool


@dataclass
class Branch:
    """A page of the tree with those below it, as far as they were asked for; `more` says that there are others."""

    page: Page
    lines: dict[str, Line]
    below: list[Branch] = field(default_factory=list)
    more: bool = False

    def title(self, languages: Iterable[str]) -> str:
        """How the tree calls it: its title in the first of the languages that it has."""
        for language in (*languages, *self.lines):
            if language in self.lines:
                return self.lines[language].title
        return str(_("Page %(number)s", number=self.page.id))


@dataclass(frozen=True)
class Written:
    """A page in one language with its draft and what is published of it."""

    page: Page
    text: PageText
    draft: Draft
    publication: Publication | None


def get_page(session: Session, page_id: int, *, lock: bool = False) -> Page:
    """The page with this number. Raises NotFound."""
    page = session.get(Page, page_id, with_for_update=lock or None)
    if page is None:
        raise NotFound(_("This page does not exist, or does not any more."))
    return page


def find_home(session: Session) -> Page | None:
    """The start page, None before anybody made one."""
    return session.scalars(select(Page).where(Page.kind == HOME)).first()


def find_text(session: Session, page_id: int, language: str) -> PageText | None:
    """The page in that language, None when nobody began it."""
    return session.scalars(
        select(PageText).where(PageText.page_id == page_id, PageText.language == language)
    ).one_or_none()


def find_written(session: Session, page_id: int, language: str) -> Written | None:
    """The page in that language with its draft, None when nobody began it."""
    row = session.execute(
        select(Page, PageText, Draft, Publication)
        .join(PageText, PageText.page_id == Page.id)
        .join(Draft, Draft.text_id == PageText.id)
        .outerjoin(Publication, Publication.text_id == PageText.id)
        .where(Page.id == page_id, PageText.language == language)
    ).one_or_none()
    return Written(*row) if row else None


def get_written(session: Session, page_id: int, language: str, *, lock: bool = False) -> Written:
    """The same, its draft kept from others until the end if to `lock`. Raises NotFound."""
    if lock:
        text = find_text(session, page_id, language)
        number = text.id if text else None
        session.scalars(
            select(Draft).where(Draft.text_id == number).with_for_update().execution_options(populate_existing=True)
        ).one_or_none()
    found = find_written(session, page_id, language)
    if found is None:
        raise NotFound(_("This page does not exist in this language, or does not any more."))
    return found


def branch_of(session: Session, page_id: int) -> tuple[int, ...]:
    """The numbers of a page and of those above it, the page first, the root last."""
    up = select(Page.id, Page.parent_id, literal(0).label("height")).where(Page.id == page_id).cte(recursive=True)
    up = up.union_all(select(Page.id, Page.parent_id, up.c.height + 1).join(up, Page.id == up.c.parent_id))
    return tuple(session.scalars(select(up.c.id).order_by(up.c.height)))


def subtree_of(session: Session, page_id: int) -> tuple[int, ...]:
    """The numbers of a page and of all below it, each after the one above it."""
    down = select(Page.id, literal(0).label("depth")).where(Page.id == page_id).cte(recursive=True)
    down = down.union_all(select(Page.id, down.c.depth + 1).join(down, Page.parent_id == down.c.id))
    return tuple(session.scalars(select(down.c.id).order_by(down.c.depth)))


def list_siblings(session: Session, parent_id: int) -> list[Page]:
    """The pages below a page, in their order."""
    return list(session.scalars(select(Page).where(Page.parent_id == parent_id).order_by(Page.position, Page.id)))


def count_pages(session: Session) -> int:
    """How many pages there are."""
    return session.scalar(select(func.count()).select_from(Page)) or 0


def has_below(session: Session, page_ids: Sequence[int]) -> set[int]:
    """Which of the pages have others below them."""
    below = aliased(Page)
    return set(
        session.scalars(select(Page.id).where(Page.id.in_(page_ids), exists().where(below.parent_id == Page.id)))
    )


def read_branch(
    session: Session, page: Page, *, now: dt.datetime, depth: int, most: int = 200, after: int = 0
) -> Branch:
    """A page with `depth` levels below it, at most so many pages of each level and page, the first `after` left out."""
    top = Branch(page, {})
    level, everybody = [top], [top]
    for _step in range(depth):
        owners = {branch.page.id: branch for branch in level}
        ranked = (
            select(
                Page.id,
                func.row_number().over(partition_by=Page.parent_id, order_by=(Page.position, Page.id)).label("place"),
            )
            .where(Page.parent_id.in_(owners))
            .subquery()
        )
        pages = session.scalars(
            select(Page)
            .join(ranked, ranked.c.id == Page.id)
            .where(ranked.c.place > after, ranked.c.place <= after + most + 1)
            .order_by(Page.parent_id, Page.position, Page.id)
        )
        level = []
        for below in pages:
            owner = owners[below.parent_id]  # type: ignore[index]  # those below a page have one
            if len(owner.below) == most:
                owner.more = True
                continue
            owner.below.append(Branch(below, {}))
            level.append(owner.below[-1])
        everybody += level
        after = 0
        if not level:
            break
    leaves = has_below(session, [branch.page.id for branch in level])
    for branch in level:
        branch.more = branch.page.id in leaves
    lines = list_lines(session, [branch.page.id for branch in everybody], now=now)
    for branch in everybody:
        branch.lines = lines.get(branch.page.id, {})
    return top


def list_lines(session: Session, page_ids: Sequence[int], *, now: dt.datetime) -> dict[int, dict[str, Line]]:
    """The states of pages by number and language."""
    differs = or_(
        Draft.title != Revision.title,
        Draft.menu_title != Revision.menu_title,
        Draft.description != Revision.description,
        Draft.blocks != Revision.blocks,
    )
    rows = session.execute(
        select(PageText.page_id, PageText.language, PageText.path, Draft.title, differs, Publication)
        .join(Draft, Draft.text_id == PageText.id)
        .outerjoin(Publication, Publication.text_id == PageText.id)
        .outerjoin(Revision, Revision.id == Publication.revision_id)
        .where(PageText.page_id.in_(page_ids))
    )
    found: dict[int, dict[str, Line]] = {}
    for page_id, language, path, title, changed, found_publication in rows:
        publication: Publication | None = found_publication
        moment = publication.publish_at if publication is not None and publication.next_id is not None else None
        shown = is_shown_now(publication, now=now)
        found.setdefault(page_id, {})[language] = Line(
            language=language,
            title=title,
            path=path,
            shown=shown,
            planned=moment if moment is not None and moment > now else None,
            expires=publication.expire_at if publication is not None and shown else None,
            changed=bool(shown and changed),
        )
    return found


def list_texts(session: Session, page_id: int) -> dict[str, PageText]:
    """The texts of a page by language."""
    return {text.language: text for text in session.scalars(select(PageText).where(PageText.page_id == page_id))}


def search_pages(session: Session, words: str, *, most: int = 50) -> list[tuple[int, str, str, str]]:
    """Number, language, title and path of pages whose title or address contains the words, by address."""
    like = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = session.execute(
        select(PageText.page_id, PageText.language, Draft.title, PageText.path)
        .join(Draft, Draft.text_id == PageText.id)
        .where(Draft.title.ilike(like) | PageText.path.ilike(like))
        .order_by(PageText.path)
        .limit(most)
    )
    return [(row.page_id, row.language, row.title, row.path) for row in rows]
