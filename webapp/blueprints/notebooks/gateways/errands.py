"""Errands: what is done beside a notebook in a throw-away container, with its image, its limits and its home."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask

from webapp.blueprints.notebooks.gateways.homes import SHARED_PATH
from webapp.blueprints.notebooks.models import Notebook
from webapp.blueprints.notebooks.ports import Errand, Errands, GoldAccess, Limits, Mount, NotebookSpec, Outcome, Tell
from webapp.blueprints.notebooks.services.backups import NoHome
from webapp.blueprints.notebooks.services.errands import (
    let_output_go,
    make_room_for_output,
    name_of_errand,
    turn_of_errand,
)
from webapp.blueprints.notebooks.services.homes import find_home, find_shared
from webapp.core.db import transaction

if TYPE_CHECKING:
    from webapp.blueprints.notebooks.gateways.hands import Hands

OUT = "/out"


@dataclass(frozen=True)
class _Place:
    """What an errand needs to know of its notebook, apart from any session."""

    image: str
    limits: Limits
    home: str
    home_path: str
    shared: str
    out: str
    internet: bool


class EngineErrands:
    """`Errands` on the engine that the keeper has in its hands."""

    def __init__(self, hands: Hands) -> None:
        self.hands = hands

    def run(
        self,
        errand: Errand,
        *,
        seconds: float,
        check: Callable[[], None],
        warn: Callable[[str], None],
        take: Callable[[Iterator[bytes]], None],
    ) -> Outcome:
        """Run it to its end, and let what it made be taken."""
        place = _place_of(errand)
        try:
            self.hands.volumes.make(place.out, labels={"bottega.volume": "run"})
            outcome = self._run(errand, place, seconds=seconds, check=check, warn=warn)
            take(self.hands.volumes.save(place.out))
        finally:
            with transaction() as session:
                let_output_go(session, place.out)
        return outcome

    def _run(
        self, errand: Errand, place: _Place, *, seconds: float, check: Callable[[], None], warn: Callable[[str], None]
    ) -> Outcome:
        turn = turn_of_errand(errand.number)
        if errand.only_reads:
            return self.hands.spawner.run_once(_spec(errand, place, GoldAccess()), seconds=seconds, tell=_tell(check))
        access = self.hands.gold.open_gold(errand.notebook_id, turn)
        if access.words:
            warn(access.words)
        try:
            return self.hands.spawner.run_once(_spec(errand, place, access), seconds=seconds, tell=_tell(check))
        finally:
            self.hands.gold.close_gold(errand.notebook_id, turn)


def _place_of(errand: Errand) -> _Place:
    """Where it is done, with a volume written down for what it makes. Raises NoHome."""
    with transaction() as session:
        notebook = session.get_one(Notebook, errand.notebook_id)
        home, shared = find_home(session, notebook.id), find_shared(session, notebook.project_id)
        if home is None:
            raise NoHome
        return _Place(
            image=notebook.image.reference,
            limits=Limits(float(notebook.cpus), notebook.memory_mb, notebook.pids),
            home=home.name,
            home_path=notebook.image.home_path,
            shared=shared.name if shared else "",
            out=make_room_for_output(session, errand.number),
            internet=notebook.internet,
        )


def _spec(errand: Errand, place: _Place, access: GoldAccess) -> NotebookSpec:
    mounts = [
        Mount(place.home, place.home_path, read_only=errand.only_reads),
        Mount(place.out, OUT),
        *([Mount(place.shared, SHARED_PATH, read_only=True)] if place.shared else []),
        *access.mounts,
    ]
    return NotebookSpec(
        name=name_of_errand(errand.number), house="", notebook_id=errand.notebook_id, generation=0, image=place.image,
        limits=place.limits, port=8888, base_path="/", health_path="", mounts=tuple(mounts), guests=access.guests,
        hosts=access.hosts, internet=place.internet and not errand.only_reads, command=errand.command,
        environ={**access.environ, "NOTEBOOK_HOME": place.home_path, "ERRAND_OUT": OUT, **errand.environ},
    )  # fmt: skip


def _tell(check: Callable[[], None]) -> Tell:
    return lambda _step, _words: check()


def open_errands(app: Flask) -> Errands:
    """Those of the engine that the settings name; the application is in its context. Raises EngineDown."""
    from webapp.blueprints.notebooks.gateways.hands import HANDS, open_hands

    return EngineErrands(app.extensions.get(HANDS, open_hands)(app))
