"""The import of the real sales file: its time beside the floor, its memory, and the same file once more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from bench.context import Context
from bench.floor import REFERENCE, floor_seconds
from bench.rows import Row

COMMAND = (sys.executable, "-c", "from webapp.cli import main; main()", "sales", "import")
MOST_TIMES_THE_FLOOR = 10
MOST_MEGABYTES = 400


@dataclass(frozen=True)
class Run:
    """One run of the command in a process of its own: wall clock, peak of its resident memory, what it printed."""

    seconds: float
    megabytes: float
    printed: dict[str, Any]


def measure(context: Context) -> list[Row]:
    """Import the real file twice; the first run leaves the data that the other parts measure."""
    floor = floor_seconds(context)
    first = _import(context)
    again = _import(context)
    if first.printed["accepted"] != first.printed["rows"] or again.printed["already_known"] != again.printed["rows"]:
        raise SystemExit(f"the import is wrong, its time says nothing: {first.printed} {again.printed}")
    return [
        Row("floor", floor, "s", "the ratios' reference"),
        Row("import of the real file", first.seconds, "s", REFERENCE, first.seconds / floor, MOST_TIMES_THE_FLOOR),
        Row("import, peak memory", first.megabytes, "MB", "resident memory of the command", limit=MOST_MEGABYTES),
        Row(
            "import of the same file again", again.seconds, "s", REFERENCE, again.seconds / floor, MOST_TIMES_THE_FLOOR
        ),
    ]


def _import(context: Context) -> Run:
    words = [*COMMAND, str(context.sales_file), "--mapping", "online-retail", "--json"]
    began = time.perf_counter()
    process = subprocess.Popen(words, env=context.environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    printed = process.stdout.read()
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the import ended with {process.returncode}")
    return Run(seconds, usage.ru_maxrss / 1024, json.loads(printed))
