"""Makes what is wanted of one notebook true, step by step; whoever dies between two steps is followed by somebody else."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from flask import Flask
from flask_babel import gettext as _
from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.blueprints.notebooks.gateways.hands import Hands
from webapp.blueprints.notebooks.gateways.homes import measure_after, prepare
from webapp.blueprints.notebooks.models import State, Wanted
from webapp.blueprints.notebooks.ports import (
    Cause,
    Condition,
    EngineDown,
    EngineRefused,
    Limits,
    NotebookSpec,
    Overtaken,
    Running,
    Seen,
    Step,
)
from webapp.blueprints.notebooks.services import progress
from webapp.blueprints.notebooks.services.door import TOKEN_PURPOSE, base_path
from webapp.blueprints.notebooks.services.progress import Order
from webapp.blueprints.notebooks.settings import EXTENSION, NotebookSettings
from webapp.core.db import db, transaction
from webapp.core.sealing import seal

log = logging.getLogger(__name__)
Result = TypeVar("Result")
LOCKS = 0x6E62  # the family of the database's locks that say who drives which notebook
PATIENCE = 20.0  # seconds that a newer wish waits for whoever works on the older one
PAUSE = 0.05
MOST_FAILURES = 3  # new starts by themselves, within one wish
STEADY = 600.0  # seconds after which a notebook that ran counts as one that starts well
LOG_LINES = 200


class Busy(Exception):
    """Somebody else drives this notebook just now."""


class Driver:
    """Drives notebooks with the given hands, inside the application's context."""

    def __init__(self, app: Flask, hands: Hands) -> None:
        self.hands = hands
        self.settings: NotebookSettings = app.extensions[EXTENSION]

    def settle(self, notebook_id: int, *, patience: float = PATIENCE) -> None:
        """Bring engine and row together, as often as the wish changes meanwhile.

        Returns when they agree, or the row says why they do not. Raises Busy, and EngineDown: then the row waits.
        """
        with self._driving(notebook_id, patience):
            while True:
                order = _read(lambda session: progress.find_order(session, notebook_id))
                if order is None:
                    return
                try:
                    self._settle(order)
                except Overtaken:
                    continue
                if _read(lambda session, order=order: _is_current(session, order)):  # type: ignore[misc]
                    return

    def clear(self, slug: str) -> bool:
        """Remove what the engine has under a name that no row bears (any more); whether that was so. Raises EngineDown."""
        order = _read(lambda session: progress.find_order_by_slug(session, slug))
        if order is not None:
            return False
        self.hands.spawner.stop(slug)
        return True

    def put_to_sleep(self, order: Order) -> None:
        """Remove what the engine has of a notebook that is not to run, and was not known to. Raises Busy, EngineDown."""
        with self._driving(order.id, 0):
            current = _read(lambda session: progress.find_order(session, order.id))
            if current is not None and current.generation == order.generation:
                self._give_up(order)

    # ---------------------------------------------------------------- what is to be done
    def _settle(self, order: Order) -> None:
        if order.wanted == Wanted.STOPPED:
            if order.state != State.STOPPED:
                self._stop(order)
        elif order.state in (State.QUEUED, State.STARTING):
            self._start(order)
        elif order.state == State.RUNNING:
            self._repair(order)
        else:
            self._give_up(order)

    def _stop(self, order: Order) -> None:
        self.hands.spawner.stop(order.slug)
        self.hands.gold.close_gold(order.id)
        _write(lambda session: progress.mark_stopped(session, order, _("Stopped.")))
        measure_after(self.hands.volumes, order.id)

    def _start(self, order: Order) -> None:
        token = secrets.token_urlsafe(32)
        sealed = seal(token, purpose=TOKEN_PURPOSE)
        _write(lambda session: progress.begin_start(session, order, token_sealed=sealed))
        try:
            running = self._started(order, token)
        except Overtaken:
            self._give_up(order)
            raise
        except EngineRefused as refused:
            log_lines = self._last_log(order)
            self._give_up(order)
            words = failure_in_words(refused, order)
            _write(lambda session: progress.mark_failed(session, order, words, log=log_lines))
            return
        words = _("It answers.")
        _write(lambda session: progress.mark_running(session, order, running, hours=self.settings.hours, words=words))

    def _started(self, order: Order, token: str) -> Running:
        def tell(step: str, words: str) -> None:
            sentence = words or step_in_words(step)
            _write(lambda session: progress.note_step(session, order, step, sentence))

        self._provide_image(order, tell)
        tell(Step.VOLUME, "")
        mounts = prepare(
            self.hands.volumes,
            notebook_id=order.id,
            project_id=order.project_id,
            disk_mb=order.disk_mb,
            home_path=order.home_path,
        )
        tell(Step.GOLD, "")
        access = self.hands.gold.open_gold(order.id, order.generation)
        if access.words:
            tell(Step.GOLD, access.words)
        spec = NotebookSpec(
            name=order.slug,
            house="",
            notebook_id=order.id,
            generation=order.generation,
            image=order.image,
            limits=Limits(order.cpus, order.memory_mb, order.pids),
            port=order.port,
            base_path=base_path(order.slug),
            health_path=order.health_path,
            environ={
                **access.environ,
                "JUPYTER_TOKEN": token,
                "NOTEBOOK_BASE_URL": base_path(order.slug),
                "NOTEBOOK_PORT": str(order.port),
                "NOTEBOOK_NAME": order.slug,
            },
            mounts=(*mounts, *access.mounts),
            guests=(*self.hands.guests, *access.guests),
            hosts=access.hosts,
            internet=order.internet,
        )
        running = self.hands.spawner.start(spec, tell)
        tell(Step.ANSWERS, "")
        until = time.monotonic() + self.settings.start_seconds
        while not self.hands.spawner.wait(spec, seconds=max(until - time.monotonic(), 0.1)):
            _read(lambda session: progress.check_wish(session, order))
            if time.monotonic() > until:
                raise EngineRefused(Cause.SILENT, f"no answer within {self.settings.start_seconds} s")
        return running

    def _provide_image(self, order: Order, tell: Callable[[str, str], None]) -> None:
        tell(Step.IMAGE, "")
        present = self.hands.images.has(order.image)
        if present and order.pull_policy != "always":
            return
        if order.pull_policy == "never":
            raise EngineRefused(Cause.IMAGE_MISSING, f"no such image: {order.image}")
        last = 0.0

        def heard(_done: int, _total: int | None, words: str) -> None:
            nonlocal last
            if time.monotonic() - last > 1:
                last = time.monotonic()
                tell(Step.IMAGE, words)

        try:
            self.hands.images.pull(order.image, heard)
        except EngineRefused:
            if not present:
                raise
            tell(Step.IMAGE, _("The registry does not answer: the image that is here is taken."))

    def _give_up(self, order: Order) -> None:
        """Nothing of a start that failed stays; what cannot be removed now, the next round removes."""
        self.hands.spawner.stop(order.slug)
        self.hands.gold.close_gold(order.id)

    # ---------------------------------------------------------------- one that should run
    def _repair(self, order: Order) -> None:
        """Compare a running notebook with its container; put right what can be put right, start anew what cannot."""
        seen = self.hands.spawner.poll(order.slug)
        if seen is not None and seen.condition is Condition.PAUSED and progress.fits(order, seen):
            self.hands.spawner.resume(order.slug)
            _write(
                lambda session: progress.note_repair(session, order, _("Somebody paused the container: it goes on."))
            )
            return
        if seen is not None and _is_well(order, seen):
            if seen.address != order.address:
                _write(lambda session: progress.correct_address(session, order, seen.address, seen.engine_id))
            return
        words = loss_in_words(seen)
        log_lines = self._last_log(order)
        if self._fails_too_often(order):
            self._give_up(order)
            _write(lambda session: progress.mark_failed(session, order, words, log=log_lines))
            return
        _write(lambda session: progress.mark_lost(session, order, words, log=log_lines))
        raise Overtaken  # by the row itself: it is to start again

    def _fails_too_often(self, order: Order) -> bool:
        ran = 0.0
        if order.ready_at is not None:
            ran = time.time() - order.ready_at.timestamp()
        return ran < STEADY and order.failures + 1 >= MOST_FAILURES

    def _last_log(self, order: Order) -> str:
        try:
            return self.hands.spawner.read_log(order.slug, lines=LOG_LINES)
        except (EngineDown, EngineRefused):
            return ""

    @contextmanager
    def _driving(self, notebook_id: int, patience: float) -> Iterator[None]:
        """Nobody else drives it meanwhile. The lock goes with the connection, also when this process is killed."""
        until = time.monotonic() + patience
        arguments = {"family": LOCKS, "number": notebook_id % 2**31}
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            try:
                while not connection.execute(
                    text("SELECT pg_try_advisory_lock(:family, :number)"), arguments
                ).scalar_one():
                    if time.monotonic() > until:
                        raise Busy
                    time.sleep(PAUSE)
                yield
            finally:
                connection.invalidate()


def step_in_words(step: str) -> str:
    """What happens in a step, for the page."""
    words = {
        Step.IMAGE: _("The image is looked up."),
        Step.VOLUME: _("The home is prepared."),
        Step.GOLD: _("The way to the business figures is opened."),
        Step.NETWORK: _("A network of its own is made."),
        Step.CONTAINER: _("The container is made."),
        Step.STARTED: _("The container starts."),
        Step.ANSWERS: _("JupyterLab starts; Bottega waits for its first answer."),
    }
    return str(words.get(Step(step), step))


def failure_in_words(refused: EngineRefused, order: Order) -> str:
    """Why a start failed and what helps, in words; the engine's own at the end where the house knows none."""
    reason = str(refused).strip().partition("\n")[0][:500]
    words = {
        Cause.IMAGE_MISSING: _(
            "The engine does not have the image %(image)s and could not fetch it: the owner has to build or fetch it.",
            image=order.image,
        ),
        Cause.NO_MEMORY: _("The engine has no memory left: stop other notebooks, or give this one less."),
        Cause.NO_NETWORK: _("There is no free network left for it: stop other notebooks (NOTEBOOK_SUBNETS)."),
        Cause.NO_DISK: _("The engine's disk is full: the owner has to make room."),
        Cause.DIED: _("The container ended by itself while it started: its log says why."),
        Cause.SILENT: _("The container runs, but the server inside did not answer in time: its log says why."),
    }
    known = words.get(Cause(refused.cause)) if refused.cause in list(Cause) else None
    return f"{known} ({reason})" if known else str(_("The engine refused: %(reason)s", reason=reason))


def loss_in_words(seen: Seen | None) -> str:
    """What became of a container that should run."""
    if seen is None:
        return str(_("The container was removed from outside, or the engine forgot it: it starts again."))
    if seen.condition is Condition.DEAD and seen.exit_code == 137:
        return str(_("The container was killed, perhaps for want of memory: it starts again."))
    if seen.condition is Condition.DEAD:
        return str(_("The container ended (%(reason)s): it starts again.", reason=seen.words))
    return str(_("What the engine has of it is not whole: it starts again."))


def _is_well(order: Order, seen: Seen) -> bool:
    return seen.condition is Condition.RUNNING and seen.whole and bool(seen.address) and progress.fits(order, seen)


def _is_current(session: Session, order: Order) -> bool:
    now = progress.find_order(session, order.id)
    return now is None or now.generation == order.generation


def _read(question: Callable[[Session], Result]) -> Result:
    with transaction() as session:
        return question(session)


def _write(change: Callable[[Session], None]) -> None:
    with transaction() as session:
        change(session)
