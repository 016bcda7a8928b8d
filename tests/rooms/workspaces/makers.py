"""Workspace groups and projects for tests."""

from __future__ import annotations

import itertools
from typing import Any

from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import make_user
from webapp.blueprints.accounts.models import User
from webapp.blueprints.workspaces.models import Project, WorkspaceGroup, WorkspaceMember
from webapp.core.security import Actor, actor_of

_numbers = itertools.count(1)


def make_analyst(session: Session, **changes: Any) -> tuple[User, Actor]:
    """Somebody of the staff, and what they may do."""
    language = changes.pop("language", "")
    user = make_user(session, **({"roles": ["staff"]} | changes))
    user.language = language
    return user, actor_for(user)


def actor_for(user: User) -> Actor:
    """What somebody may do now."""
    actor = actor_of(user.id)
    assert actor
    return actor


def make_group(
    session: Session, *, owner: User | None = None, members: list[User] | None = None, **changes: Any
) -> WorkspaceGroup:
    """A stored group; its owner is a member."""
    number = next(_numbers)
    owner = owner or make_user(session, roles=["staff"])
    group = WorkspaceGroup(**{"slug": f"group-{number}", "name": f"Group {number}", "owner_id": owner.id} | changes)
    people = {owner.id} | {user.id for user in members or ()}
    group.members = [WorkspaceMember(user_id=user_id) for user_id in sorted(people)]
    session.add(group)
    session.flush()
    return group


def make_project(session: Session, *, group: WorkspaceGroup | None = None, **changes: Any) -> Project:
    """A stored project, private unless the test says otherwise."""
    number = next(_numbers)
    group = group or make_group(session)
    project = Project(**{"slug": f"project-{number}", "name": f"Project {number}", "group": group} | changes)
    session.add(project)
    session.flush()
    return project
