"""The `GoldDoor` of this installation: a reader of GOLD for each notebook that runs, and the way there."""

from __future__ import annotations

import hashlib
import logging
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError

from webapp.blueprints.gold.public import (
    GoldNotThere,
    NoRoleForReaders,
    close_reader,
    end_overdue,
    list_readers,
    open_reader,
    reader_name,
    readers_role,
    renew_reach,
)
from webapp.blueprints.notebooks.gateways.gold_relay import SOCKET
from webapp.blueprints.notebooks.ports import GoldAccess, Mount
from webapp.blueprints.notebooks.services import gold_roles
from webapp.blueprints.notebooks.services.runs import end_abandoned, is_under_way
from webapp.blueprints.notebooks.settings import EXTENSION, NotebookSettings
from webapp.core.db import gold_engine, transaction

log = logging.getLogger(__name__)
INSIDE = "/run/bottega-gold"
LONGEST_SOCKET = 100
RUNS = 10**12  # from here on a reader's turn is that of a run: a throw-away container beside the notebook itself


class PostgresGoldDoor:
    """Readers are PostgreSQL roles. Where GOLD does not answer a notebook starts all the same, and says why it cannot read."""

    def __init__(self, app: Flask) -> None:
        self.settings: NotebookSettings = app.extensions[EXTENSION]
        self.folder = relay_folder(app)

    def open_gold(self, notebook_id: int, generation: int) -> GoldAccess:
        """Make the reader of this start, with a new password; readers of earlier starts go."""
        far = bool(self.settings.docker_host) and not self.settings.docker_host.startswith("unix://")
        if far and not self.settings.gold_address:
            return _closed(
                _(
                    "Notebooks run on another machine than Bottega: NOTEBOOK_GOLD_ADDRESS has to say where they reach GOLD's server."
                )
            )
        password = secrets.token_urlsafe(32)
        engine = gold_engine()
        try:
            with engine.connect() as gold:
                name = reader_name(gold, notebook_id, generation)
            with transaction() as session:
                reach = gold_roles.begin_role(session, notebook_id, generation, name)
            open_reader(engine, name, password=password, reach=reach, seconds=self.settings.gold_seconds)
            if generation < RUNS:
                self._close(notebook_id, but=name)
        except (GoldNotThere, NoRoleForReaders) as refused:
            return _closed(str(refused))
        except DBAPIError as problem:
            log.warning("GOLD does not answer the keeper: %s", str(problem.orig).strip())
            return _closed(_("GOLD's server did not answer when the notebook started: stop it and start it again."))
        return self._access(name, password)

    def close_gold(self, notebook_id: int, generation: int | None = None) -> None:
        """Drop its readers, or that of one start or run; where GOLD does not answer, a later round does."""
        with _going_on():
            if generation is None:
                self._close(notebook_id)
            else:
                with gold_engine().connect() as gold:
                    name = reader_name(gold, notebook_id, generation)
                self._drop([name])

    def close_all_but(self, notebook_ids: frozenset[int]) -> tuple[int, ...]:
        """Drop the readers of all others, but of those that are wanted meanwhile."""
        dropped: set[int] = set()
        with _going_on():
            names = list_readers(gold_engine())
            left = {
                number for name in names if turn_of(name) < RUNS and (number := number_of(name)) not in notebook_ids
            }
            with transaction() as session:
                left -= gold_roles.list_wanted(session, left)
                end_abandoned(session)
                over = [
                    name for name in names if turn_of(name) > RUNS and not is_under_way(session, turn_of(name) - RUNS)
                ]
            for number in left:
                self._close(number)
                dropped.add(number)
            self._drop(over)
        return tuple(sorted(dropped))

    def _close(self, notebook_id: int, *, but: str = "") -> None:
        """Those of its starts; the ones of runs go with those."""
        mine = [name for name in list_readers(gold_engine()) if number_of(name) == notebook_id and turn_of(name) < RUNS]
        self._drop([name for name in mine if name != but])
        with transaction() as session:
            gold_roles.end_roles(session, notebook_id, but=but, below=RUNS)

    def _drop(self, names: list[str]) -> None:
        for name in names:
            close_reader(gold_engine(), name)
            with transaction() as session:
                gold_roles.end_role(session, name)

    def _access(self, name: str, password: str) -> GoldAccess:
        host, colon, port = self.settings.gold_address.rpartition(":")
        place = {"PGHOST": host, "PGPORT": port} if colon else {"PGHOST": INSIDE}
        database = str(gold_engine().url.database)
        environ = {**place, "PGDATABASE": database, "PGUSER": name, "PGPASSWORD": password}
        if not colon and not self.settings.gold_volume:
            self.folder.mkdir(parents=True, exist_ok=True)  # the relay may come later
        mounts = () if colon else (Mount(self.settings.gold_volume or str(self.folder), INSIDE, read_only=True),)
        return GoldAccess(environ=environ, mounts=mounts)


def relay_folder(app: Flask) -> Path:
    """Where the relay listens: in the instance, unless that path is too long for a socket."""
    settings: NotebookSettings = app.extensions[EXTENSION]
    if settings.gold_folder:
        return Path(settings.gold_folder)
    folder: Path = app.extensions["settings"].instance / "gold-door"
    if len(str(folder / SOCKET)) <= LONGEST_SOCKET:
        return folder
    return Path(tempfile.gettempdir()) / f"bottega-gold-{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"


def tend(app: Flask) -> None:
    """Give each reader the reach that its project's people have now, and end what exceeds its time. One round."""
    settings: NotebookSettings = app.extensions[EXTENSION]
    engine = gold_engine()
    with _going_on():
        for name in end_overdue(engine, seconds=settings.gold_seconds):
            log.warning("reader %s had a statement that exceeded its %d s: it is ended", name, settings.gold_seconds)
        with transaction() as session:
            reaches = gold_roles.list_reaches(session)
        for name, reach in reaches.items():
            if renew_reach(engine, name, reach):
                log.info("reader %s sees other rows from now on", name)


def number_of(name: str) -> int:
    """The notebook whose reader has this name; 0 for none."""
    number = name.rpartition("_")[0].rpartition("_")[2]
    return int(number) if number.isdigit() else 0


def turn_of(name: str) -> int:
    """Of which start or run a reader with this name is."""
    turn = name.rpartition("_")[2]
    return int(turn) if turn.isdigit() else 0


def turn_of_run(run_id: int) -> int:
    """The turn of the reader that a run has."""
    return RUNS + run_id


def readers_prefix() -> str:
    """How the names of all readers begin. Raises OperationalError when GOLD does not answer."""
    with gold_engine().connect() as gold:
        return f"{readers_role(gold)}_"


def _closed(words: str) -> GoldAccess:
    return GoldAccess(environ={"BOTTEGA_GOLD_WHY": words}, words=words)


@contextmanager
def _going_on() -> Iterator[None]:
    """GOLD may be away: what it should have heard it hears in a later round."""
    try:
        yield
    except (DBAPIError, GoldNotThere, NoRoleForReaders) as problem:
        log.warning("GOLD does not answer the keeper: %s", str(getattr(problem, "orig", problem)).strip())
