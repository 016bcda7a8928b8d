"""The Alembic branches: the floor's and one for each open room."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask_migrate import Migrate

from webapp.core.db import db
from webapp.core.settings import PROJECT

FOLDER = PROJECT / "migrations"
migrate = Migrate(compare_type=True)


@migrate.configure
def _version_folders(config: Config) -> Config:
    rooms = [room.name for room in current_app.extensions["rooms"]]
    folders = [FOLDER / name for name in ("core", *rooms)]
    config.set_main_option("version_locations", " ".join(str(folder) for folder in folders if folder.is_dir()))
    config.set_main_option("path_separator", "space")
    return config


def set_up_migrations(app: Flask) -> None:
    """Give the application `bottega db …`."""
    migrate.init_app(app, db, directory=str(FOLDER))


def upgrade() -> None:
    """Bring the database to the newest revision of every branch: the floor first, then each room after those it requires."""
    for branch in _branches():
        command.upgrade(_config(), f"{branch}@head")


def pending() -> list[str]:
    """The revisions that the database lacks; empty when it is up to date."""
    with db.engines[None].connect() as connection:
        present = set(MigrationContext.configure(connection).get_current_heads())
    return sorted(set(_scripts().get_heads()) - present)


def _branches() -> list[str]:
    """The branches in the order in which their tables refer to each other."""
    waiting = {room.name: set(room.requires) for room in current_app.extensions["rooms"]}
    ordered = ["core"]
    while waiting:
        ready = sorted(name for name, needs in waiting.items() if needs.isdisjoint(waiting))
        ordered += ready
        for name in ready:
            del waiting[name]
    with_migrations = {label for script in _scripts().walk_revisions() for label in script.branch_labels}
    return [name for name in ordered if name in with_migrations]


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    return migrate.get_config(str(FOLDER))
