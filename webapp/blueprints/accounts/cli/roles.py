"""`bottega roles`: roles, what they grant, and why somebody may do something, from the command line."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from webapp.blueprints.accounts.models import Role
from webapp.blueprints.accounts.queries.explaining import list_ways
from webapp.blueprints.accounts.queries.people import find_user, list_roles
from webapp.blueprints.accounts.queries.rights import NONE, list_grants, list_ranked_roles
from webapp.blueprints.accounts.services.roles import (
    OWNER,
    RoleValues,
    create_role,
    decide,
    delete_role,
    forget_decisions,
    version_of,
)
from webapp.core.commands import Refusal, refusals
from webapp.core.db import db, transaction
from webapp.core.policy import rule_of
from webapp.core.room import Right, rights
from webapp.core.security import SYSTEM, Reach, actor_of


@click.group("roles")
def roles() -> None:
    """Roles and what they grant."""


@roles.command("list")
@with_appcontext
def show_roles() -> None:
    """Show the roles, the highest rank first."""
    for role in list_ranked_roles(db.session()):
        asked = "second factor" if role.second_factor else ""
        click.echo(f"{role.name:20} rank {role.rank:<4} {asked:14} {role.description}".rstrip())


@roles.command("matrix")
@with_appcontext
def show_matrix() -> None:
    """Show which role grants what, as a table in Markdown."""
    session = db.session()
    known, grants = list_ranked_roles(session), list_grants(session)
    click.echo(f"| permission | {' | '.join(role.name for role in known)} |")
    click.echo("|---" * (len(known) + 1) + "|")
    for right in rights():
        cells = ["all" if role.name == OWNER else str(grants[role.id].get(right.name, "")) for role in known]
        click.echo(f"| {right.name} | {' | '.join(cells)} |")


@roles.command("create")
@click.argument("name")
@click.option("--rank", type=click.IntRange(0, 99), default=10, show_default=True)
@click.option("--description", default="")
@click.option("--second-factor", is_flag=True, help="Whoever holds it must sign in with a second factor.")
@with_appcontext
def create(name: str, rank: int, description: str, *, second_factor: bool) -> None:
    """Create a role, which grants nothing yet."""
    values = RoleValues(name, description, rank, second_factor)
    with refusals(), transaction() as session:
        create_role(session, by=SYSTEM, values=values)
    click.echo(f"Created {name}.")


@roles.command("delete")
@click.argument("name")
@with_appcontext
def delete(name: str) -> None:
    """Delete a role: all who have it lose it."""
    role = _role(name)
    with refusals(), transaction() as session:
        delete_role(session, by=SYSTEM, role_id=role.id, version=version_of(role))
    click.echo(f"Deleted {name}.")


@roles.command("grant")
@click.argument("name")
@click.argument("permission")
@click.option("--reach", type=click.Choice([each.value for each in Reach]), default=Reach.ALL.value, show_default=True)
@with_appcontext
def grant(name: str, permission: str, reach: str) -> None:
    """Grant a PERMISSION to the role NAME."""
    role, right = _role(name), _right(permission)
    with refusals(), transaction() as session:
        decide(session, by=SYSTEM, role=role, right=right, reach=reach)
    click.echo(f"{name} has {permission}, reach {reach}.")


@roles.command("revoke")
@click.argument("name")
@click.argument("permission")
@with_appcontext
def revoke(name: str, permission: str) -> None:
    """Take a PERMISSION from the role NAME."""
    role, right = _role(name), _right(permission)
    with refusals(), transaction() as session:
        decide(session, by=SYSTEM, role=role, right=right, reach=NONE)
    click.echo(f"{name} has no {permission}.")


@roles.command("reset")
@click.argument("name")
@with_appcontext
def reset(name: str) -> None:
    """Let a role of the house grant again what the rooms grant it; any other one nothing."""
    role = _role(name)
    with refusals(), transaction() as session:
        forget_decisions(session, by=SYSTEM, role_id=role.id)
    click.echo(f"{name} is as at the start.")


@roles.command("why")
@click.argument("email")
@click.argument("permission")
@with_appcontext
def why(email: str, permission: str) -> None:
    """Say why a person may do something, or why not. Exit code 1 when they may not."""
    right, session = _right(permission), db.session()
    user = find_user(session, email)
    if user is None:
        raise Refusal(f"There is nobody with the address {email}.")
    actor = actor_of(user.id) if user.active else None
    reach = actor.reach(right.name) if actor else None
    told = f"yes, reach {reach}" if reach and rule_of(right.name) else "yes" if reach else "no"
    click.echo(f"{email}: {right.name}: {told}{'' if user.active else ' (switched off)'}")
    for way in list_ways(session, user, right.name):
        where = f"on the group {way.given_on.name}" if way.given_on else "to the person"
        source = "decided" if way.decided else "as the house"
        click.echo(f"  role {way.role.name}, given {where}: {way.reach or 'no'} ({source})")
    sys.exit(0 if reach else 1)


def _role(name: str) -> Role:
    found = list_roles(db.session(), frozenset({name}))
    if not found:
        raise Refusal(f"There is no role {name}.")
    return found[0]


def _right(name: str) -> Right:
    found = next((right for right in rights() if right.name == name), None)
    if found is None:
        raise Refusal(f"There is no permission {name}. `bottega roles matrix` shows them.")
    return found
