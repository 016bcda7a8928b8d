"""What the keeper writes of a notebook while it makes a wish true: steps, where it answers, why it failed.

Each statement holds for one generation: when a newer wish is there, it changes nothing and raises Overtaken.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.models import Engine, Notebook, NotebookStep, State, Wanted
from webapp.blueprints.notebooks.ports import EngineFacts, Overtaken, Route, Running, Seen, Step

KEPT_STEPS = 200  # of one notebook


@dataclass(frozen=True)
class Order:
    """A notebook as the keeper works on it, apart from any session."""

    id: int
    slug: str
    name: str
    project_id: int
    generation: int
    wanted: str
    state: str
    failures: int
    image_id: int
    image: str
    pull_policy: str
    health_path: str
    home_path: str
    port: int
    cpus: float
    memory_mb: int
    pids: int
    disk_mb: int
    internet: bool
    wanted_by: int | None
    engine_id: str | None
    address: str | None
    ready_at: dt.datetime | None
    token_sealed: str


def find_order(session: Session, notebook_id: int) -> Order | None:
    """The notebook as it stands now; None when it is deleted."""
    row = session.get(Notebook, notebook_id, populate_existing=True)
    return order_of(row) if row else None


def list_orders(session: Session, slugs: frozenset[str]) -> list[Order]:
    """The notebooks of these short names, as far as there are any."""
    named = select(Notebook).where(Notebook.slug.in_(slugs))
    return [order_of(row) for row in session.scalars(named)]


def find_order_by_slug(session: Session, slug: str) -> Order | None:
    """The same by its short name."""
    row = session.scalars(select(Notebook).where(Notebook.slug == slug)).one_or_none()
    return order_of(row) if row else None


def list_awake(session: Session) -> list[Order]:
    """The notebooks of which something is wanted or something may be there."""
    awake = select(Notebook).where((Notebook.state != State.STOPPED) | (Notebook.wanted != Wanted.STOPPED))
    return [order_of(row) for row in session.scalars(awake.order_by(Notebook.id))]


def order_of(row: Notebook) -> Order:
    """What the keeper must know of a row."""
    return Order(
        id=row.id, slug=row.slug, name=row.name, project_id=row.project_id, generation=row.generation,
        wanted=row.wanted, state=row.state, failures=row.failures, image_id=row.image_id, image=row.image.reference,
        pull_policy=row.image.pull_policy, health_path=row.image.health_path, home_path=row.image.home_path, port=row.image.port,
        cpus=float(row.cpus), memory_mb=row.memory_mb, pids=row.pids, disk_mb=row.disk_mb, internet=row.internet,
        wanted_by=row.wanted_by, engine_id=row.engine_id, address=row.address, ready_at=row.ready_at,
        token_sealed=row.token_sealed,
    )  # fmt: skip


def begin_start(session: Session, order: Order, *, token_sealed: str) -> None:
    """The keeper begins: a token of this start, no way in yet. Raises Overtaken."""
    _change(
        session, order, state=State.STARTING, token_sealed=token_sealed, started_at=func.clock_timestamp(),
        ready_at=None, engine_id=None, address=None, port=None, cause="",
    )  # fmt: skip


def note_step(session: Session, order: Order, step: str, words: str) -> None:
    """The start comes to its next step; the one before went well. Raises Overtaken."""
    _change(session, order, step=step)
    end_steps(session, order.id, order.generation, ok=True)
    add_step(session, order.id, order.generation, step, words)


def mark_running(session: Session, order: Order, running: Running, *, hours: int, words: str) -> None:
    """It answers: from here on the door leads there. Raises Overtaken."""
    _change(
        session, order, state=State.RUNNING, step=Step.READY, engine_id=running.engine_id, address=running.address,
        port=running.port, ready_at=func.clock_timestamp(), last_active_at=func.clock_timestamp(), kernels="",
        warned_at=None, expires_at=func.clock_timestamp() + dt.timedelta(hours=hours),
    )  # fmt: skip
    end_steps(session, order.id, order.generation, ok=True)
    add_step(session, order.id, order.generation, Step.READY, words, ok=True)


def mark_stopped(session: Session, order: Order, words: str) -> None:
    """Nothing of it is left on the engine. Raises Overtaken."""
    _change(
        session, order, state=State.STOPPED, step=Step.STOPPED, engine_id=None, address=None, port=None,
        token_sealed="", expires_at=None, warned_at=None, kernels="",
    )  # fmt: skip
    end_steps(session, order.id, order.generation, ok=True)
    add_step(session, order.id, order.generation, Step.STOPPED, words, ok=True)


def mark_failed(session: Session, order: Order, cause: str, *, log: str = "") -> None:
    """It could not be had; `cause` says why, in words. Nobody tries again by themselves. Raises Overtaken."""
    values: dict[str, Any] = {"log": log, "log_at": func.clock_timestamp()} if log else {}
    _change(
        session, order, state=State.FAILED, step=Step.FAILED, cause=cause, engine_id=None, address=None, port=None,
        token_sealed="", expires_at=None, **values,
    )  # fmt: skip
    end_steps(session, order.id, order.generation, ok=False)
    add_step(session, order.id, order.generation, Step.FAILED, cause, ok=False)


def mark_lost(session: Session, order: Order, words: str, *, log: str = "") -> None:
    """Its container is not what it was: the door shuts, and it is to start again. Raises Overtaken."""
    values: dict[str, Any] = {"log": log, "log_at": func.clock_timestamp()} if log else {}
    _change(
        session, order, state=State.QUEUED, step=Step.REPAIRED, engine_id=None, address=None, port=None,
        failures=Notebook.failures + 1, **values,
    )  # fmt: skip
    end_steps(session, order.id, order.generation, ok=False)
    add_step(session, order.id, order.generation, Step.REPAIRED, words, ok=False)


def note_repair(session: Session, order: Order, words: str) -> None:
    """Something was put right without a new start. Raises Overtaken."""
    _change(session, order, step=Step.REPAIRED)
    add_step(session, order.id, order.generation, Step.REPAIRED, words, ok=True)


def correct_address(session: Session, order: Order, address: str, engine_id: str) -> None:
    """It answers elsewhere than written down. Raises Overtaken."""
    _change(session, order, address=address, engine_id=engine_id)


def check_wish(session: Session, order: Order) -> None:
    """Raise Overtaken when another wish is there, or the notebook is gone."""
    current = session.scalars(select(Notebook.generation).where(Notebook.id == order.id)).one_or_none()
    if current != order.generation:
        raise Overtaken


def keep_log(session: Session, notebook_id: int, log: str) -> None:
    """The end of the container's log, for the page."""
    session.execute(
        update(Notebook)
        .where(Notebook.id == notebook_id)
        .values(log=log, log_at=func.clock_timestamp(), updated_at=Notebook.updated_at)
    )


def list_watched(session: Session, *, seconds: float) -> list[tuple[int, str]]:
    """Running and starting notebooks whose log somebody looked at lately: number and short name."""
    watched = select(Notebook.id, Notebook.slug).where(
        Notebook.log_asked_at > func.clock_timestamp() - dt.timedelta(seconds=seconds),
        Notebook.state.in_((State.RUNNING, State.STARTING)),
    )
    return [(row.id, row.slug) for row in session.execute(watched)]


def add_step(
    session: Session, notebook_id: int, generation: int, step: str, words: str, *, ok: bool | None = None
) -> None:
    """Write down that a step begins, or with `ok` that it is over."""
    session.add(NotebookStep(notebook_id=notebook_id, generation=generation, step=step, words=words, ok=ok))
    session.flush()


def end_steps(session: Session, notebook_id: int, generation: int, *, ok: bool) -> None:
    """What is under way of this or an older wish is over."""
    session.execute(
        update(NotebookStep)
        .where(
            NotebookStep.notebook_id == notebook_id,
            NotebookStep.generation <= generation,
            NotebookStep.ok.is_(None),
        )
        .values(ok=ok)
    )


def house_of(session: Session) -> UUID:
    """What marks this installation's things on the engine."""
    return session.get_one(Engine, 1).house


def note_engine(session: Session, facts: EngineFacts | None, words: str = "") -> None:
    """The engine as it was seen now; None when it did not answer, and `words` say how."""
    values: dict[str, Any] = {"answers": facts is not None, "words": words[:1000], "seen_at": func.clock_timestamp()}
    if facts:
        values |= {"kind": facts.kind, "version": facts.version, "lacks": list(facts.lacks)}
    session.execute(update(Engine).values(values))


def note_round(session: Session) -> None:
    """A round of the reconciler is over."""
    session.execute(update(Engine).values(round_at=func.clock_timestamp()))


class Rows:
    """The `RouteTable` that the door reads: the addresses in the rows of running notebooks."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def put(self, slug: str, address: str, port: int) -> None:
        """Lead to it from now on; nothing for one that does not run."""
        self._set(slug, address, port)

    def remove(self, slug: str) -> None:
        """Lead to it no more."""
        self._set(slug, None, None)

    def all(self) -> tuple[Route, ...]:
        """All routes."""
        led = select(Notebook.slug, Notebook.address, Notebook.port).where(Notebook.address.is_not(None))
        return tuple(Route(row.slug, row.address, row.port) for row in self.session.execute(led.order_by(Notebook.id)))

    def _set(self, slug: str, address: str | None, port: int | None) -> None:
        self.session.execute(
            update(Notebook)
            .where(Notebook.slug == slug, Notebook.state == State.RUNNING)
            .values(address=address, port=port, updated_at=Notebook.updated_at)
        )


def fits(order: Order, seen: Seen) -> bool:
    """Whether what the engine has is what the row says."""
    return seen.notebook_id == order.id and seen.generation == order.generation and seen.engine_id == order.engine_id


def _change(session: Session, order: Order, **values: Any) -> None:
    changed = session.execute(
        update(Notebook)
        .where(Notebook.id == order.id, Notebook.generation == order.generation)
        .values(**values, updated_at=Notebook.updated_at)
        .returning(Notebook.id)
        .execution_options(synchronize_session=False)
    )
    if changed.one_or_none() is None:
        raise Overtaken
