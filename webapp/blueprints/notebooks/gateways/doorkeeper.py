"""`bottega door`: the process between nginx and the notebooks."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import signal
from collections.abc import Mapping

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from webapp.blueprints.notebooks.gateways.relay import Relay
from webapp.blueprints.notebooks.services.door import Pass, Shut, Way, find_ways, read_pass
from webapp.blueprints.notebooks.settings import notebook_settings
from webapp.core.clock import utc_now
from webapp.core.db import db
from webapp.core.health import beat

log = logging.getLogger(__name__)
BEAT_SECONDS = 5.0


def look_up(app: Flask, passes: frozenset[Pass]) -> Mapping[Pass, Way | Shut]:
    """Ask the house about these passes, in a context and a database session of this moment alone."""
    with app.app_context():
        try:
            return find_ways(db.session(), passes, now=utc_now())
        finally:
            db.session.remove()


def make_relay(app: Flask) -> Relay:
    """The relay that asks this application."""

    def read(text: str) -> Pass:
        with app.app_context():
            return read_pass(text)

    with app.app_context():
        own_hosts = bool(notebook_settings().domain)
    return Relay(functools.partial(look_up, app), read, own_hosts=own_hosts)


@click.command("door")
@with_appcontext
def door() -> None:
    """Carry requests and websockets between nginx and the notebooks, until SIGTERM."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Werkzeug's way to the thing behind
    host, _, port = notebook_settings().door.rpartition(":")
    asyncio.run(_keep(app, host.strip("[]"), int(port)))


async def _keep(app: Flask, host: str, port: int) -> None:
    loop = asyncio.get_running_loop()
    work = loop.create_task(
        make_relay(app).serve(host, port, lambda at: log.info("the door is open at %s:%s", host, at))
    )
    for ending in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(ending, work.cancel)
    hearts = loop.create_task(_live(app))
    with contextlib.suppress(asyncio.CancelledError):
        await work
    hearts.cancel()


async def _live(app: Flask) -> None:
    """Say that the process lives, for the health check of its container."""
    while True:
        beat(app.extensions["settings"], "door")
        await asyncio.sleep(BEAT_SECONDS)


COMMANDS = (door,)
