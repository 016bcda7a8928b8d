"""The supervisor starts again what dies, gives up on what dies for ever, and leaves nothing of what its children started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from webapp.core.settings import PROJECT

PATIENCE = 60  # seconds; generous, for a machine that has other things to do

SUPERVISE = """
import sys
from webapp.core.supervisor import Endings, GaveUp, Supervisor
supervisor = Supervisor(endings := Endings(), grace=float(sys.argv[1]))
try:
    for name, program in zip(sys.argv[2::2], sys.argv[3::2]):
        if program.startswith("def work():"):
            exec(program)
            supervisor.start(name, work)
        else:
            supervisor.start(name, [sys.executable, "-c", program])
    supervisor.watch()
except KeyboardInterrupt:
    print("stopped")
except GaveUp as problem:
    sys.exit(str(problem))
finally:
    supervisor.stop()
"""
TELL = "import os, pathlib, signal, subprocess, sys, time; pathlib.Path(f'NAME.{os.getpid()}').touch();"
CHILD = TELL.replace("NAME", "child") + "time.sleep(600)"
FAMILY = TELL.replace("NAME", "parent") + f"subprocess.Popen([sys.executable, '-c', {CHILD!r}]); time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"  # inherited by the child
DEAF_FAMILY = DEAF + FAMILY


@contextmanager
def inheriting(ways: dict[signal.Signals, Any]) -> Iterator[None]:
    """What starts here hears or ignores these signals, whether or not pytest itself runs under nohup."""
    before = {each: signal.signal(each, way) for each, way in ways.items()}
    try:
        yield
    finally:
        for each, way in before.items():
            signal.signal(each, way)


class Supervised:
    """A supervisor in a process of its own, as a terminal would start it."""

    def __init__(self, folder: Path, grace: float, *programs: str, hangup: Any = signal.SIG_DFL) -> None:
        self.folder = folder
        self.output = folder / "output"
        with self.output.open("w") as output, inheriting({signal.SIGINT: signal.SIG_DFL, signal.SIGHUP: hangup}):
            self.process = subprocess.Popen(
                [sys.executable, "-c", SUPERVISE, str(grace), *programs],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def numbers(self, name: str) -> set[int]:
        """The processes that ever said that they are `name`."""
        return {int(path.suffix[1:]) for path in self.folder.glob(f"{name}.*")}

    def wait_for(self, what: Callable[[], object], words: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < deadline, f"not within {PATIENCE} s: {words}\n{self.output.read_text()}"
            time.sleep(0.05)

    def end(self, ending: signal.Signals, code: int) -> None:
        self.process.send_signal(ending)
        assert self.process.wait(PATIENCE) == code, self.output.read_text()

    def all_gone(self) -> bool:
        return not any(alive(number) for name in ("parent", "child") for number in self.numbers(name))


def alive(number: int) -> bool:
    try:
        return bool(psutil.Process(number).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def supervise() -> Iterator[Callable[..., Supervised]]:
    """Start a supervisor: `supervise(grace, name, program, …)`."""
    started: list[Supervised] = []
    with tempfile.TemporaryDirectory(prefix="bottega-test-") as folder:

        def start(grace: float, *programs: str, **how: Any) -> Supervised:
            started.append(Supervised(Path(folder), grace, *programs, **how))
            return started[-1]

        yield start
        for each in started:
            for number in {each.process.pid, *each.numbers("parent"), *each.numbers("child")}:
                if alive(number):
                    os.kill(number, signal.SIGKILL)
            each.process.wait()


def test_a_child_that_is_killed_is_started_again_and_its_own_children_are_gone(
    supervise: Callable[..., Supervised],
) -> None:
    supervised = supervise(5, "worker", FAMILY)
    supervised.wait_for(lambda: supervised.numbers("child"), "the first family")
    (first,), (its_child,) = supervised.numbers("parent"), supervised.numbers("child")
    os.kill(first, signal.SIGKILL)
    supervised.wait_for(lambda: len(supervised.numbers("parent")) == 2, "a second family")
    supervised.wait_for(lambda: not alive(its_child), "the end of the first child")
    assert "The worker ended by signal 9 (Killed); it starts again in 0.5 s." in supervised.output.read_text()
    supervised.end(signal.SIGTERM, 0)
    assert supervised.all_gone()


def test_a_function_works_in_a_copy_and_is_looked_after_as_a_program_is(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise(5, "worker", f"def work(): {FAMILY}")
    supervised.wait_for(lambda: supervised.numbers("child"), "the first family")
    (first,), (its_child,) = supervised.numbers("parent"), supervised.numbers("child")
    assert psutil.Process(first).name() == "worker"
    os.kill(first, signal.SIGKILL)
    supervised.wait_for(lambda: len(supervised.numbers("parent")) == 2, "a second family")
    supervised.wait_for(lambda: not alive(its_child), "the end of the first child")
    assert "The worker ended by signal 9 (Killed); it starts again in 0.5 s." in supervised.output.read_text()
    supervised.process.kill()
    supervised.wait_for(supervised.all_gone, "the end of what a killed supervisor leaves")


def test_a_function_that_fails_tells_why_and_ends_its_copy_alone(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise(5, "worker", "def work(): raise ValueError('no such queue')")
    assert supervised.process.wait(PATIENCE) == 1
    said = supervised.output.read_text()
    assert said.count("ValueError: no such queue") == 5
    assert "the last time with exit code 1" in said
    assert "stopped" not in said


def test_a_step_tells_its_exit_code_and_one_that_does_not_listen_is_killed_after_the_grace() -> None:
    program = """if True:
        import os, signal, sys, time
        from webapp.core.supervisor import Forked
        reading, writing = os.pipe()
        def deaf():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.write(writing, b".")
            time.sleep(600)
        refused, unheard = Forked("step", lambda: sys.exit(3)), Forked("step", deaf)
        os.read(reading, 1)
        unheard.end(0.5)
        print(refused.wait(), unheard.wait())
    """
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=PATIENCE)
    assert told.stdout.split() == ["3", "-9"]


def test_a_child_that_dies_again_and_again_ends_all_with_a_sentence(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise(5, "web server", FAMILY, "worker", "raise SystemExit('no such broker')")
    assert supervised.process.wait(PATIENCE) == 1
    said = supervised.output.read_text()
    assert said.count("no such broker") == 5
    assert "the worker ended 5 times within a minute, the last time with exit code 1; its messages are above" in said
    assert supervised.all_gone()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_busy_child_that_does_not_listen_is_killed_with_its_children_after_the_grace(
    supervise: Callable[..., Supervised], ending: signal.Signals
) -> None:
    supervised = supervise(1, "worker", DEAF_FAMILY, "scheduler", FAMILY)
    supervised.wait_for(lambda: len(supervised.numbers("child")) == 2, "two families")
    supervised.end(ending, 0)
    assert supervised.output.read_text() == "stopped\n"
    assert supervised.all_gone()


def test_a_second_signal_does_not_wait_for_the_grace(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise(600, "worker", DEAF_FAMILY)
    supervised.wait_for(lambda: supervised.numbers("child"), "the family")
    supervised.process.send_signal(signal.SIGINT)
    supervised.wait_for(lambda: "stopped" in supervised.output.read_text(), "the first signal to be heard")
    supervised.end(signal.SIGINT, 0)
    assert supervised.all_gone()


def test_a_killed_supervisor_leaves_nobody_behind_not_even_who_does_not_listen(
    supervise: Callable[..., Supervised],
) -> None:
    supervised = supervise(1, "worker", DEAF_FAMILY, "scheduler", FAMILY)
    supervised.wait_for(lambda: len(supervised.numbers("child")) == 2, "two families")
    keeper = [
        each.pid
        for each in psutil.Process(supervised.process.pid).children()
        if any("supervisor_keeper" in word for word in each.cmdline())
    ]
    supervised.end(signal.SIGKILL, -signal.SIGKILL)
    supervised.wait_for(supervised.all_gone, "the end of both families")
    supervised.wait_for(lambda: not any(map(alive, keeper)), "the end of the keeper")


def test_hangups_are_ignored_under_nohup(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise(5, "worker", FAMILY, hangup=signal.SIG_IGN)
    supervised.wait_for(lambda: supervised.numbers("child"), "the family")
    supervised.process.send_signal(signal.SIGHUP)
    (first,) = supervised.numbers("parent")
    os.kill(first, signal.SIGKILL)
    supervised.wait_for(lambda: len(supervised.numbers("child")) == 2, "a supervisor at work after the hangup")
    supervised.end(signal.SIGTERM, 0)
    assert supervised.all_gone()
