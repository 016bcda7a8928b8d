"""Errands beside a notebook: what they reach, what is left of them, and what they say where they cannot be done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.notebooks.engines import MemorySpawner
from tests.rooms.notebooks.makers import make_notebook
from tests.rooms.notebooks.stores import MemoryImages, MemoryVolumes
from webapp.blueprints.notebooks.gateways.errands import EngineErrands
from webapp.blueprints.notebooks.gateways.hands import Hands
from webapp.blueprints.notebooks.models import Notebook, Volume
from webapp.blueprints.notebooks.ports import EngineDown, Errand, GoldAccess, NotebookSpec, Outcome, Tell
from webapp.blueprints.notebooks.services.backups import NoHome
from webapp.blueprints.notebooks.services.errands import TURNS
from webapp.blueprints.notebooks.services.homes import home_of
from webapp.core.clock import utc_now


class RememberingSpawner(MemorySpawner):
    """Keeps what it was asked to run once; each run prints “done”. `gone`: the engine goes away in the middle."""

    def __init__(self, *, gone: bool = False) -> None:
        super().__init__()
        self.gone = gone
        self.specs: list[NotebookSpec] = []

    def run_once(self, spec: NotebookSpec, *, seconds: float, tell: Tell) -> Outcome:  # noqa: ARG002 - as the port says
        self.specs.append(spec)
        tell("started", "")
        if self.gone:
            raise EngineDown("the socket is closed")
        return Outcome(0, "done")


class CountingGold:
    """A `GoldDoor` that says why it stays shut, and remembers who came and went."""

    def __init__(self) -> None:
        self.came: list[tuple[int, int]] = []
        self.went: list[tuple[int, int | None]] = []

    def open_gold(self, notebook_id: int, generation: int) -> GoldAccess:
        self.came.append((notebook_id, generation))
        return GoldAccess(environ={"PGUSER": "reader"}, words="GOLD is shut today")

    def close_gold(self, notebook_id: int, generation: int | None = None) -> None:
        self.went.append((notebook_id, generation))

    def close_all_but(self, notebook_ids: frozenset[int]) -> tuple[int, ...]:  # noqa: ARG002 - as the port says
        return ()


@pytest.fixture
def notebook(app: Flask, session: Session) -> Notebook:
    """A notebook with a home, that may reach the internet."""
    made = make_notebook(session, internet=True)
    home_of(session, made.id, quota_mb=64)
    session.commit()
    return made


def hands_of(spawner: MemorySpawner) -> Hands:
    return Hands(spawner, MemoryImages(), MemoryVolumes(), gold=CountingGold())


def done_by(hands: Hands, errand: Errand, warnings: list[str] | None = None) -> tuple[Outcome, bytes]:
    taken: list[bytes] = []

    def take(packed: Iterator[bytes]) -> None:
        taken.extend(packed)

    heard = [] if warnings is None else warnings
    outcome = EngineErrands(hands).run(errand, seconds=5, check=lambda: None, warn=heard.append, take=take)
    return outcome, b"".join(taken)


def test_an_errand_reaches_what_its_notebook_does(notebook: Notebook, session: Session) -> None:
    spawner, warnings = RememberingSpawner(), list[str]()
    hands = hands_of(spawner)
    errand = Errand(7, notebook.id, ("python",), {"WHAT": "it"})
    outcome, made = done_by(hands, errand, warnings)
    assert (outcome.log, bool(made), warnings) == ("done", True, ["GOLD is shut today"])
    [spec] = spawner.specs
    assert (spec.name, spec.image, spec.internet) == ("run-7", notebook.image.reference, True)
    assert {mount.path: mount.read_only for mount in spec.mounts} == {"/home/analyst": False, "/out": False}
    assert spec.environ == {
        "PGUSER": "reader", "NOTEBOOK_HOME": "/home/analyst", "ERRAND_OUT": "/out", "WHAT": "it",
    }  # fmt: skip
    assert hands.gold.came == hands.gold.went == [(notebook.id, TURNS + 7)]


def test_an_errand_that_only_reads_changes_no_home_and_reaches_nothing(notebook: Notebook) -> None:
    spawner = RememberingSpawner()
    hands = hands_of(spawner)
    done_by(hands, Errand(8, notebook.id, ("python",), only_reads=True))
    [spec] = spawner.specs
    assert {mount.path: mount.read_only for mount in spec.mounts} == {"/home/analyst": True, "/out": False}
    assert (spec.internet, "PGUSER" in spec.environ, hands.gold.came) == (False, False, [])


def test_an_errand_that_breaks_off_leaves_no_reader_and_no_volume(notebook: Notebook, session: Session) -> None:
    hands = hands_of(RememberingSpawner(gone=True))
    with pytest.raises(EngineDown):
        done_by(hands, Errand(9, notebook.id, ("python",)))
    assert hands.gold.went == [(notebook.id, TURNS + 9)]
    out = session.scalars(select(Volume).where(Volume.name.like("%-run-9"))).one()
    assert out.remove_at is not None
    assert out.remove_at <= utc_now()


def test_a_notebook_that_never_started_has_nothing_for_an_errand(app: Flask, session: Session) -> None:
    spawner, stored = RememberingSpawner(), make_notebook(session)
    session.commit()
    with pytest.raises(NoHome):
        done_by(hands_of(spawner), Errand(10, stored.id, ("python",)))
    assert spawner.specs == []
