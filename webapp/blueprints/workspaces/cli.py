"""`bottega workspaces`: groups, their members and projects from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from webapp.blueprints.workspaces.events import Belongings
from webapp.blueprints.workspaces.models import LONGEST_NAME, Joining, JoinRequest, Project, Visibility, WorkspaceGroup
from webapp.blueprints.workspaces.queries.groups import get_group_by_slug
from webapp.blueprints.workspaces.queries.people import get_person_by_email, list_members, list_requests
from webapp.blueprints.workspaces.queries.projects import (
    get_project_by_path,
    visible_projects,
    what_a_group_holds,
    what_belongs,
)
from webapp.blueprints.workspaces.services.groups import delete_group, found_group, hand_group_over, update_group
from webapp.blueprints.workspaces.services.joining import add_member, answer_request, remove_member
from webapp.blueprints.workspaces.services.projects import (
    create_project,
    delete_project,
    move_project,
    set_visibility,
    update_project,
)
from webapp.core.commands import Refusal, refusals
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM

JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
YES = click.option("--yes", is_flag=True, help="Do not ask.")


def _checked_name(_context: click.Context, _option: click.Parameter, name: str | None) -> str | None:
    if name is None:
        return None
    if not name.strip() or len(name) > LONGEST_NAME:
        raise Refusal(f"a name has 1 to {LONGEST_NAME} characters")
    return name.strip()


@click.group("workspaces")
def workspaces_commands() -> None:
    """Workspace groups and their projects. A project is named GROUP/PROJECT by its short names."""


@workspaces_commands.command("groups")
@JSON
@with_appcontext
def show_groups(*, as_json: bool) -> None:
    """Show all groups with their members; the owner comes first."""
    session = db.session()
    found = []
    for group in session.scalars(select(WorkspaceGroup).order_by(WorkspaceGroup.slug)):
        members = [member.email for member in list_members(session, group, by=SYSTEM)]
        found.append(
            {"id": group.id, "slug": group.slug, "name": group.name, "joining": group.joining, "members": members}
        )
    _tell(found, "{slug:20} {joining:10} {name}: {members}", "There are no workspace groups.", as_json=as_json)


@workspaces_commands.command("projects")
@JSON
@with_appcontext
def show_projects(*, as_json: bool) -> None:
    """Show all projects."""
    projects = db.session().scalars(visible_projects(SYSTEM).order_by(WorkspaceGroup.slug, Project.slug))
    found = [
        {"id": each.id, "project": _named(each), "name": each.name, "visibility": each.visibility} for each in projects
    ]
    _tell(found, "{project:40} {visibility:9} {name}", "There are no projects.", as_json=as_json)


@workspaces_commands.command("found")
@click.argument("name", callback=_checked_name)
@click.option("--owner", required=True, help="The e-mail address of who owns it.")
@click.option("--slug", default="", help="Its short name, which never changes; usually made of the name.")
@click.option("--joining", type=click.Choice([each.value for each in Joining]), default=Joining.BY_HAND.value)
@with_appcontext
def found(name: str, *, owner: str, slug: str, joining: str) -> None:
    """Found the group NAME for somebody."""
    with refusals(), transaction() as session:
        owner_id = get_person_by_email(session, owner).id
        group = found_group(session, by=SYSTEM, name=name, slug=slug, joining=joining, owner_id=owner_id)
        click.echo(f"founded {group.slug}")


@workspaces_commands.command("change-group")
@click.argument("group")
@click.option("--name", callback=_checked_name, help="Its name from now on.")
@click.option("--description", help="Its description, in Markdown.")
@click.option("--joining", type=click.Choice([each.value for each in Joining]), help="How people join.")
@with_appcontext
def change_group(group: str, *, name: str | None, description: str | None, joining: str | None) -> None:
    """Change GROUP; what is not given stays as it is."""
    with refusals(), transaction() as session:
        found = get_group_by_slug(session, group, by=SYSTEM)
        update_group(
            session,
            by=SYSTEM,
            group_id=found.id,
            version=found.version,
            name=name or found.name,
            description=found.description if description is None else description,
            joining=joining or found.joining,
        )
    click.echo(f"changed {group}")


@workspaces_commands.command("add")
@click.argument("group")
@click.argument("email")
@with_appcontext
def add(group: str, email: str) -> None:
    """Take the person with that EMAIL into GROUP."""
    with refusals(), transaction() as session:
        found, person = get_group_by_slug(session, group, by=SYSTEM), get_person_by_email(session, email)
        add_member(session, by=SYSTEM, group_id=found.id, user_id=person.id)
    click.echo(f"{email} is a member of {group}")


@workspaces_commands.command("remove")
@click.argument("group")
@click.argument("email")
@with_appcontext
def remove(group: str, email: str) -> None:
    """Take the person with that EMAIL out of GROUP."""
    with refusals(), transaction() as session:
        found, person = get_group_by_slug(session, group, by=SYSTEM), get_person_by_email(session, email)
        remove_member(session, by=SYSTEM, group_id=found.id, user_id=person.id)
    click.echo(f"{email} is a member of {group} no longer")


@workspaces_commands.command("hand-over")
@click.argument("group")
@click.argument("email")
@with_appcontext
def hand_over(group: str, email: str) -> None:
    """Let the member with that EMAIL own GROUP from now on."""
    with refusals(), transaction() as session:
        found, person = get_group_by_slug(session, group, by=SYSTEM), get_person_by_email(session, email)
        hand_group_over(session, by=SYSTEM, group_id=found.id, version=found.version, user_id=person.id)
    click.echo(f"{email} owns {group}")


@workspaces_commands.command("requests")
@click.argument("group")
@JSON
@with_appcontext
def show_requests(group: str, *, as_json: bool) -> None:
    """Show who asked to join GROUP and waits for an answer."""
    session = db.session()
    with refusals():
        waiting = list_requests(session, get_group_by_slug(session, group, by=SYSTEM))
    found = [
        {"id": each.id, "name": each.name, "words": each.words, "made_at": each.made_at.isoformat()} for each in waiting
    ]
    _tell(found, "{id:>5}  {made_at:.16}  {name}: {words}", "Nobody waits.", as_json=as_json)


@workspaces_commands.command("answer")
@click.argument("number", type=click.IntRange(1, 2**63 - 1))
@click.option("--accept/--decline", required=True, default=None)
@with_appcontext
def answer(number: int, *, accept: bool) -> None:
    """Accept or decline the request NUMBER."""
    with refusals(), transaction() as session:
        request: JoinRequest = answer_request(session, by=SYSTEM, request_id=number, accept=accept)
        click.echo(f"request {request.id} is {'accepted' if accept else 'declined'}")


@workspaces_commands.command("create-project")
@click.argument("group")
@click.argument("name", callback=_checked_name)
@click.option("--slug", default="", help="Its short name, which never changes; usually made of the name.")
@with_appcontext
def new_project(group: str, name: str, *, slug: str) -> None:
    """Create the private project NAME in GROUP."""
    with refusals(), transaction() as session:
        found = get_group_by_slug(session, group, by=SYSTEM)
        click.echo(f"created {_named(create_project(session, by=SYSTEM, group_id=found.id, name=name, slug=slug))}")


@workspaces_commands.command("change-project")
@click.argument("project")
@click.option("--name", callback=_checked_name, help="Its name from now on.")
@click.option("--description", help="Its description, in Markdown.")
@click.option("--visibility", type=click.Choice([each.value for each in Visibility]), help="Who reads it.")
@with_appcontext
def change_project(project: str, *, name: str | None, description: str | None, visibility: str | None) -> None:
    """Change PROJECT; what is not given stays as it is."""
    with refusals(), transaction() as session:
        found = get_project_by_path(session, project, by=SYSTEM)
        words = found.description if description is None else description
        name = name or found.name
        number, version = found.id, found.version
        if (name, words) != (found.name, found.description):
            version = update_project(
                session, by=SYSTEM, project_id=number, version=version, name=name, description=words
            ).version
        if visibility:
            set_visibility(session, by=SYSTEM, project_id=number, version=version, visibility=visibility)
    click.echo(f"changed {project}")


@workspaces_commands.command("open")
@click.argument("project")
@click.argument("visibility", type=click.Choice([each.value for each in Visibility]))
@with_appcontext
def open_project(project: str, visibility: str) -> None:
    """Say who reads PROJECT."""
    with refusals(), transaction() as session:
        found = get_project_by_path(session, project, by=SYSTEM)
        set_visibility(session, by=SYSTEM, project_id=found.id, version=found.version, visibility=visibility)
    click.echo(f"{project} is {visibility}")


@workspaces_commands.command("move")
@click.argument("project")
@click.argument("group")
@with_appcontext
def move(project: str, group: str) -> None:
    """Let PROJECT lie in GROUP."""
    with refusals(), transaction() as session:
        found, there = get_project_by_path(session, project, by=SYSTEM), get_group_by_slug(session, group, by=SYSTEM)
        move_project(session, by=SYSTEM, project_id=found.id, version=found.version, group_id=there.id)
        click.echo(f"moved to {_named(found)}")


@workspaces_commands.command("delete-project")
@click.argument("project")
@YES
@with_appcontext
def remove_project(project: str, *, yes: bool) -> None:
    """Delete PROJECT with all that belongs to it."""
    with refusals():
        found = get_project_by_path(db.session(), project, by=SYSTEM)
        _confirm(project, what_belongs(db.session(), [found.id]), yes=yes)
        number, version = found.id, found.version
        with transaction() as session:
            delete_project(session, by=SYSTEM, project_id=number, version=version)
    click.echo(f"deleted {project}")


@workspaces_commands.command("delete-group")
@click.argument("group")
@YES
@with_appcontext
def remove_group(group: str, *, yes: bool) -> None:
    """Delete GROUP with its projects and all that belongs to them."""
    with refusals():
        found = get_group_by_slug(db.session(), group, by=SYSTEM)
        _confirm(group, what_a_group_holds(db.session(), found), yes=yes)
        number, version = found.id, found.version
        with transaction() as session:
            delete_group(session, by=SYSTEM, group_id=number, version=version)
    click.echo(f"deleted {group}")


def _named(project: Project) -> str:
    return f"{project.group.slug}/{project.slug}"


def _confirm(name: str, belongings: Iterable[Belongings], *, yes: bool) -> None:
    if not yes:
        along = ", ".join(each.words for each in belongings) or "nothing else"
        click.confirm(f"Delete {name}? With it goes: {along}.", abort=True)


def _tell(found: list[dict[str, Any]], line: str, nothing: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for each in found:
        click.echo(line.format(**{**each, "members": ", ".join(each.get("members", ()))}))
    if not found:
        click.echo(nothing)
