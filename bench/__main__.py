"""Run the bench and print it as a table: `python -m bench [PART…]`; writes bench/results/latest.json."""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import platform
import sys
from pathlib import Path

from bench.context import prepared
from bench.rows import Row
from bench.tools import demand_tools

PARTS = (
    "memory",
    "imports",
    "etl",
    "backfill",
    "lists",
    "dashboard",
    "notebooks",
    "traffic",
    "site",
    "large",
    "lighthouse",
)
ALONE = frozenset({"memory", "site", "large", "lighthouse"})  # they open a house of their own
RESULTS = Path(__file__).parent / "results" / "latest.json"


def main(wanted: list[str]) -> int:
    """Measure the wanted parts, all by default. 1 when a limit is missed.

    Earlier parts run too, their data are needed, but for those that open a house of their own.
    """
    if unknown := set(wanted) - set(PARTS):
        print(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    last = max((PARTS.index(part) for part in wanted or PARTS if part not in ALONE), default=-1)
    chosen = [part for part in PARTS if part in (wanted or PARTS) or (part not in ALONE and PARTS.index(part) < last)]
    demand_tools(chosen)
    rows: list[Row] = []
    with prepared() as context:
        for part in chosen:
            print(f"measuring {part} …", file=sys.stderr)
            rows += importlib.import_module(f"bench.{part}").measure(context)
    _write(rows)
    _print(rows)
    return int(any(row.missed for row in rows))


def _write(rows: list[Row]) -> None:
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "machine": platform.machine()}
    RESULTS.write_text(
        json.dumps({"machine": machine, "rows": [dataclasses.asdict(row) for row in rows]}, indent=2) + "\n"
    )


def _print(rows: list[Row]) -> None:
    width = max(len(row.name) for row in rows)
    print(f"{'what':{width}}  {'measured':>12}  {'ratio':>7}  {'limit':>7}  beside")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        limit = "" if row.limit is None else f"{row.limit:g}"
        mark = "  MISSED" if row.missed else ""
        print(f"{row.name:{width}}  {row.measured:>9,.2f} {row.unit:2}  {ratio:>7}  {limit:>7}  {row.reference}{mark}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
