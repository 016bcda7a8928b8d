"""A small supervisor: it starts programs, starts again one that dies, and ends all of them with all that they started."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import functools
import os
import signal
import subprocess
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

GRACE = 15.0  # seconds between the request to end and the end; a worker gives its tasks 10 of them
MINUTE = 60.0
DEATHS = 5  # as many within a minute are one too many
FIRST_PAUSE = 0.5  # seconds before the first new start, doubled with each death within the minute
PAUSE = 0.2
PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
PR_SET_CHILD_SUBREAPER = 36


# a program, or a function that works in a copy of the supervisor's process and shares the memory of what was loaded before
Work = Sequence[str] | Callable[[], object]


class GaveUp(Exception):
    """A program dies again and again; the message says which and how."""


class Endings:
    """The first signal that asks to end (SIGINT, SIGTERM, SIGHUP) raises KeyboardInterrupt; a later one sets `hurried`."""

    def __init__(self) -> None:
        self.asked = False
        self.hurried = False
        self._held = False
        for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(ending) is not signal.SIG_IGN:  # nohup ignores the third
                signal.signal(ending, self._hear)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Nothing is interrupted inside; a signal that came meanwhile raises at the end."""
        self._held, already = True, self.asked
        try:
            yield
        finally:
            self._held = False
        if self.asked and not already:
            raise KeyboardInterrupt

    def _hear(self, _signal: int, _frame: FrameType | None) -> None:
        self.hurried = self.asked
        self.asked = True
        if not self._held and not self.hurried:
            raise KeyboardInterrupt


class Child:
    """A program under the supervisor, in a process group of its own: the signals of a terminal reach the supervisor alone.

    Told by both at once, a worker of gunicorn can wait for its own lock for ever.
    """

    def __init__(self, name: str, work: Work, closed: Sequence[int] = ()) -> None:
        self.name = name
        self.work = work
        self.closed = closed
        self.deaths: deque[float] = deque(maxlen=DEATHS)
        self.start()

    def start(self) -> None:
        """Start the program, for the first time or after its death; a copy of this process closes the files `closed`."""
        self.due = 0.0
        self.process = (
            Forked(self.name, self.work, self.closed) if callable(self.work) else start_tied(self.work, process_group=0)
        )

    def ended(self) -> int | None:
        """The exit code, negative for a signal; None while it lives."""
        return self.process.poll()

    def died(self, code: int, now: float) -> float:
        """Count a death with that exit code; seconds until the next start. Raises GaveUp when there were too many within a minute."""
        self.deaths.append(now)
        recent = sum(1 for death in self.deaths if now - death < MINUTE)
        if recent >= DEATHS:
            raise GaveUp(
                f"the {self.name} ended {DEATHS} times within a minute, the last time {_manner(code)}; "
                "its messages are above"
            )
        pause: float = FIRST_PAUSE * 2 ** (recent - 1)
        self.due = now + pause
        return pause

    def signal_group(self, which: signal.Signals) -> bool:
        """Send a signal to all that is left of its process group; False when nothing is."""
        try:
            os.killpg(self.process.pid, which)
        except (ProcessLookupError, PermissionError):  # the second is what macOS says of a group of zombies
            return False
        return True


class Forked:
    """A function in a copy of this process, with as much of `subprocess.Popen` as is asked for here."""

    def __init__(self, name: str, work: Callable[[], object], closed: Sequence[int] = ()) -> None:
        self.returncode: int | None = None
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if not self.pid:
            _live(name, work, parent, closed)
        with contextlib.suppress(OSError):  # it did so itself
            os.setpgid(self.pid, self.pid)

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it lives."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self) -> int:
        """The exit code, negative for a signal, when it has ended."""
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode

    def terminate(self) -> None:
        """Ask it to end."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)

    def end(self, grace: float) -> None:
        """Ask it to end, and kill it when it has not done so within the grace (seconds)."""
        self.terminate()
        deadline = time.monotonic() + grace
        while self.poll() is None and time.monotonic() < deadline:
            time.sleep(PAUSE / 4)
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()


class Supervisor:
    """Keeps children alive. Whoever makes one must call `stop`, whatever happens.

    A child that ignores the request to end is killed `grace` seconds later, with all of its process group. When the
    supervisor itself is killed, Linux asks the children to end, and a keeper of a few megabytes does the rest.
    """

    def __init__(self, endings: Endings, *, grace: float = GRACE) -> None:
        self.endings = endings
        self.grace = grace
        self._children: list[Child] = []
        if sys.platform == "linux":
            # what a dead child leaves behind becomes ours to wait for, instead of a zombie of a container without an init
            ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        groups, self._groups = os.pipe()
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("supervisor_keeper.py")), str(grace)],
            cwd="/",
            stdin=groups,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(groups)

    def start(self, name: str, work: Work) -> Child:
        """Start a program or a function; `name` is what sentences call it: "the <name> ended"."""
        with self.endings.held():
            child = Child(name, work, (self._groups,))  # held open by a copy, it would keep the keeper from waking
            self._children.append(child)
            self._tell_keeper(child.process.pid)
        return child

    def watch(self) -> None:
        """Start again what dies, until a signal ends this process. Raises GaveUp when one dies too often."""
        while True:
            self.look()
            time.sleep(PAUSE)

    def look(self) -> None:
        """Clear away what has died since the last look, and start what is due. Raises GaveUp."""
        now = time.monotonic()
        for child in self._children:
            code = child.ended()
            if code is None:
                continue
            if not child.due:
                self._clear_away([child])
                pause = child.died(code, now)
                click.echo(f"The {child.name} ended {_manner(code)}; it starts again in {pause:g} s.", err=True)
            elif now >= child.due:
                with self.endings.held():
                    child.start()
                    self._tell_keeper(child.process.pid)
        self._reap()

    def stop(self) -> None:
        """End all children and what they started: after the grace at the latest, at once when a second signal hurries."""
        self.endings.asked = True  # from here on a signal hurries and interrupts nothing
        for child in self._children:
            if child.ended() is None:
                child.process.terminate()
        deadline = time.monotonic() + self.grace
        while any(child.ended() is None for child in self._children):
            if time.monotonic() > deadline or self.endings.hurried:
                break
            time.sleep(PAUSE / 4)
        self._clear_away([child for child in self._children if not child.due])
        self._children = []
        os.close(self._groups)
        self._keeper.wait()

    def _clear_away(self, children: Sequence[Child]) -> None:
        """Kill what is left of the children's groups, and wait until it is gone."""
        left = list(children)
        deadline = time.monotonic() + self.grace
        while left and time.monotonic() < deadline:
            left = [child for child in left if child.signal_group(signal.SIGKILL)]
            self._reap()
            time.sleep(PAUSE / 20 if left else 0)
        for child in children:
            self._tell_keeper(-child.process.pid)

    def _reap(self) -> None:
        """Take the exit codes of processes that became ours when their parents died."""
        if sys.platform != "linux":
            return
        for process in (self._keeper, *(child.process for child in self._children)):
            process.poll()  # an own one that is dead would hide the others
        with contextlib.suppress(ChildProcessError):  # there is no child at all
            while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                if found.si_pid in (self._keeper.pid, *(child.process.pid for child in self._children)):
                    return
                os.waitpid(found.si_pid, 0)

    def _tell_keeper(self, group: int) -> None:
        with contextlib.suppress(BrokenPipeError):  # somebody killed it: it is the second line of defence only
            os.write(self._groups, b"%d\n" % group)


def start_tied(command: Sequence[str], *, process_group: int | None = None) -> subprocess.Popen[bytes]:
    """Start a command that Linux asks to end (SIGTERM) when this process does, however it ends."""
    tie = functools.partial(_end_with_parent, ctypes.CDLL(None), os.getpid()) if sys.platform == "linux" else None
    return subprocess.Popen(command, process_group=process_group, preexec_fn=tie)  # noqa: PLW1509 - no thread runs here


def _end_with_parent(libc: ctypes.CDLL, parent: int) -> None:
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it ended before the call
        os._exit(128 + signal.SIGTERM)


def _live(name: str, work: Callable[[], object], parent: int, closed: Sequence[int]) -> NoReturn:
    """The life of a copy: it forgets how its parent hears signals, works, and leaves without what its parent had begun."""
    code = 1
    try:
        os.setpgid(0, 0)
        for each in closed:
            os.close(each)
        for ending, way in (
            (signal.SIGTERM, signal.SIG_DFL),
            (signal.SIGINT, signal.default_int_handler),
            (signal.SIGHUP, signal.SIG_DFL),
        ):
            if signal.getsignal(ending) is not signal.SIG_IGN:
                signal.signal(ending, way)
        if sys.platform == "linux":
            libc = ctypes.CDLL(None)
            libc.prctl(PR_SET_NAME, name.encode()[:15])
            _end_with_parent(libc, parent)
        work()
        code = 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else int(bool(ending.code))
    except BaseException:  # noqa: BLE001 - whatever it is, this process must not go on as a second supervisor
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()  # noqa: SLF001 - as multiprocessing does in its copies: os._exit leaves them out
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _manner(code: int) -> str:
    return f"by signal {-code} ({signal.strsignal(-code)})" if code < 0 else f"with exit code {code}"
