"""A `bottega` command measured from outside, as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from bench.context import Context


@dataclass(frozen=True)
class Run:
    """One run of a command: wall clock, peak of its resident memory, the JSON that it printed."""

    seconds: float
    megabytes: float
    printed: dict[str, Any]


def run(context: Context, *words: str) -> Run:
    """Run `bottega WORDS --json` on the bench's databases. Raises SystemExit when it fails."""
    command = [sys.executable, "-m", "webapp.cli", *words, "--json"]
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env=context.environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    with process.stdout as output:
        printed = output.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"`bottega {' '.join(words)}` ended with {process.returncode}")
    return Run(seconds, usage.ru_maxrss / 1024, json.loads(printed))
