"""`bottega users`: people's accounts from the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.models import ROLES, User
from webapp.blueprints.accounts.queries.people import find_user, is_empty, list_users
from webapp.blueprints.accounts.queries.rights import list_roles_of
from webapp.blueprints.accounts.queries.sessions import list_live_sessions
from webapp.blueprints.accounts.services.devices import read_device
from webapp.blueprints.accounts.services.people import disable_user, enable_user, end_users_sessions, set_roles
from webapp.blueprints.accounts.services.second_factor import reset_second_factor
from webapp.blueprints.accounts.services.users import create_user
from webapp.core.clock import utc_now
from webapp.core.commands import Refusal, refusals
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM


@click.group("users")
def users() -> None:
    """The people who sign in."""


@users.command("create-admin")
@click.argument("email", required=False)
@click.option("--name", default="", help="How the person is addressed.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
@with_appcontext
def create_admin(email: str | None, name: str, *, password_stdin: bool) -> None:
    """Create an owner, who may do everything.

    Without EMAIL, BOTTEGA_ADMIN_EMAIL names the person, and nothing is done once there is any user: a container may run
    it at each start. The password comes from --password-stdin, BOTTEGA_ADMIN_PASSWORD, or is asked for.
    """
    told = email
    email = email or os.environ.get("BOTTEGA_ADMIN_EMAIL")
    if not email:
        raise click.UsageError("give an EMAIL, or set BOTTEGA_ADMIN_EMAIL")
    if told is None and not is_empty(db.session()):
        click.echo("There are users already: no owner was created from the environment.")
        return
    _create(
        email, name, "owner", _password(from_stdin=password_stdin, otherwise=os.environ.get("BOTTEGA_ADMIN_PASSWORD"))
    )


@users.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice(list(ROLES)), required=True)
@click.option("--name", default="", help="How the person is addressed.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
@with_appcontext
def create(email: str, role: str, name: str, *, password_stdin: bool) -> None:
    """Create a user with a role; the password is asked for."""
    _create(email, name, role, _password(from_stdin=password_stdin))


@users.command("list")
@with_appcontext
def show_users() -> None:
    """Show who can sign in, and as what."""
    for user in list_users(db.session()):
        roles = ", ".join(sorted(role.name for role in user.roles)) or "no role"
        state = "" if user.active else "  (switched off)"
        click.echo(f"{user.email:40} {roles:20} {user.name}{state}")


@users.command("disable")
@click.argument("email")
@with_appcontext
def disable(email: str) -> None:
    """Keep somebody out, and end all their sessions at once."""
    user = _act(email, lambda session, user: disable_user(session, by=SYSTEM, user_id=user.id))
    click.echo(f"{user} cannot sign in any more; all sessions were ended.")


@users.command("enable")
@click.argument("email")
@with_appcontext
def enable(email: str) -> None:
    """Let somebody in again."""
    click.echo(f"{_act(email, lambda session, user: enable_user(session, by=SYSTEM, user_id=user.id))} may sign in.")


@users.command("roles")
@click.argument("email")
@click.argument("roles", nargs=-1)
@click.option("--none", is_flag=True, help="Take all roles away.")
@with_appcontext
def give_roles(email: str, roles: tuple[str, ...], *, none: bool) -> None:
    """Give somebody exactly these ROLES directly; without ROLES, show the ones they have."""
    if roles or none:
        _act(email, lambda session, user: set_roles(session, by=SYSTEM, user_id=user.id, roles=roles))
    user = _find(email)
    for role in list_roles_of(db.session(), user.id):
        click.echo(role.name if role in user.roles else f"{role.name}  (through a group)")


@users.command("reset-second-factor")
@click.argument("email")
@with_appcontext
def reset_factor(email: str) -> None:
    """Take codes and passkeys from somebody who lost them, and end all their sessions."""
    user = _act(email, lambda session, user: reset_second_factor(session, by=SYSTEM, user_id=user.id))
    click.echo(f"{user} signs in without a second factor now.")


@users.command("sessions")
@click.argument("email")
@with_appcontext
def show_sessions(email: str) -> None:
    """Show where somebody is signed in."""
    for row in list_live_sessions(db.session(), _find(email).id, now=utc_now()):
        device = read_device(row.agent)
        words = f"{device.browser or '?'} on {device.system or '?'}"
        click.echo(f"{row.id:8}  {row.last_seen_at:%Y-%m-%d %H:%M} UTC  {row.address:20} {words}")


@users.command("end-sessions")
@click.argument("email")
@with_appcontext
def end_all_sessions(email: str) -> None:
    """End all sessions of somebody."""
    counts: list[int] = []
    _act(email, lambda session, user: counts.append(end_users_sessions(session, by=SYSTEM, user_id=user.id)))
    click.echo(f"Sessions ended: {counts[0]}.")


def _find(email: str) -> User:
    user = find_user(db.session(), email)
    if user is None:
        raise Refusal(f"{email}: nobody signs in with this address.")
    return user


def _act(email: str, work: Callable[[Session, User], object]) -> str:
    """Do something to the user with that address; the address, as it is kept."""
    user = _find(email)
    with refusals(email), transaction() as session:
        work(session, user)
    return user.email


def _password(*, from_stdin: bool, otherwise: str | None = None) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if otherwise:
        return otherwise
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _create(email: str, name: str, role: str, password: str) -> None:
    with refusals(email), transaction() as session:
        user = create_user(session, by=SYSTEM, email=email, name=name, password=password, roles=[role])
        click.echo(f"Created {user.email} as {role}.")
