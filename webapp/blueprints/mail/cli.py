"""Commands of the mail room: try the settings, look at the outbox, send one again."""

from __future__ import annotations

import json
from uuid import uuid4

import click
from flask import current_app
from flask.cli import AppGroup

from webapp.blueprints.mail.models import OutgoingMail
from webapp.blueprints.mail.queries import get_mail, list_newest
from webapp.blueprints.mail.services import send_again
from webapp.core.commands import refusals
from webapp.core.db import transaction
from webapp.core.mail import Message, mailer_for
from webapp.core.security import SYSTEM

SECONDS = 30

mail_commands = AppGroup("mail", help="Mails that leave: try the settings, look at the outbox, send one again.")


@mail_commands.command("test")
@click.argument("address")
def test_mail(*, address: str) -> None:
    """Send a mail to ADDRESS at once, without the outbox, to see whether the settings are right."""
    mailer = mailer_for(current_app.extensions["settings"])
    message = Message(to=address, subject="Bottega: mail works", text="Mail leaves this installation as it should.\n")
    with refusals():
        click.echo(mailer.send(message, key=f"bottega-{uuid4().hex}", timeout=SECONDS))


@mail_commands.command("list")
@click.option("--state", type=click.Choice(["waiting", "sent", "refused", "failed"]), help="Only these.")
@click.option("--most", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_mails(*, state: str | None, most: int, as_json: bool) -> None:
    """The newest mails of the outbox, without what they say."""
    with transaction() as session:
        for mail in list_newest(session, state=state, most=most):
            click.echo(json.dumps(_facts(mail), ensure_ascii=False) if as_json else _line(mail))


@mail_commands.command("again")
@click.argument("number", type=click.IntRange(1))
def again(*, number: int) -> None:
    """Send the mail NUMBER of the outbox once more, as a new message."""
    with refusals(), transaction() as session:
        send_again(session, number, by=SYSTEM)
    click.echo("it waits for a worker")


@mail_commands.command("show")
@click.argument("number", type=click.IntRange(1))
def show_mail(*, number: int) -> None:
    """What became of the mail NUMBER."""
    with refusals(), transaction() as session:
        mail = get_mail(session, number)
        click.echo(_line(mail))
        for each in mail.deliveries:
            click.echo(f"  {each.at:%Y-%m-%d %H:%M:%S %Z}  {each.outcome}: {each.words}")


def _line(mail: OutgoingMail) -> str:
    error = f"  ({mail.error})" if mail.error else ""
    return f"{mail.id}  {mail.created_at:%Y-%m-%d %H:%M}  {mail.state:8}  {mail.address}  {mail.subject}{error}"


def _facts(mail: OutgoingMail) -> dict[str, object]:
    return {
        "id": mail.id,
        "to": mail.recipient,
        "subject": mail.subject,
        "template": mail.template,
        "cause": mail.cause,
        "state": mail.state,
        "attempts": mail.attempts,
        "created_at": mail.created_at.isoformat(),
        "sent_at": mail.sent_at.isoformat() if mail.sent_at else None,
        "error": mail.error,
    }
