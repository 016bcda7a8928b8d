"""Engines that are nowhere but in memory, named by how they behave."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from webapp.blueprints.notebooks.ports import (
    Answer,
    Cause,
    Condition,
    EngineDown,
    EngineFacts,
    EngineRefused,
    Guest,
    NotebookSpec,
    Outcome,
    Running,
    Seen,
    Step,
    Tell,
    Used,
)


@dataclass
class Kept:
    """What `MemorySpawner` has of one notebook: a network, perhaps a container in it."""

    spec: NotebookSpec
    engine_id: str = ""
    condition: Condition = Condition.HALF
    network: bool = True
    words: str = ""
    exit_code: int | None = None

    def seen(self) -> Seen:
        return Seen(
            name=self.spec.name,
            notebook_id=self.spec.notebook_id,
            generation=self.spec.generation,
            condition=self.condition,
            engine_id=self.engine_id,
            address=f"10.213.0.{self.spec.notebook_id % 250 + 2}" if self.network and self.engine_id else "",
            exit_code=self.exit_code,
            words=self.words,
            whole=self.network and bool(self.engine_id),
        )


class MemorySpawner:
    """`Spawner` in memory. Images that begin with “missing” are not there; a command “die” ends at once."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}
        self.starts = 0
        self.stops = 0
        self.answers: dict[str, Answer] = {}

    def start(self, spec: NotebookSpec, tell: Tell) -> Running:
        self.kept.pop(spec.name, None)
        try:
            tell(Step.NETWORK, "")
            self.kept[spec.name] = kept = Kept(spec)
            tell(Step.CONTAINER, "")
            if spec.image.startswith("missing"):
                raise EngineRefused(Cause.IMAGE_MISSING, f"no such image: {spec.image}")
            self.starts += 1
            kept.engine_id = f"engine-{self.starts}"
            tell(Step.STARTED, "")
            kept.condition = Condition.RUNNING
            if spec.command == ("die",):
                self.die(spec.name, code=3)
        except BaseException:
            self.kept.pop(spec.name, None)
            raise
        return Running(kept.engine_id, kept.seen().address, spec.port)

    def stop(self, name: str, *, grace: float = 10.0) -> None:  # noqa: ARG002 - as the port says
        self.stops += 1
        self.kept.pop(name, None)

    def poll(self, name: str) -> Seen | None:
        kept = self.kept.get(name)
        return kept.seen() if kept else None

    def list(self) -> tuple[Seen, ...]:
        return tuple(kept.seen() for kept in self.kept.values())

    def wait(self, spec: NotebookSpec, *, seconds: float) -> bool:  # noqa: ARG002 - as the port says
        kept = self.kept.get(spec.name)
        if kept is None or kept.condition is Condition.DEAD:
            raise EngineRefused(Cause.DIED, kept.words if kept else "gone")
        return kept.condition is Condition.RUNNING

    def question(self, name: str, path: str, *, port: int, token: str) -> Answer | None:  # noqa: ARG002 - as the port says
        kept = self.kept.get(name)
        if kept is None or kept.condition is not Condition.RUNNING:
            return None
        return self.answers.get(path, Answer(404, ""))

    def mend(self, name: str, guests: tuple[Guest, ...]) -> None:
        """There is nothing to mend here."""

    def resume(self, name: str) -> None:
        if name in self.kept:
            self.kept[name].condition = Condition.RUNNING

    def read_log(self, name: str, *, lines: int = 200) -> str:
        return "\n".join(f"line {number}" for number in range(min(lines, 3))) if name in self.kept else ""

    def measure(self, name: str) -> Used | None:
        kept = self.kept.get(name)
        return Used(1.5, 100.0, 120.0) if kept and kept.condition is Condition.RUNNING else None

    def run_once(self, spec: NotebookSpec, *, seconds: float, tell: Tell) -> Outcome:  # noqa: ARG002 - as the port says
        tell(Step.STARTED, "")
        return Outcome(0, " ".join(spec.command))

    def sweep_once(self, is_kept: Callable[[str], bool]) -> tuple[str, ...]:  # noqa: ARG002 - as the port says
        return ()

    def changes(self) -> Iterator[str]:
        yield from ()

    def check(self) -> EngineFacts:
        return EngineFacts("memory", "1", "here")

    # what happens to containers without the house
    def die(self, name: str, *, code: int = 137) -> None:
        """Its container ends."""
        kept = self.kept[name]
        kept.condition, kept.exit_code, kept.words = Condition.DEAD, code, f"Exited ({code}) just now"

    def pause(self, name: str) -> None:
        """Somebody pauses it."""
        self.kept[name].condition = Condition.PAUSED

    def lose_network(self, name: str) -> None:
        """Somebody removes its network."""
        self.kept[name].network = False

    def leave_half(self, spec: NotebookSpec) -> None:
        """A start of which only the network was made."""
        self.kept[spec.name] = Kept(spec)


class FlakySpawner(MemorySpawner):
    """Refuses its first starts at a given step, then behaves. `leftovers`: it leaves half of them behind."""

    def __init__(self, *, times: int, at: Step = Step.CONTAINER, leftovers: bool = False) -> None:
        super().__init__()
        self.times = times
        self.at = at
        self.leftovers = leftovers

    def start(self, spec: NotebookSpec, tell: Tell) -> Running:
        def told(step: str, words: str) -> None:
            tell(step, words)
            if step == self.at and self.times:
                self.times -= 1
                raise EngineRefused(Cause.OTHER, "driver failed programming external connectivity")

        try:
            return super().start(spec, told)
        except EngineRefused:
            if self.leftovers:
                self.leave_half(spec)
            raise


class SlowSpawner(MemorySpawner):
    """Its servers take as many looks as given before they answer; `meanwhile` is called at each."""

    def __init__(self, *, looks: int = 10, meanwhile: Callable[[], None] | None = None) -> None:
        super().__init__()
        self.looks = looks
        self.meanwhile = meanwhile
        self.waiting = threading.Event()

    def wait(self, spec: NotebookSpec, *, seconds: float) -> bool:
        self.waiting.set()
        if self.meanwhile:
            self.meanwhile()
        self.looks -= 1
        return self.looks < 0 and super().wait(spec, seconds=seconds)


class AbsentSpawner(MemorySpawner):
    """Does not answer while it is `away`."""

    def __init__(self) -> None:
        super().__init__()
        self.away = True

    def start(self, spec: NotebookSpec, tell: Tell) -> Running:
        self._answer()
        return super().start(spec, tell)

    def stop(self, name: str, *, grace: float = 10.0) -> None:
        self._answer()
        super().stop(name, grace=grace)

    def poll(self, name: str) -> Seen | None:
        self._answer()
        return super().poll(name)

    def list(self) -> tuple[Seen, ...]:
        self._answer()
        return super().list()

    def check(self) -> EngineFacts:
        self._answer()
        return super().check()

    def _answer(self) -> None:
        if self.away:
            raise EngineDown("connection refused")


class Killed(BaseException):
    """The keeper dies here, as by kill -9: nobody cleans up."""


class FatalSpawner(MemorySpawner):
    """Whoever starts a notebook with it dies at a given step, once, and leaves what was made by then."""

    def __init__(self, *, at: Step) -> None:
        super().__init__()
        self.at: Step | None = at

    def start(self, spec: NotebookSpec, tell: Tell) -> Running:
        def told(step: str, words: str) -> None:
            tell(step, words)
            self._die(step)

        try:
            running = super().start(spec, told)
        except Killed:
            self.leave_half(spec)
            raise
        return running

    def wait(self, spec: NotebookSpec, *, seconds: float) -> bool:
        self._die(Step.ANSWERS)
        return super().wait(spec, seconds=seconds)

    def _die(self, step: str) -> None:
        if step == self.at:
            self.at = None
            raise Killed
