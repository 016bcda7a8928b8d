"""The commands of the floor: the databases, the rooms and the demo company."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate.cli import db as database_commands

from webapp.core import demo, migrations
from webapp.core.db import db, transaction
from webapp.core.errors import DomainError, FieldProblems
from webapp.core.room import RoomError, opened
from webapp.core.scaffold import Removal, add_room, lay_out, remove_room, tidy
from webapp.core.settings import PROJECT, Settings


class Refusal(click.ClickException):
    """A sentence on standard error and exit code 2."""

    exit_code = 2

    def show(self, file: object = None) -> None:  # noqa: ARG002 - the signature is click's
        """Print the sentence as it is."""
        click.echo(self.message, err=True)


@contextmanager
def refusals(about: str = "") -> Iterator[None]:
    """A problem that the house knows becomes one sentence on standard error and exit code 2.

    `about` is what the sentence is about, and stands before it; several facts stand each after the name of its field.
    """
    before = f"{about}: " if about else ""
    try:
        yield
    except FieldProblems as problem:
        sentences = "; ".join(f"{name}: {sentence}" for name, sentence in problem.problems.items())
        raise Refusal(before + sentences) from None
    except DomainError as problem:
        raise Refusal(f"{before}{problem.sentence}") from None


@contextmanager
def _refusing(*problems: type[Exception]) -> Iterator[None]:
    try:
        yield
    except problems as problem:
        raise Refusal(str(problem)) from None


@click.command("init")
@with_appcontext
def init_databases() -> None:
    """Prepare the databases: make what is missing and apply all migrations."""
    with _refusing(migrations.MigrationError):
        migrations.upgrade()
    click.echo("The databases are ready.")


@click.command("upgrade")
@with_appcontext
def upgrade_database() -> None:
    """Apply all migrations: the floor's first, then each room's after those it requires."""
    with _refusing(migrations.MigrationError):
        missing = migrations.pending()
        migrations.upgrade()
    click.echo(f"Applied up to: {', '.join(missing)}." if missing else "Nothing to apply.")


@click.command("check")
@with_appcontext
def check_database() -> None:
    """Compare the models of all open rooms with the migrated database; exit 1 when they differ."""
    try:
        migrations.check()
    except migrations.MigrationError as drift:
        click.echo(str(drift), err=True)
        raise SystemExit(1) from None
    click.echo("The migrations equal the models.")


@click.command("pending")
@with_appcontext
def list_pending() -> None:
    """Name the migrations that are not applied; exit 1 when there are any."""
    missing = migrations.pending()
    for revision in missing:
        click.echo(revision)
    if missing:
        raise SystemExit(1)


@click.group("rooms")
def rooms_commands() -> None:
    """The rooms of this installation."""


@rooms_commands.command("list")
@with_appcontext
def list_rooms() -> None:
    """Show which rooms are open and what they require."""
    for room in opened():
        needs = f" (requires {', '.join(room.requires)})" if room.requires else ""
        click.echo(f"{room.name:14} {room.title}{needs}")


@rooms_commands.command("new")
@click.argument("name")
@click.option("--thing", default="item", show_default=True, help="What one record of the room is: a singular noun.")
@click.option("--title", help="Its title in English; usually the name.")
@click.option("--titolo", help="Its title in Italian; usually the English one.")
def new_room(name: str, thing: str, title: str | None, titolo: str | None) -> None:
    """Lay out a new room with its migration and tests, and add it to ROOMS."""
    title = title or name.replace("_", " ").capitalize()
    with _refusing(RoomError):
        written = lay_out(PROJECT, name, thing=thing, title=title, titolo=titolo or title)
        add_room(PROJECT, name)
    for path in written:
        click.echo(f"wrote {path}")
    click.echo(f"added {name!r} to ROOMS in webapp/rooms.py")
    click.echo("Next: `bottega db upgrade` makes its table, `make check` and `make test` look it over.")


@rooms_commands.command("remove")
@click.argument("name")
@click.option("--drop-tables", is_flag=True, help="Also drop its tables, with all that is in them.")
@click.option("--delete-files", is_flag=True, help="Also delete its folders.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def close_room(context: click.Context, name: str, *, drop_tables: bool, delete_files: bool, yes: bool) -> None:
    """Take a room out of ROOMS; refused while another room requires it."""
    with _refusing(RoomError, migrations.MigrationError):
        removal = Removal.planned(PROJECT, name)
        if (drop_tables or delete_files) and not yes:
            lost = [words for words, wanted in (("tables", drop_tables), ("files", delete_files)) if wanted]
            click.confirm(f"The {' and '.join(lost)} of {name!r} will be gone. Go on?", abort=True)
        dropped = drop_tables and context.invoke(_drop_tables, name=name)
        remove_room(removal, delete_files=delete_files, delete_migrations=drop_tables)
    click.echo(f"took {name!r} out of ROOMS in webapp/rooms.py")
    if dropped:
        click.echo("dropped its tables")
    for line in removal.left(delete_files=delete_files, dropped=drop_tables):
        click.echo(line)


@click.command()
@click.argument("name")
@with_appcontext
def _drop_tables(name: str) -> bool:
    return migrations.take_down(name)


@rooms_commands.command("migrate")
@click.argument("name")
@click.option("-m", "--message", required=True, help="What the revision does.")
@with_appcontext
def migrate_room(name: str, message: str) -> None:
    """Write the next revision of a room from the difference between its models and the database."""
    if name not in {room.name for room in opened()}:
        raise Refusal(f"room {name!r} is not open: `bottega rooms list` shows those that are")
    with _refusing(migrations.MigrationError):
        path = migrations.new_revision(name, message)
    if path is None:
        click.echo("The models equal the database: there is nothing to write.")
    else:
        tidy(PROJECT, [path])
        click.echo(f"wrote {path.relative_to(PROJECT)}: read it, then `bottega db upgrade`.")


@click.group("demo")
def demo_commands() -> None:
    """The demo company."""


@demo_commands.command("load")
@click.option("--if-empty", is_flag=True, help="Do nothing, quietly, when there is data already.")
@click.option(
    "--size",
    type=click.Choice(["usual", "large"]),
    default="usual",
    show_default=True,
    help="large: with 10,000 pages and 50,000 images, to see that all stays fast.",
)
@with_appcontext
def load_demo(*, if_empty: bool, size: str) -> None:
    """Fill an empty installation with the demo company."""
    _refuse_unmigrated()
    if not demo.is_empty(db.session()):
        if if_empty:
            return
        raise Refusal("There is data already: `bottega demo load` fills an empty installation only.")
    with transaction() as session:
        demo.load(session, large=size == "large")
    if not if_empty:
        _tell_notes()


@demo_commands.command("reset")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def reset_demo(*, yes: bool) -> None:
    """Delete everything that is stored in the rooms and load the demo company again; never in production."""
    settings: Settings = current_app.extensions["settings"]
    if settings.environment == "production":
        raise Refusal("This is production: `bottega demo reset` would delete the company's data.")
    _refuse_unmigrated()
    if not yes:
        click.confirm("Everything stored in the rooms will be deleted, accounts included. Go on?", abort=True)
    with transaction() as session:
        demo.clear(session)
        demo.load(session)
    _tell_notes()


@demo_commands.command("sign-in")
@with_appcontext
def tell_sign_in() -> None:
    """Say how to sign in to the demo company; nothing when this is not the demo."""
    _refuse_unmigrated()
    _tell_notes()


def _refuse_unmigrated() -> None:
    if migrations.pending():
        raise Refusal("The database lacks migrations: run `bottega db upgrade` first.")


def _tell_notes() -> None:
    for note in demo.notes(db.session()):
        click.echo(note)


def set_up_commands(app: Flask) -> None:
    """Add the floor's commands; ours replace those of Flask-Migrate that know nothing of the order of the rooms."""
    for command in (init_databases, upgrade_database, check_database, list_pending):
        database_commands.add_command(command)
    app.cli.add_command(rooms_commands)
    app.cli.add_command(demo_commands)
