"""`bottega users`: people's accounts from the command line."""

from __future__ import annotations

import os
import sys

import click
from flask.cli import with_appcontext

from webapp.blueprints.accounts.models import ROLES
from webapp.blueprints.accounts.queries.people import list_users
from webapp.blueprints.accounts.services.users import create_user
from webapp.core.db import db, transaction
from webapp.core.errors import DomainError
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

    Without EMAIL, BOTTEGA_ADMIN_EMAIL names the person. The password comes from --password-stdin,
    BOTTEGA_ADMIN_PASSWORD, or is asked for.
    """
    email = email or os.environ.get("BOTTEGA_ADMIN_EMAIL")
    if not email:
        raise click.UsageError("give an EMAIL, or set BOTTEGA_ADMIN_EMAIL")
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


def _password(*, from_stdin: bool, otherwise: str | None = None) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if otherwise:
        return otherwise
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _create(email: str, name: str, role: str, password: str) -> None:
    try:
        with transaction() as session:
            user = create_user(session, by=SYSTEM, email=email, name=name, password=password, roles=[role])
            click.echo(f"Created {user.email} as {role}.")
    except DomainError as problem:
        click.echo(f"{email}: {problem.sentence}", err=True)
        sys.exit(2)
