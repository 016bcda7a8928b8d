"""What belongs to projects and goes with them: told before a deletion, let go with it."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.events import WhatGoesAlong
from webapp.blueprints.notebooks.models import Notebook
from webapp.blueprints.notebooks.queries.keeping import Kept, count_kept
from webapp.blueprints.notebooks.services.homes import let_go
from webapp.blueprints.notebooks.services.notebooks import remove_notebooks
from webapp.blueprints.workspaces.public import Belongings, ProjectsDeleted, WhatBelongs
from webapp.core.events import gather

STEP = 1024


def tell_belongings(session: Session, asked: WhatBelongs) -> Iterator[Belongings]:
    """The notebooks of the projects and what belongs to them, counted and in words."""
    numbers = session.scalars(select(Notebook.id).where(Notebook.project_id.in_(asked.project_ids))).all()
    yield from _told(count_kept(session, project_ids=asked.project_ids))
    yield from gather(session, WhatGoesAlong(tuple(numbers)), Belongings)


def list_along(session: Session, notebook: Notebook) -> list[str]:
    """What would go with the notebook, in words."""
    own = [each for each in _told(count_kept(session, notebook_ids=[notebook.id])) if each.name != "notebooks"]
    return [each.words for each in (*own, *gather(session, WhatGoesAlong((notebook.id,)), Belongings))]


def _told(kept: Kept) -> Iterator[Belongings]:
    """What would go, thing by thing; nothing of what there is none of."""
    if kept.notebooks:
        words = ngettext("%(num)s notebook", "%(num)s notebooks", kept.notebooks)
        if kept.running:
            running = ngettext("%(num)s of them runs", "%(num)s of them run", kept.running)
            words = f"{words}, {running}"
        yield Belongings("notebooks", words, kept.notebooks)
    if kept.volumes:
        words = ngettext("%(num)s volume", "%(num)s volumes", kept.volumes)
        yield Belongings("volumes", words, kept.volumes)
    if kept.backups:
        words = ngettext("%(num)s backup", "%(num)s backups", kept.backups)
        yield Belongings("backups", words, kept.backups)
    if kept.bytes:
        yield Belongings("bytes", _("%(size)s of files", size=size_in_words(kept.bytes)), 0, kept.bytes)


def let_belongings_go(session: Session, deleted: ProjectsDeleted) -> None:
    """Delete the notebooks of the projects; the keeper removes containers, homes and shared data afterwards."""
    mine = select(Notebook).where(Notebook.project_id.in_(deleted.project_ids)).order_by(Notebook.id)
    notebooks = session.scalars(mine.with_for_update(of=Notebook)).all()
    let_go(session, project_ids=deleted.project_ids)
    remove_notebooks(session, notebooks, by=deleted.by)


def size_in_words(size: int | None) -> str:
    """Bytes as people read them; "" for what was never measured."""
    if size is None:
        return ""
    amount, units = float(size), ("bytes", "KB", "MB", "GB", "TB")
    unit = 0
    while amount >= STEP and unit < len(units) - 1:
        amount, unit = amount / STEP, unit + 1
    if unit == 0:
        return str(ngettext("%(num)s byte", "%(num)s bytes", size))
    return f"{format_decimal(round(amount, 1))}\xa0{units[unit]}"
