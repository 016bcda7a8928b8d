"""A million lines of a real access log, read by `bottega traffic ingest` beside GoAccess, in one run on one file.

GoAccess (Debian package `goaccess`) parses and counts and keeps nothing; this stores every line durably. The file repeats
the real lines of elastic/examples and nielsbasjes/logparser with moving times, the last of them now.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import text

from bench.context import Context
from bench.rows import Row
from webapp.core.db import db

LINES = 1_000_000
FILES = ("elastic_apache_logs.log", "elastic_nginx_logs_excerpt.log", "basjes_hackers-access.log")
AHEAD = 1.5  # times GoAccess's rate, at least
MEGABYTES = 500.0
TIME = re.compile(rb"\[[^\]]{26}\]")
PER_SECOND = 4


def measure(context: Context) -> list[Row]:
    """Seconds of both, and the peak of this house's own processes; PostgreSQL's memory is not counted."""
    path = Path(context.environ["BOTTEGA_INSTANCE"]) / "million.log"
    _write(path, context.sales_file.parents[1] / "logs")
    ours, megabytes = _ingest(context, path)
    theirs = _goaccess(path)
    path.unlink()
    with db.engines[None].connect() as connection:
        stored = connection.execute(text("SELECT count(*) FROM traffic_hits")).scalar_one()
    if stored != LINES:
        raise RuntimeError(f"{stored:,} lines of {LINES:,} were stored")
    beside = f"GoAccess {LINES / theirs:,.0f} lines/s, keeping nothing; here {LINES / ours:,.0f} lines/s, stored"
    return [
        Row("traffic: a million lines parsed and stored", ours, "s", beside, ratio=ours / theirs, limit=1 / AHEAD),
        Row("traffic: the same, peak of memory", megabytes, "MB", "500 MB; PostgreSQL not counted", limit=MEGABYTES),
    ]


def _write(path: Path, folder: Path) -> None:
    lines = [line for name in FILES for line in (folder / name).read_bytes().splitlines()]
    begin = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=LINES // PER_SECOND)
    with path.open("wb") as log:
        for number in range(LINES):
            moment = begin + dt.timedelta(seconds=number // PER_SECOND)
            stamp = moment.strftime("[%d/%b/%Y:%H:%M:%S +0000]").encode()
            log.write(TIME.sub(stamp, lines[number % len(lines)], count=1) + b"\n")


def _ingest(context: Context, path: Path) -> tuple[float, float]:
    """Seconds of reading and storing, as the command tells them, and megabytes of its process."""
    command = [sys.executable, "-m", "webapp.cli", "traffic", "ingest", str(path), "--format", "combined", "--json"]
    process = subprocess.Popen(command, env=context.environ, stdout=subprocess.PIPE)
    out = process.stdout.read() if process.stdout else b""
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"bottega traffic ingest ended with {process.returncode}")
    return float(json.loads(out)["seconds"]), _megabytes(used)


def _megabytes(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / (1024 if sys.platform == "linux" else 1 << 20)


def _goaccess(path: Path) -> float:
    begun = time.perf_counter()
    command = [
        "goaccess",
        str(path),
        "--log-format=COMBINED",
        "--no-global-config",
        "--no-progress",
        "-o",
        f"{path}.json",
    ]
    subprocess.run(command, check=True, capture_output=True)
    Path(f"{path}.json").unlink()
    return time.perf_counter() - begun
