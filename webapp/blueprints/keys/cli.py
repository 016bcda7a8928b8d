"""`bottega keys`: keys of people and services from the command line."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import click
from flask.cli import with_appcontext

from webapp.blueprints.keys.models import Key
from webapp.blueprints.keys.queries import get_key, get_role_id, get_user_id, list_keys
from webapp.blueprints.keys.services.issuing import Issued, create_key, create_service_key, revoke_key, rotate_key
from webapp.core.api import api_permissions
from webapp.core.clock import utc_now
from webapp.core.commands import refusals
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM

DAYS = click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="How long it is valid.")


@click.group("keys")
def keys_commands() -> None:
    """API keys of people and services."""


@keys_commands.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
@with_appcontext
def show_keys(*, as_json: bool) -> None:
    """Show all keys, their secrets excepted: nobody knows those."""
    found = [_as_json(key, holder) for key, holder in list_keys(db.session())]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for each in found:
        used = f"used {each['last_used_at'][:16]}" if each["last_used_at"] else "never used"
        click.echo(
            f"{each['id']:>5}  {each['state']:8} {each['prefix']:18} {each['holder']:32} "
            f"until {each['expires_at'][:10]}  {used}  {each['name']}"
        )
    if not found:
        click.echo("There are no keys.")


@keys_commands.command("scopes")
@with_appcontext
def show_scopes() -> None:
    """Name the rights that some address of the API asks for."""
    for name in sorted(api_permissions()):
        click.echo(name)


@keys_commands.command("create")
@click.argument("name")
@click.option("--user", "email", default="", help="The key belongs to this person and has at most their rights.")
@click.option("--role", "role", default="", help="The key belongs to a service and has at most this role's rights.")
@click.option("--scope", "scopes", multiple=True, required=True, help="A right, as `bottega keys scopes` names them.")
@DAYS
@with_appcontext
def create(name: str, *, email: str, role: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a key and print it, alone on standard output: it is never shown again."""
    if bool(email) == bool(role):
        raise click.UsageError("give either --user EMAIL or --role ROLE")
    with refusals(), transaction() as session:
        if email:
            number = get_user_id(session, email)
            issued = create_key(session, by=SYSTEM, name=name, user_id=number, scopes=scopes, days=days)
        else:
            number = get_role_id(session, role)
            issued = create_service_key(session, by=SYSTEM, name=name, role_id=number, scopes=scopes, days=days)
    _tell(issued)


@keys_commands.command("rotate")
@click.argument("number", type=click.IntRange(1, 2**63 - 1))
@click.option(
    "--overlap-hours", type=click.IntRange(0, 720), default=24, show_default=True, help="The old one works on."
)
@DAYS
@with_appcontext
def rotate(number: int, *, overlap_hours: int, days: int) -> None:
    """Print a new text for the key NUMBER; the old one works for the overlap yet."""
    overlap = dt.timedelta(hours=overlap_hours)
    with refusals(), transaction() as session:
        newest = get_key(session, number, lock=True).secrets[0].id
        issued = rotate_key(session, by=SYSTEM, key_id=number, newest=newest, overlap=overlap, days=days)
    _tell(issued)


@keys_commands.command("revoke")
@click.argument("number", type=click.IntRange(1, 2**63 - 1))
@with_appcontext
def revoke(number: int) -> None:
    """Take the key NUMBER back: it opens nothing any more, at once."""
    with refusals(), transaction() as session:
        revoke_key(session, by=SYSTEM, key_id=number)
    click.echo(f"Key {number} is revoked.")


def _tell(issued: Issued) -> None:
    click.echo(f"key {issued.key.id}, valid until {issued.key.expires_at.isoformat()[:16]} UTC:", err=True)
    click.echo(issued.text)


def _as_json(key: Key, holder: str) -> dict[str, Any]:
    state = "revoked" if key.revoked_at else "expired" if key.expires_at <= utc_now() else "active"
    return {
        "id": key.id,
        "name": key.name,
        "kind": "service" if key.user_id is None else "person",
        "holder": holder,
        "state": state,
        "prefix": key.secrets[0].prefix,
        "scopes": key.scopes,
        "expires_at": key.expires_at.isoformat(),
        "last_used_at": key.last_used_at.isoformat() if key.last_used_at else None,
    }
