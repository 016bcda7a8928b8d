"""What the notebooks room needs of the outside: an engine that runs containers, their volumes and images, and a way in.

Only the keeper (`bottega keeper`) holds gateways to these; the web process and the ordinary worker never do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

Tell = Callable[[str, str], None]
"""Hears each step as it begins: its name (`Step`) and a sentence. Raises Overtaken when the wish has changed meanwhile."""


class Step(StrEnum):
    """The steps of a start, in their order."""

    QUEUED = "queued"
    IMAGE = "image"
    VOLUME = "volume"
    GOLD = "gold"
    NETWORK = "network"
    CONTAINER = "container"
    STARTED = "started"
    ANSWERS = "answers"
    READY = "ready"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"
    REPAIRED = "repaired"


class EngineDown(Exception):
    """No engine answers; the message says which address was asked and what came back."""


class EngineRefused(Exception):
    """The engine answered and said no; the message is its own. `cause` is one of the names in `Cause`."""

    def __init__(self, cause: str, message: str) -> None:
        super().__init__(message)
        self.cause = cause


class Cause(StrEnum):
    """Why something did not work, as far as the house knows a remedy for it."""

    IMAGE_MISSING = "image missing"
    NO_REGISTRY = "registry does not answer"
    NO_MEMORY = "no memory"
    NO_NETWORK = "no network left"
    NO_DISK = "no disk"
    NAME_TAKEN = "name taken"
    DIED = "died"
    SILENT = "silent"
    NOT_SUPPORTED = "not supported"
    OTHER = "other"


class Overtaken(Exception):
    """Somebody wished something else meanwhile: what was begun is not to be finished."""


@dataclass(frozen=True)
class Limits:
    """What a notebook may use: cores, memory in MB, processes."""

    cpus: float
    memory_mb: int
    pids: int


@dataclass(frozen=True)
class Mount:
    """A volume at a path inside; `volume` is its name on the engine, or a folder of the engine's machine that is there."""

    volume: str
    path: str
    read_only: bool = False


@dataclass(frozen=True)
class Guest:
    """A container of the house that joins the network of the notebook under this name (GOLD's server, the proxy)."""

    container: str
    alias: str


@dataclass(frozen=True)
class NotebookSpec:
    """All that an engine must know to run one notebook. `name` is its slug; `generation` the wish it fulfils.

    Each has a network of its own. `hosts` are further names inside; the address "gateway" is the engine's own side of that
    network. `internet`: it may open connections to the outside. `command` empty: the image's own. `base_path` is where the
    server inside begins, `health_path` below it answers without a token once it is ready.
    """

    name: str
    house: str
    notebook_id: int
    generation: int
    image: str
    limits: Limits
    port: int = 8888
    base_path: str = "/"
    health_path: str = "api"
    environ: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    guests: tuple[Guest, ...] = ()
    hosts: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    internet: bool = False


@dataclass(frozen=True)
class Running:
    """A notebook that was started: where it answers, and the engine's own name of it."""

    engine_id: str
    address: str
    port: int


class Condition(StrEnum):
    """How the engine describes one notebook's container."""

    HALF = "half"
    RUNNING = "running"
    PAUSED = "paused"
    DEAD = "dead"


@dataclass(frozen=True)
class Seen:
    """What the engine has under a notebook's label: a container, or only the network or half of what a start makes.

    `exit_code` and `words` tell of a dead one. `address` is "" when it has none. `whole`: its network is there too.
    """

    name: str
    notebook_id: int
    generation: int
    condition: Condition
    engine_id: str = ""
    address: str = ""
    port: int = 0
    exit_code: int | None = None
    words: str = ""
    whole: bool = True


class Spawner(Protocol):
    """Runs notebooks. Every verb can be called twice, and after a death between any two of its steps."""

    def start(self, spec: NotebookSpec, tell: Tell) -> Running:
        """Make network and container, and return once the container runs (not: once it answers).

        Whatever is left of an earlier generation under that name is removed first. Raises EngineDown, EngineRefused and
        what `tell` raises; in each case nothing of this start is left.
        """

    def stop(self, name: str, *, grace: float = 10.0) -> None:
        """Remove container and network, whether they run, are half made or gone. Volumes stay. Raises EngineDown."""

    def poll(self, name: str) -> Seen | None:
        """How one notebook stands; None when the engine has nothing of it. Raises EngineDown."""

    def list(self) -> tuple[Seen, ...]:
        """All that the engine has of this house's notebooks, in one look. Raises EngineDown."""

    def wait(self, spec: NotebookSpec, *, seconds: float) -> bool:
        """Whether the server inside answers its health check within `seconds`. Raises EngineDown, EngineRefused (it died)."""

    def question(self, name: str, path: str, *, port: int, token: str) -> Answer | None:
        """What the server inside answers to a GET; None when nothing answers, or it cannot be asked. Raises EngineDown."""

    def mend(self, name: str, guests: tuple[Guest, ...]) -> None:
        """Let the guests join its network again that have left it (made anew, restarted). Raises EngineDown."""

    def resume(self, name: str) -> None:
        """Let a paused one go on. Raises EngineDown, EngineRefused."""

    def read_log(self, name: str, *, lines: int = 200) -> str:
        """The end of what its container printed; "" when there is none. Raises EngineDown."""

    def measure(self, name: str) -> Used | None:
        """What it uses now; None when it does not run. Raises EngineDown."""

    def run_once(self, spec: NotebookSpec, *, seconds: float, tell: Tell) -> Outcome:
        """Run a throw-away container to its end, hardened as a notebook is, and remove it. Raises EngineDown, EngineRefused."""

    def sweep_once(self, is_kept: Callable[[str], bool]) -> tuple[str, ...]:
        """Remove what a death left of throw-away containers whose names are not kept; their names. Raises EngineDown."""

    def changes(self) -> Iterator[str]:
        """The names of notebooks at which something happened, as it happens. Ends when the engine goes away."""

    def check(self) -> EngineFacts:
        """What the engine says of itself. Raises EngineDown."""


@dataclass(frozen=True)
class Used:
    """What a running notebook has used: seconds of a core since its start, memory now, bytes read and written."""

    cpu_seconds: float
    memory_mb: float
    memory_peak_mb: float


@dataclass(frozen=True)
class Answer:
    """What the server inside answered."""

    status: int
    body: str


@dataclass(frozen=True)
class Outcome:
    """How a throw-away container ended: its exit code, None when its time was over, and the end of what it printed."""

    exit_code: int | None
    log: str


@dataclass(frozen=True)
class Errand:
    """Something to be done beside a notebook, to its end, in a throw-away container with its image, limits and home.

    `number` is that of nobody else. Inside, `NOTEBOOK_HOME` and `ERRAND_OUT` name the home and the folder for what is made;
    shared data lie where they do in the notebook. `only_reads`: the home cannot be changed, and neither GOLD nor the
    internet is reached; otherwise as the notebook itself.
    """

    number: int
    notebook_id: int
    command: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict)
    only_reads: bool = False


class Errands(Protocol):
    """Runs errands."""

    def run(
        self,
        errand: Errand,
        *,
        seconds: float,
        check: Callable[[], None],
        warn: Callable[[str], None],
        take: Callable[[Iterator[bytes]], None],
    ) -> Outcome:
        """Run it to its end, and give `take` a tar stream of what it made, also when it failed or its time was over.

        `check` is called now and then and ends it by raising; `warn` hears why GOLD is not reached. Raises NoHome, EngineDown,
        EngineRefused, and what `check` and `take` do.
        """


@dataclass(frozen=True)
class EngineFacts:
    """The engine, as it describes itself. `lacks`: what it does not do, in words, for the page."""

    kind: str
    version: str
    host: str
    lacks: tuple[str, ...] = ()
    swarm: bool = False


@dataclass(frozen=True)
class Route:
    """Where a notebook answers."""

    slug: str
    address: str
    port: int


class RouteTable(Protocol):
    """Which notebooks the door leads to. The rows of the notebooks are one: no file, no reload."""

    def put(self, slug: str, address: str, port: int) -> None:
        """Lead to it from now on."""

    def remove(self, slug: str) -> None:
        """Lead to it no more; nothing when it did not."""

    def all(self) -> tuple[Route, ...]:
        """All routes."""


@dataclass(frozen=True)
class StoredVolume:
    """A volume that the engine keeps for this house. `size` in bytes, None where the engine does not tell."""

    name: str
    made_at: dt.datetime | None = None
    size: int | None = None
    in_use: bool = False


class Volumes(Protocol):
    """Keeps homes and shared data."""

    def make(self, name: str, *, labels: Mapping[str, str], quota_mb: int | None = None) -> bool:
        """Make it unless it is there; whether the quota is a real one. Raises EngineDown, EngineRefused."""

    def list(self) -> tuple[StoredVolume, ...]:
        """Those of this house. Raises EngineDown."""

    def measure(self, name: str) -> int:
        """The bytes in it. Raises EngineDown, EngineRefused."""

    def save(self, name: str) -> Iterator[bytes]:
        """Its content as a tar stream, also while it is in use. Raises EngineDown, EngineRefused."""

    def load(self, name: str, chunks: Iterator[bytes]) -> None:
        """Put a tar stream's content in place of its own. Raises EngineDown, EngineRefused."""

    def add(self, name: str, file: str, size: int, chunks: Iterator[bytes]) -> None:
        """Put one file of so many bytes in, for everybody to read, also while it is in use. Raises EngineDown, EngineRefused."""

    def take_out(self, name: str, file: str) -> None:
        """Remove one file that `add` put in; nothing when it is gone. Raises EngineDown, EngineRefused."""

    def remove(self, name: str) -> None:
        """Remove it; nothing when it is gone. Raises EngineDown, EngineRefused (in use)."""

    def sweep(self, *, older: float) -> int:
        """Remove what reading or writing a volume left behind when it was killed; how many there were. Raises EngineDown.

        What is younger than `older` seconds may still be at work.
        """


class Images(Protocol):
    """The images that the engine has."""

    def has(self, reference: str) -> bool:
        """Whether it could start from it now. Raises EngineDown."""

    def pull(self, reference: str, tell: Callable[[int, int | None, str], None]) -> None:
        """Fetch it; `tell` hears bytes done, bytes in all and a sentence. Raises EngineDown, EngineRefused."""

    def build(
        self, folder: str, dockerfile: str, reference: str, arguments: Mapping[str, str], tell: Callable[[str], None]
    ) -> None:
        """Build it from a folder; `dockerfile` lies in it. `tell` hears each line. Raises EngineDown, EngineRefused."""


class GoldDoor(Protocol):
    """Lets a notebook read GOLD: a role of its own from start to stop."""

    def open_gold(self, notebook_id: int, generation: int) -> GoldAccess:
        """Make the role, or renew its password; what the container must be given. Safe to call twice."""

    def close_gold(self, notebook_id: int, generation: int | None = None) -> None:
        """Drop what `open_gold` made (for this generation), and end its connections; nothing when it is gone."""

    def close_all_but(self, notebook_ids: frozenset[int]) -> tuple[int, ...]:
        """Drop every role whose notebook is not among these: what a death left over; whose they were."""


@dataclass(frozen=True)
class GoldAccess:
    """What a container needs to reach GOLD: environment, names inside, containers to join its network, and mounts.

    `words` say why it cannot, where it cannot.
    """

    environ: Mapping[str, str] = field(default_factory=dict)
    hosts: Mapping[str, str] = field(default_factory=dict)
    guests: tuple[Guest, ...] = ()
    mounts: tuple[Mount, ...] = ()
    words: str = ""
