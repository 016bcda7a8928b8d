"""The reconciler: compares rows, containers, networks, routes and GOLD roles after each event and every 30 seconds, and repairs.

Any number may run: whoever drives a notebook holds its lock, the others leave it alone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from flask import Flask
from sqlalchemy.exc import DBAPIError

from webapp.blueprints.notebooks.gateways.driving import Busy, Driver
from webapp.blueprints.notebooks.gateways.guard import keep_guard
from webapp.blueprints.notebooks.gateways.hands import Hands, open_hands
from webapp.blueprints.notebooks.gateways.hearing import Hearing
from webapp.blueprints.notebooks.gateways.housekeeping import Housekeeper
from webapp.blueprints.notebooks.models import State, Wanted
from webapp.blueprints.notebooks.ports import Condition, EngineDown, EngineRefused, Seen
from webapp.blueprints.notebooks.services import progress
from webapp.blueprints.notebooks.services.progress import Order
from webapp.blueprints.notebooks.settings import EXTENSION
from webapp.core.company import get_company
from webapp.core.db import db, transaction
from webapp.core.health import beat
from webapp.core.i18n import speak

log = logging.getLogger(__name__)
ROUND = 30.0  # seconds between two rounds when nothing happens
SOON = 2.0  # seconds until the next look at what is under way: whoever was at it may be dead
CALM = 0.5  # seconds at least between two rounds, whatever happens
LOGS = 2.0  # seconds between two looks at the logs that somebody watches
WATCHED = 15.0  # seconds after the last look of a page that its log is still kept fresh
AT_ONCE = 4
HOUSEKEEPING = 0  # no notebook has this number
AGAIN = 5.0  # seconds until an engine that is away is asked again
GUARDED = 25.0  # seconds for which the firewall is taken to hold: a round after each event need not look

Open = Callable[[Flask], Hands]


class Reconciler:
    """Goes round until `leave` is set. `open_hands` opens the engine anew each time after it went away."""

    def __init__(self, app: Flask, open_: Open = open_hands) -> None:
        self.app = app
        self.open = open_
        self.leave = threading.Event()
        self.wake = threading.Event()
        self.hands: Hands | None = None
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="notebook")
        self._busy: set[int] = set()
        self._turn = threading.Lock()
        self._unsettled = False
        self._housekeeper = Housekeeper()
        self._listener: threading.Thread | None = None
        self._hearing = Hearing(app, self.leave, self.hear)
        self._guarded = (float("-inf"), "")

    def run(self) -> None:
        """Go round until told to leave; what is under way then is finished by whoever comes next."""
        threading.Thread(target=self._hearing.run, daemon=True, name="wishes").start()
        due = last = 0.0
        while not self.leave.is_set():
            beat(self.app.extensions["settings"], "keeper")
            now = time.monotonic()
            if now >= due or (self.wake.is_set() and now - last >= CALM):
                self.wake.clear()
                due, last = now + (self._calm() if self.go_round() else AGAIN), now
            self._keep_logs()
            self.wake.wait(min(LOGS, max(due - time.monotonic(), 0.05)))
            if self.wake.is_set():
                self.leave.wait(CALM)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _calm(self) -> float:
        return SOON if self._unsettled else ROUND

    def go_round(self) -> bool:
        """One comparison of everything; False when the engine or the database does not answer."""
        with self._context():
            try:
                self._compare(self._hands())
            except EngineDown as away:
                self._lose_engine(str(away))
                return False
            except DBAPIError as problem:
                log.warning("the database does not answer the keeper: %s", str(problem.orig).strip())
                return False
            except Exception:
                log.exception("a round of the keeper failed; the next one begins in %g s", ROUND)
        return True

    def hear(self, notebook_id: int) -> None:
        """Begin at once with what was wished just now; without an engine it waits for the next round."""
        hands = self.hands
        if hands is not None and not self.leave.is_set():
            self._do(notebook_id, lambda driver: driver.settle(notebook_id, patience=0), hands)

    def settle_all(self) -> None:
        """Wait until what the last round began is done."""
        pool, self._pool = self._pool, ThreadPoolExecutor(AT_ONCE, thread_name_prefix="notebook")
        pool.shutdown(wait=True)

    # ---------------------------------------------------------------- a round
    def _compare(self, hands: Hands) -> None:
        facts = hands.spawner.check()
        words = self._keep_guard(hands)
        seen = {each.name: each for each in hands.spawner.list()}
        with transaction() as session:
            progress.note_engine(session, facts, words)
            awake = progress.list_awake(session)
            asleep = progress.list_orders(session, frozenset(seen) - {order.slug for order in awake})
        self._unsettled = False
        for order in awake:
            if _differs(order, seen.get(order.slug)):
                self._unsettled = True
                self._settle(order.id)
            elif hands.guests and order.state == State.RUNNING:
                self._do(order.id, lambda driver, name=order.slug: driver.hands.spawner.mend(name, driver.hands.guests))  # type: ignore[misc]
        known = {order.slug for order in (*awake, *asleep)}
        for order in asleep:
            self._do(order.id, lambda driver, order=order: driver.put_to_sleep(order))  # type: ignore[misc]
        for name in set(seen) - known:
            self._do(-seen[name].notebook_id, lambda driver, name=name: driver.clear(name))  # type: ignore[misc]
        hands.gold.close_all_but(frozenset(order.id for order in awake if order.wanted == Wanted.RUNNING))
        self._do(HOUSEKEEPING, lambda driver: self._housekeeper.round(driver.hands))
        with transaction() as session:
            progress.note_round(session)

    def _keep_guard(self, hands: Hands) -> str:
        """What hinders the guard of this machine; after the engine was away, and now and then, it is put in place anew."""
        at, words = self._guarded
        if time.monotonic() - at > GUARDED:
            words = keep_guard(self.app.extensions[EXTENSION], hands.ports)
            self._guarded = (time.monotonic(), words)
        return words

    def _settle(self, notebook_id: int) -> None:
        self._do(notebook_id, lambda driver: driver.settle(notebook_id, patience=0))

    def _do(self, number: int, work: Callable[[Driver], object], hands: Hands | None = None) -> None:
        """In the pool: a slow start does not keep the others waiting. One notebook is looked at by one at a time."""
        hands = hands or self._hands()
        with self._turn:
            if number in self._busy:
                return
            self._busy.add(number)

        def done() -> None:
            try:
                with self._context():
                    work(Driver(self.app, hands))
            except (Busy, EngineDown):
                pass  # whoever drives it finishes, or the engine comes back: the next round looks again
            except EngineRefused as refused:
                log.warning("notebook %s: %s", number, refused)
            except DBAPIError as problem:
                log.warning("the database does not answer the keeper: %s", str(problem.orig).strip())
            except Exception:
                log.exception("notebook %s could not be put right; the next round tries again", number)
            finally:
                self._busy.discard(number)

        self._pool.submit(done)

    # ---------------------------------------------------------------- the engine
    def _hands(self) -> Hands:
        if self.hands is None:
            self.hands = self.open(self.app)
        if self._listener is None or not self._listener.is_alive():
            self._guarded = (float("-inf"), "")
            self._listener = threading.Thread(target=self._listen, args=(self.hands,), daemon=True, name="events")
            self._listener.start()
        return self.hands

    def _listen(self, hands: Hands) -> None:
        """Wake the rounds when something happens. The stream ends without a word when the engine goes."""
        try:
            for _name in hands.spawner.changes():
                self.wake.set()
                if self.leave.is_set():
                    return
        except (EngineDown, EngineRefused):
            pass
        self.wake.set()

    def _lose_engine(self, words: str) -> None:
        self.hands = None
        log.warning("the engine does not answer: %s", words)
        try:
            with transaction() as session:
                progress.note_engine(session, None, words)
        except DBAPIError as problem:
            log.warning("the database does not answer the keeper: %s", str(problem.orig).strip())

    def _keep_logs(self) -> None:
        """The logs at which somebody looks, written down for the page."""
        if self.hands is None:
            return
        with self._context():
            try:
                with transaction() as session:
                    watched = progress.list_watched(session, seconds=WATCHED)
                for notebook_id, slug in watched:
                    lines = self.hands.spawner.read_log(slug)
                    with transaction() as session:
                        progress.keep_log(session, notebook_id, lines)
            except (EngineDown, EngineRefused, DBAPIError):
                return  # the round says so

    @contextmanager
    def _context(self) -> Iterator[None]:
        with self.app.app_context():
            try:
                with transaction() as session:
                    company = get_company(session)
                    speak(company.language_codes[0], company)
                yield
            finally:
                db.session.remove()


def _differs(order: Order, seen: Seen | None) -> bool:
    """Whether row and engine disagree, or a start or stop is under way that nobody may be at any more."""
    if order.wanted == Wanted.STOPPED:
        return order.state != State.STOPPED or seen is not None
    if order.state == State.RUNNING:
        well = (
            seen is not None
            and seen.condition is Condition.RUNNING
            and seen.whole
            and progress.fits(order, seen)
            and seen.address == order.address
        )
        return not well
    if order.state == State.FAILED:
        return seen is not None
    return True
