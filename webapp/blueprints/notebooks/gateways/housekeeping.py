"""The keeper's slow rounds: who is idle, what was used, how full the homes are, which volumes go, which images are there."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable
from contextlib import suppress

from webapp.blueprints.notebooks.gateways.backups import sweep_files
from webapp.blueprints.notebooks.gateways.hands import Hands
from webapp.blueprints.notebooks.gateways.homes import measure
from webapp.blueprints.notebooks.gateways.kernels import ask_kernels
from webapp.blueprints.notebooks.ports import EngineRefused
from webapp.blueprints.notebooks.services import errands, homes, images, keeping
from webapp.blueprints.notebooks.services.notices import warn
from webapp.blueprints.notebooks.services.usage import count_usage
from webapp.core.clock import utc_now
from webapp.core.db import transaction

log = logging.getLogger(__name__)
MINUTE = 60.0
ABANDONED = 60 * MINUTE  # nothing reads or writes a volume for so long
MEASURE_EVERY = dt.timedelta(minutes=10)
MEASURED_AT_ONCE = 20
Work = Callable[[Hands], None]


class Housekeeper:
    """Does each kind of work when it is due; `round` is called as often as one likes, in the application's context."""

    def __init__(self) -> None:
        self._due: dict[str, float] = {}
        self._work: tuple[tuple[str, float, Work], ...] = (
            ("sweep", ABANDONED, self._sweep),
            ("volumes", 0.0, self.remove_volumes),
            ("errands", MINUTE, self.sweep_errands),
            ("running", MINUTE / 2, self.look_after_running),
            ("timetable", MINUTE / 2, self.start_by_timetable),
            ("images", 5 * MINUTE, self.look_at_images),
            ("measure", 2 * MINUTE, self.measure_volumes),
        )

    def round(self, hands: Hands) -> None:
        """What is due of all of it. Raises EngineDown; anything else that fails does not keep the rest from being done."""
        for name, every, work in self._work:
            now = time.monotonic()
            if now < self._due.get(name, 0.0):
                continue
            self._due[name] = now + every
            try:
                work(hands)
            except EngineRefused as refused:
                log.warning("housekeeping of notebooks, %s: %s", name, refused)

    def sweep_errands(self, hands: Hands) -> None:
        """Remove what a killed worker left of errands that are over. Raises EngineDown."""

        def is_kept(name: str) -> bool:
            with transaction() as session:
                return errands.number_of_errand(name) in errands.list_under_way(session)

        for name in hands.spawner.sweep_once(is_kept):
            log.info("what was left of %s is removed", name)

    def look_after_running(self, hands: Hands) -> None:
        """Ask the kernels, count the use, warn and stop. Raises EngineDown."""
        with transaction() as session:
            running = keeping.list_running(session)
        for each in running:
            used = hands.spawner.measure(each.slug)
            activity = ask_kernels(hands.spawner, each)
            now = utc_now()
            with transaction() as session:
                if used is not None:
                    count_usage(session, each.id, each.generation, used, now=now)
                keeping.note_activity(session, each, activity)
                plan = keeping.look_after(session, each, now=now)
                if plan is not None:
                    warn(session, each.id, plan)

    def start_by_timetable(self, _hands: Hands) -> None:
        """Start what its timetable starts."""
        with transaction() as session:
            keeping.start_by_timetable(session, now=utc_now())

    def measure_volumes(self, hands: Hands) -> None:
        """How full they are: those that nobody has measured for a while. Raises EngineDown."""
        with transaction() as session:
            due = homes.list_to_measure(session, older_than=MEASURE_EVERY, limit=MEASURED_AT_ONCE)
        for each in due:
            try:
                measure(hands.volumes, each)
            except EngineRefused as refused:  # it was never made, or somebody removed it
                log.info("volume %s cannot be measured: %s", each.name, refused)
                with transaction() as session:
                    homes.note_size(session, each.id, 0)

    def remove_volumes(self, hands: Hands) -> None:
        """Remove those that are to go; tell of those of this house that have no row. Raises EngineDown."""
        with transaction() as session:
            due = homes.list_due(session)
        for each in due:
            with suppress(EngineRefused):  # still in use: the next round tries again
                hands.volumes.remove(each.name)
                with transaction() as session:
                    homes.forget(session, each.id)
        seen = frozenset(each.name for each in hands.volumes.list())
        with transaction() as session:
            homes.note_strangers(session, seen)

    def look_at_images(self, hands: Hands) -> None:
        """Which of the offered images the engine has. Raises EngineDown."""
        with transaction() as session:
            offered = images.list_references(session)
        present = {reference: hands.images.has(reference) for reference in sorted(set(offered.values()))}
        with transaction() as session:
            for image_id, reference in offered.items():
                images.note_present(session, image_id, reference, present=present[reference])

    def _sweep(self, hands: Hands) -> None:
        hands.volumes.sweep(older=ABANDONED)
        sweep_files()
