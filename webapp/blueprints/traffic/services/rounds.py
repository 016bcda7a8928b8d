"""Rounds of the collector: read what was appended to the live logs, and derive what changed by it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.services.agents import read_agents
from webapp.blueprints.traffic.services.countries import CountriesUnreadable, read_countries
from webapp.blueprints.traffic.services.files import with_rotated
from webapp.blueprints.traffic.services.ingesting import Begin, Reading, Told, read_files
from webapp.blueprints.traffic.services.terms import get_terms, live_logs
from webapp.blueprints.traffic.services.visits import derive_all
from webapp.core.clock import utc_now
from webapp.core.settings import Settings

LOCK = 0x636F6C6C  # "coll", held by each process that follows the logs for good
DERIVING_SHARE = 10  # deriving visits gets one part of the time in so many
COUNTS = ("lines", "parsed", "rejected", "ignored", "hits")


def begin_following(connection: Connection) -> None:
    """Let others know, as long as this connection lasts, that a process follows the logs. It must keep no transaction open."""
    connection.execute(select(func.pg_advisory_lock_shared(LOCK)))


def is_followed(session: Session) -> bool:
    """Whether a process follows the logs for good."""
    return not session.scalar(select(func.pg_try_advisory_xact_lock(LOCK)))


@dataclass
class Collector:
    """Follows the live logs. `say` hears of each block that was read, `complain` what could not be read.

    `told` is the sum of all rounds.
    """

    begin: Begin
    settings: Settings
    say: Callable[[Told], None] = lambda _told: None
    complain: Callable[[str], None] = lambda _sentence: None
    told: Told = field(default_factory=Told)
    _derive_at: float = 0.0

    def go_round(self) -> bool:
        """Read all live logs to their end, derive what changed as far as its share of the time allows; whether there are any."""
        paths = with_rotated(live_logs(self.settings))
        if paths:
            with self.begin() as session:
                terms = get_terms(session, self.settings, utc_now())
            told = read_files(paths, Reading(self.begin, terms, whole=False, say=self.say))
            for name in COUNTS:
                setattr(self.told, name, getattr(self.told, name) + getattr(told, name))
            for problem in told.problems:
                self.complain(problem)
        if time.monotonic() >= self._derive_at:
            begun = time.monotonic()
            self.derive()
            self._derive_at = time.monotonic() + DERIVING_SHARE * (time.monotonic() - begun)
        return bool(paths)

    def derive(self) -> None:
        """Bring visits, classes, names of browsers and countries up to the lines."""
        derive_all(self.begin)
        left = 1
        while left:
            with self.begin() as session:
                left = read_agents(session)
        path, left = self.settings.traffic_countries, 1
        try:
            while path and left:
                with self.begin() as session:
                    left = read_countries(session, path)
        except CountriesUnreadable as problem:
            self.complain(str(problem))
