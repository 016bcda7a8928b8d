"""What people do with workspace groups: found, change, hand over and delete them."""

from __future__ import annotations

import logging

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.public import AccountEnding
from webapp.blueprints.workspaces.events import GroupHandedOver, MembershipBegun, ProjectsDeleted
from webapp.blueprints.workspaces.models import Joining, Project, WorkspaceGroup, WorkspaceMember
from webapp.blueprints.workspaces.permissions import WorkspacesPermission as May
from webapp.blueprints.workspaces.queries.groups import get_group
from webapp.blueprints.workspaces.queries.people import get_person
from webapp.blueprints.workspaces.queries.projects import list_project_ids
from webapp.blueprints.workspaces.services.problems import (
    GroupSlugTaken,
    GroupsToHandOver,
    HeirLacksRights,
    NotMember,
    SlugKept,
)
from webapp.blueprints.workspaces.services.slugs import checked_slug
from webapp.core.errors import EditConflict, NotAllowed
from webapp.core.events import announce
from webapp.core.security import Actor, actor_of
from webapp.core.storing import store

log = logging.getLogger(__name__)
PROBLEMS = {"uq_workspaces_groups_slug": GroupSlugTaken, "ck_workspaces_groups_slug_kept": SlugKept}


def found_group(
    session: Session,
    *,
    by: Actor,
    name: str,
    slug: str = "",
    description: str = "",
    joining: str = Joining.BY_HAND.value,
    owner_id: int | None = None,
) -> WorkspaceGroup:
    """A new group of the actor, its first member. Only who administers all groups founds one for somebody else (`owner_id`).

    Announces MembershipBegun. Raises NotAllowed, NotFound (no such owner), HeirLacksRights, GroupSlugTaken, SlugWrong.
    """
    owner = owner_id or by.user_id
    if not (by.may(May.FOUND) or by.may(May.ALL)) or (owner != by.user_id and not by.may(May.ALL)):
        raise NotAllowed(_("Your role does not let you found workspace groups."))
    if owner is None:
        raise NotAllowed(_("A workspace group needs an owner."))
    if owner != by.user_id:
        _refuse_heir_without_rights(session, owner)
    group = WorkspaceGroup(
        slug=checked_slug(slug, name),
        name=name,
        description=description,
        joining=Joining(joining).value,
        owner_id=owner,
    )
    group.members = [WorkspaceMember(user_id=owner)]
    session.add(group)
    store(session, PROBLEMS)
    log.info("workspace group %s founded by %s", group.slug, by.name)
    announce(session, MembershipBegun(group.id, owner))
    return group


def update_group(
    session: Session, *, by: Actor, group_id: int, version: int, name: str, description: str, joining: str
) -> WorkspaceGroup:
    """Change the group that the actor saw as `version`. Raises NotFound, NotAllowed, EditConflict."""
    group = _seen(session, by, group_id, version)
    group.name, group.description, group.joining = name, description, Joining(joining).value
    store(session, PROBLEMS)
    log.info("workspace group %s changed by %s", group.slug, by.name)
    return group


def hand_group_over(session: Session, *, by: Actor, group_id: int, version: int, user_id: int) -> WorkspaceGroup:
    """Give the group that the actor saw as `version` to another member; the former owner stays one.

    Announces GroupHandedOver. Raises NotFound, NotAllowed, EditConflict, NotMember, HeirLacksRights.
    """
    group = _seen(session, by, group_id, version)
    if not group.has_member(user_id):
        raise NotMember
    _refuse_heir_without_rights(session, user_id)
    before, group.owner_id = group.owner_id, user_id
    store(session, PROBLEMS)
    log.warning("workspace group %s handed over from user %s to %s by %s", group.slug, before, user_id, by.name)
    announce(session, GroupHandedOver(group.id, before, user_id))
    return group


def delete_group(session: Session, *, by: Actor, group_id: int, version: int) -> None:
    """Delete the group that the actor saw as `version`, with its projects and all that belongs to them.

    Announces ProjectsDeleted. Raises NotFound, NotAllowed, EditConflict.
    """
    group = _seen(session, by, group_id, version)
    if numbers := list_project_ids(session, group_id):
        announce(session, ProjectsDeleted(numbers, by))
        for number in numbers:
            session.delete(session.get_one(Project, number))
        store(session)
    session.delete(group)
    store(session)
    log.warning("workspace group %s deleted by %s, with %s projects", group.slug, by.name, len(numbers))


def refuse_owner(session: Session, ending: AccountEnding) -> None:
    """An account that is about to end owns no group. Raises GroupsToHandOver, which names them."""
    own = select(WorkspaceGroup.name).where(WorkspaceGroup.owner_id == ending.user_id)
    if names := session.scalars(own.order_by(WorkspaceGroup.name)).all():
        raise GroupsToHandOver(names)


def _seen(session: Session, by: Actor, group_id: int, version: int) -> WorkspaceGroup:
    group = get_group(session, group_id, by=by, to=May.ADMINISTER, lock=True)
    if group.version != version:
        raise EditConflict
    return group


def _refuse_heir_without_rights(session: Session, user_id: int) -> None:
    get_person(session, user_id)
    heir = actor_of(user_id)
    if heir is None or not heir.may(May.ADMINISTER):
        raise HeirLacksRights
