"""Commands of the push room: the house's key, and how many browsers there are."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webapp.blueprints.push.queries import count_subscriptions
from webapp.blueprints.push.services.keys import ensure_key, private_key, renew_key
from webapp.core.commands import refusals
from webapp.core.db import transaction

push_commands = AppGroup("push", help="Notifications in browsers: the house's key.")


@push_commands.command("keys")
@click.option("--renew", is_flag=True, help="Make a new pair: all browsers must be asked again.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
def keys(*, renew: bool, yes: bool) -> None:
    """Print the public key, made when there is none yet; the private one is kept sealed with SECRET_KEY."""
    with transaction() as session:
        count = count_subscriptions(session)
    if renew and count and not yes:
        click.confirm(f"{count} browsers will get no notification until they ask again. Go on?", abort=True, err=True)
    with refusals(), transaction() as session:
        if renew:
            public, forgotten = renew_key(session)
            click.echo(f"{forgotten} browsers were forgotten", err=True)
        else:
            public = ensure_key(session)
            private_key(session)
    click.echo(public)
