"""The version of what strangers see: a number that grows whenever a row changes that a public page shows.

Triggers tell it (`pg_notify`), and each web process hears them on one connection of its own. Which tables they watch, the
rooms say (`Room.shows`); the company's profile is the floor's. ADR 15.
"""

from __future__ import annotations

import atexit
import logging
import os
import select
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import psycopg2
from flask import Flask
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from webapp.core.db import db
from webapp.core.room import Room

log = logging.getLogger(__name__)
CHANNEL = "bottega_public"
OWN_TABLES = ("core_company",)  # the floor's
AGAIN = 2.0  # seconds until a database that went away is asked again
QUIET = 30.0  # seconds of silence after which the connection is tried: a network can die without a word
ENDING = 5.0  # seconds that the listening thread gets to let its connection go

FUNCTION = f"""
CREATE OR REPLACE FUNCTION core_tell_public() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('{CHANNEL}', '');
    RETURN NULL;
END
$$
"""
WATCHED = text("""
SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgname = 'core_tell_public' AND NOT t.tgisinternal AND pg_table_is_visible(c.oid)
""")


def shown_tables(rooms: Iterable[Room]) -> frozenset[str]:
    """The tables whose rows strangers see: the floor's and those that the rooms name."""
    return frozenset((*OWN_TABLES, *(table for room in rooms for table in room.shows)))


def watch_tables(connection: Connection, rooms: Iterable[Room]) -> None:
    """Let each change of a shown table be told, and of no other one. May be done again; the caller commits."""
    connection.execute(text(FUNCTION))
    watched, wanted = set(connection.scalars(WATCHED)), shown_tables(rooms)
    there = set(inspect(connection).get_table_names())  # what its room has not migrated yet, `db check` names
    for table in sorted((wanted & there) - watched):
        connection.execute(
            text(
                "CREATE TRIGGER core_tell_public AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE "
                f'ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION core_tell_public()'
            )
        )
    for table in sorted(watched - wanted):
        connection.execute(text(f'DROP TRIGGER core_tell_public ON "{table}"'))


class PublicState:
    """Counts the changes, in a thread that begins when a process has answered its first public page."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._thread: threading.Thread | None = None
        self._begin_anew()
        atexit.register(self.close)
        os.register_at_fork(after_in_child=self._begin_anew)

    @property
    def version(self) -> int | None:
        """The number of changes so far; None while nobody listens, when whatever was kept may be wrong."""
        return self._version if self._listening else None

    def listen(self) -> None:
        """Begin to listen in this process, if it does not yet."""
        with self._lock:
            if self._thread is not None:
                return
            heard, self._bell = os.pipe()
            self._leave = threading.Event()
            self._thread = threading.Thread(
                target=self._hear, args=(self._leave, heard), name="public-state", daemon=True
            )
            self._thread.start()

    def close(self) -> None:
        """Let the connection go and wait until it is gone; `listen` begins anew."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is None:
                return
            self._leave.set()
            os.close(self._bell)  # its other end becomes readable
            thread.join(ENDING)
            self._listening = False

    def _begin_anew(self) -> None:
        """What a process has of itself; in a child that was forked, its parent's thread is not there."""
        self._lock = threading.Lock()
        self._version = 0
        self._listening = False
        self._leave = threading.Event()
        self._bell = -1
        self._thread = None

    def _hear(self, leave: threading.Event, bell: int) -> None:
        try:
            while not leave.is_set():
                try:
                    self._follow(leave, bell)
                except (DBAPIError, psycopg2.Error) as problem:
                    words = str(getattr(problem, "orig", problem)).strip().partition("\n")[0]
                    log.warning("public pages are not kept, changes are not heard: %s", words)
                finally:
                    self._listening = False
                leave.wait(AGAIN)
        finally:
            os.close(bell)

    def _follow(self, leave: threading.Event, bell: int) -> None:
        with self._app.app_context():
            engine = db.engines[None]
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            line: Any = connection.connection.dbapi_connection
            connection.detach()  # it never goes back to the pool: nobody else is to get a connection that listens
            with suppress(AttributeError):
                line.autocommit = True
            with line.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")
                self._version += 1  # what happened before is not known
                self._listening = True
                while not leave.is_set():
                    ready = select.select([line, bell], [], [], QUIET)[0]
                    if line in ready:
                        line.poll()
                    elif not ready:
                        cursor.execute(f"LISTEN {CHANNEL}")  # again, which changes nothing and needs an answer
                    if line.notifies:
                        line.notifies.clear()
                        self._version += 1
