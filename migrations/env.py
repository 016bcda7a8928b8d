"""How Alembic reaches the database: one writer at a time, no endless wait, one branch a room."""

from alembic import context
from flask import current_app
from sqlalchemy import text

from webapp.core.db import db
from webapp.core.room import opened

ADVISORY_LOCK = 0x626F7474656761  # "bottega"

config = context.config


def run() -> None:
    """Apply in one transaction, under the advisory lock, giving up on locks held by others after 10 s."""
    engine = db.engines[None]
    connection = config.attributes.get("connection")
    if connection is not None:
        _run_on(connection)
        return
    with engine.connect() as connection:
        connection.execute(text("SET lock_timeout = '10s'"))
        connection.execute(text("SET statement_timeout = '15min'"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
        connection.commit()
        try:
            _run_on(connection)
        finally:
            connection.invalidate()  # the lock goes with the connection: back in the pool, it would keep others out


def _run_on(connection: object) -> None:
    context.configure(
        connection=connection,
        target_metadata=db.metadatas[None],
        compare_type=True,
        include_object=lambda item, name, kind, _reflected, _other: _of_the_room(name, kind, item),
        include_name=_of_this_house,
        process_revision_directives=_no_empty_revision,
    )
    with context.begin_transaction():
        context.run_migrations()


def _of_the_room(name: str | None, kind: str, _parents: object) -> bool:
    """A room's revision (`rooms migrate`) looks at the tables of that room only."""
    room = config.attributes.get("room")
    return not (room and kind == "table") or str(name).startswith(f"{room}_")


def _of_this_house(name: str | None, kind: str, parents: object) -> bool:
    """Of what lies in the database, the tables of a room that is not open are nobody's drift."""
    houses = ("core", *(room.name for room in opened()))
    ours = kind != "table" or str(name).startswith(tuple(f"{house}_" for house in houses))
    return ours and _of_the_room(name, kind, parents)


def _no_empty_revision(_context: object, _revision: object, directives: list[object]) -> None:
    if getattr(config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():  # type: ignore[attr-defined]
        directives[:] = []
        current_app.logger.info("no change")


run()
