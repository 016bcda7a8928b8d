"""The readers of GOLD that notebooks have: whose rows they see, and the trace of when each was there."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.gold.public import Reached, common_reach
from webapp.blueprints.notebooks.models import GoldRole, Notebook, Wanted
from webapp.blueprints.notebooks.permissions import NotebooksPermission
from webapp.blueprints.workspaces.public import Project, may_run, project_members
from webapp.core.security import Actor, actor_of

Reach = frozenset[Reached]


def begin_role(session: Session, notebook_id: int, generation: int, name: str) -> Reach:
    """Write down that this reader is about to be made, and say what it may see; nothing for a notebook that is gone."""
    row = insert(GoldRole).values(notebook_id=notebook_id, generation=generation, role_name=name)
    session.execute(
        row.on_conflict_do_update(
            index_elements=[GoldRole.role_name], set_={"dropped_at": None, "made_at": func.clock_timestamp()}
        )
    )
    notebook = session.get(Notebook, notebook_id)
    return reach_of_project(session, notebook.project_id) if notebook else frozenset()


def end_roles(session: Session, notebook_id: int, *, but: str, below: int) -> None:
    """Write down that the readers of a notebook are gone, as far as their turn lies `below`."""
    session.execute(
        update(GoldRole)
        .where(
            GoldRole.notebook_id == notebook_id,
            GoldRole.dropped_at.is_(None),
            GoldRole.role_name != but,
            GoldRole.generation < below,
        )
        .values(dropped_at=func.clock_timestamp())
    )


def end_role(session: Session, name: str) -> None:
    """Write down that this reader is gone."""
    session.execute(
        update(GoldRole)
        .where(GoldRole.role_name == name, GoldRole.dropped_at.is_(None))
        .values(dropped_at=func.clock_timestamp())
    )


def list_wanted(session: Session, notebook_ids: Collection[int]) -> set[int]:
    """Those of these notebooks that are to run now."""
    wanted = select(Notebook.id).where(Notebook.id.in_(notebook_ids), Notebook.wanted == Wanted.RUNNING)
    return set(session.scalars(wanted))


def list_reaches(session: Session) -> dict[str, Reach]:
    """What each reader that is there may see now, by its name."""
    rows = session.execute(
        select(GoldRole.role_name, Notebook.project_id)
        .join(Notebook, Notebook.id == GoldRole.notebook_id)
        .where(GoldRole.dropped_at.is_(None))
    ).all()
    projects = {row.project_id: reach_of_project(session, row.project_id) for row in rows}
    return {row.role_name: projects[row.project_id] for row in rows}


def reach_of_project(session: Session, project_id: int) -> Reach:
    """What a project's notebooks see of GOLD: what everybody sees on their own pages who may work in them.

    So nobody learns from a notebook what they may not know, whoever has started it.
    """
    project = session.get(Project, project_id)
    if project is None:
        return frozenset()
    return common_reach([actor for actor in _people(session, project) if _may_enter(actor, project)])


def _people(session: Session, project: Project) -> list[Actor]:
    actors = (actor_of(number) for number in sorted(project_members(session, project)))
    return [actor for actor in actors if actor is not None]


def _may_enter(actor: Actor, project: Project) -> bool:
    return actor.may(NotebooksPermission.RUN) and may_run(project, actor)
