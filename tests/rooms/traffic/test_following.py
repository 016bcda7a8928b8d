"""Live logs are followed through rotations of every kind and deaths at any moment: each line is counted once."""

from __future__ import annotations

import datetime as dt
import gzip
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from flask import Flask

from tests.rooms.traffic.makers import ask, book, combined, follow, ingest, write
from tests.waiting import let_pass
from webapp.core.settings import PROJECT, Settings

KILLS = 50
ROTATIONS = 10
NOW = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)


def lines(first: int, count: int) -> bytes:
    """Distinct lines."""
    return b"".join(combined(at=NOW, request=f"GET /{number} HTTP/1.1") for number in range(first, first + count))


def append(path: Path, first: int, count: int) -> None:
    """Write more lines, as who has the log open does."""
    with path.open("ab") as log:
        log.write(lines(first, count))


def half_read(folder: Path) -> tuple[Path, Path]:
    """A log of 110 lines, of which 100 were read, and the place to which it will be rotated."""
    path = Path(write(folder, "access.log", lines(0, 100)))
    follow(str(path))
    append(path, 100, 10)
    return path, folder / "access.log.1"


def test_what_is_appended_is_read_once(fresh_app: Flask, tmp_path: Path) -> None:
    path = Path(write(tmp_path, "access.log", lines(0, 100)))
    assert follow(str(path)).lines == 100
    assert follow(str(path)).lines == 0
    append(path, 100, 50)
    assert follow(str(path)).lines == 50
    assert book() == (150, 150, 0, 0)


def test_a_line_that_is_being_written_waits_for_its_end(fresh_app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    half = lines(1, 1)
    path.write_bytes(lines(0, 1) + half[:40])
    assert follow(str(path)).lines == 1
    with path.open("ab") as log:
        log.write(half[40:])
    assert follow(str(path)).lines == 1
    assert book() == (2, 2, 0, 0)


def test_rotation_by_rename_then_gzip_loses_and_doubles_nothing(fresh_app: Flask, tmp_path: Path) -> None:
    path, old = half_read(tmp_path)
    path.rename(old)
    path.write_bytes(lines(110, 5))
    assert follow(str(path)).lines == 15
    append(old, 115, 3)  # nginx writes there until it is told to open its log again
    with gzip.open(tmp_path / "access.log.2.gz", "wb") as packed:
        packed.write(old.read_bytes())
    old.unlink()
    assert follow(str(path)).lines == 3
    assert follow(str(path)).lines == 0
    assert book() == (118, 118, 0, 0)
    assert ask("SELECT count(DISTINCT path_id) FROM traffic_hits") == [(118,)]


def test_a_log_that_was_packed_before_it_was_ever_read_is_read(fresh_app: Flask, tmp_path: Path) -> None:
    with gzip.open(tmp_path / "access.log.1.gz", "wb") as packed:
        packed.write(lines(0, 20))
    write(tmp_path, "access.log", lines(20, 5))
    assert follow(str(tmp_path / "access.log")).lines == 25


def test_rotation_by_copying_loses_and_doubles_nothing(fresh_app: Flask, tmp_path: Path) -> None:
    path, old = half_read(tmp_path)
    shutil.copy(path, old)
    assert follow(str(path)).lines == 10  # the copy waits until the log is empty
    os.truncate(path, 0)
    append(path, 110, 200)  # more than there was: its size tells nothing
    assert follow(str(path)).lines == 200
    assert follow(str(path)).lines == 0
    assert book() == (310, 310, 0, 0)


def test_what_was_not_read_before_the_copy_is_read_from_the_copy(fresh_app: Flask, tmp_path: Path) -> None:
    path, old = half_read(tmp_path)
    shutil.copy(path, old)
    os.truncate(path, 0)
    follow(str(path))
    follow(str(path))
    assert book() == (110, 110, 0, 0)


def test_the_same_log_read_again_by_hand_counts_nothing_twice(fresh_app: Flask, tmp_path: Path) -> None:
    path = write(tmp_path, "access.log", lines(0, 100))
    assert ingest(path).lines == 100
    assert ingest(path).lines == 0
    with gzip.open(tmp_path / "access.log.1.gz", "wb") as packed:
        packed.write(Path(path).read_bytes())
    assert ingest(str(tmp_path / "access.log.1.gz")).lines == 0
    assert book()[0] == 100


def test_a_file_that_is_met_empty_and_becomes_a_copy_counts_nothing_twice(fresh_app: Flask, tmp_path: Path) -> None:
    path, old = tmp_path / "access.log", tmp_path / "access.log.1"
    path.write_bytes(lines(0, 100))
    old.touch()  # who copies begins with nothing
    assert follow(str(path)).lines == 100
    old.write_bytes(path.read_bytes())
    os.truncate(path, 0)
    follow(str(path))
    append(path, 100, 5)
    assert follow(str(path)).lines == 5
    assert book() == (105, 105, 0, 0)


def test_a_line_without_end_beyond_64_megabytes_waits_for_it(fresh_app: Flask, tmp_path: Path) -> None:
    path = Path(write(tmp_path, "access.log", lines(0, 1), b"x" * (73 << 20)))
    assert follow(str(path)).lines == 1
    with path.open("ab") as log:
        log.write(b"x\n" + lines(1, 2))
    while follow(str(path)).lines:
        pass
    assert book() == (4, 3, 1, 0)


class Writer(threading.Thread):
    """Writes lines as fast as it can, and rotates its log in every way."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.written = 0
        self.rotations = 0
        self.stop = threading.Event()

    def run(self) -> None:
        log = self.path.open("ab", buffering=0)
        next_rotation = time.monotonic() + 1
        while not (self.stop.is_set() and self.rotations >= ROTATIONS):
            log.write(lines(self.written, 200))
            self.written += 200
            let_pass(0.01)  # as fast as it can, and yet two readers can follow
            if time.monotonic() < next_rotation or self.rotations >= ROTATIONS:
                continue
            for number in range(self.rotations, 0, -1):
                for end in ("", ".gz"):
                    old = self.path.with_name(f"access.log.{number}{end}")
                    if old.exists():
                        old.rename(self.path.with_name(f"access.log.{number + 1}{end}"))
            first = self.path.with_name("access.log.1")
            if self.rotations % 2:
                shutil.copy(self.path, first)
                os.truncate(self.path, 0)
            else:
                self.path.rename(first)
                log.write(lines(self.written, 7))  # the old one still takes lines
                self.written += 7
                log.close()
                log = self.path.open("ab", buffering=0)
            self.rotations += 1
            second = self.path.with_name("access.log.2")
            if self.rotations % 3 == 0 and second.exists():
                subprocess.run(["gzip", str(second)], check=True)
            next_rotation = time.monotonic() + 1
        log.close()


@pytest.mark.needs("gzip")
def test_fifty_kills_and_ten_rotations_at_full_speed_leave_each_line_counted_once(
    fresh_app: Flask, fresh_settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "access.log"
    path.touch()
    environment = {
        **os.environ, "BOTTEGA_ENV": "test", "BOTTEGA_INSTANCE": str(tmp_path / "instance"),
        "DATABASE_URL": str(fresh_settings.database_url), "GOLD_DATABASE_URL": str(fresh_settings.gold_database_url),
        "LOG_LEVEL": "WARNING",
    }  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-m", "tests.rooms.traffic.follower", str(path)],
        cwd=PROJECT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as nursery:  # fmt: skip
        assert nursery.stdin
        assert nursery.stdout
        assert nursery.stdout.readline() == "ready\n"

        def start() -> int:
            assert nursery.stdin
            assert nursery.stdout
            nursery.stdin.write("start\n")
            nursery.stdin.flush()
            return int(nursery.stdout.readline())

        writer = Writer(path)
        writer.start()
        alive = [start(), start()]  # two at once
        chance = random.Random(7)
        for _ in range(KILLS):
            let_pass(chance.uniform(0.05, 0.6))
            os.kill(alive.pop(0), signal.SIGKILL)
            alive.append(start())
        writer.stop.set()
        writer.join()
        for child in alive:
            os.kill(child, signal.SIGKILL)
        nursery.stdin.close()
    while follow(str(path)).lines:
        pass
    follow(str(path))
    assert writer.rotations == ROTATIONS
    assert book() == (writer.written, writer.written, 0, 0)
    [(count, distinct)] = ask("SELECT count(*), count(DISTINCT path_id) FROM traffic_hits")
    assert (count, distinct) == (writer.written, writer.written)
