"""The process that keeps the notebooks' way to GOLD open: the relay, and every few seconds a look at who may see what."""

from __future__ import annotations

import asyncio
import logging
import threading

from flask import Flask
from sqlalchemy.exc import DBAPIError

from webapp.blueprints.notebooks.gateways.gold_door import Silence, readers_prefix, relay_folder, tend
from webapp.blueprints.notebooks.gateways.gold_relay import GoldRelay, Upstream
from webapp.core.db import db, gold_engine

log = logging.getLogger(__name__)
ROUND = 3.0  # seconds: rights that end are gone from notebooks within five
AGAIN = 2.0


class GoldKeeping:
    """Runs until `leave` is set. The relay has a thread of its own."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.leave = threading.Event()
        self.listening = threading.Event()

    def run(self) -> None:
        """Listen, and tend the readers, until told to leave."""
        relay = self._relay()
        if relay is None:
            return
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="relay", daemon=True)
        thread.start()
        try:
            asyncio.run_coroutine_threadsafe(relay.listen(), loop).result()
            self.listening.set()
            while not self.leave.wait(ROUND):
                self._tend()
        finally:
            asyncio.run_coroutine_threadsafe(relay.close(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    def _relay(self) -> GoldRelay | None:
        """The relay, as soon as GOLD has said how its readers are called; None when told to leave before."""
        silence = Silence()
        relay: GoldRelay | None = None
        while relay is None and not self.leave.is_set():
            with self.app.app_context(), silence:
                relay = GoldRelay(relay_folder(self.app), Upstream.of(gold_engine().url), readers=readers_prefix())
            if relay is None:
                self.leave.wait(AGAIN)
        return relay

    def _tend(self) -> None:
        with self.app.app_context():
            try:
                tend(self.app)
            except DBAPIError as problem:
                log.warning("the database does not answer: %s", str(problem.orig).strip())
            except Exception:
                log.exception("a round of the readers of GOLD failed; the next one begins in %g s", ROUND)
            finally:
                db.session.remove()
