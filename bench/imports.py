"""The import of the real sales file: its time beside the floor, its memory, and the same file once more."""

from __future__ import annotations

from bench.command import Run, run
from bench.context import Context
from bench.floor import REFERENCE, beside
from bench.rows import Row

MOST_TIMES_THE_FLOOR = 10
MOST_MEGABYTES = 400


def measure(context: Context) -> list[Row]:
    """Import the real file twice; the first run leaves the data that the other parts measure."""
    first, first_floor = beside(context, lambda: _import(context))
    again, again_floor = beside(context, lambda: _import(context))
    if first.printed["accepted"] != first.printed["rows"] or again.printed["already_known"] != again.printed["rows"]:
        raise SystemExit(f"the import is wrong, its time says nothing: {first.printed} {again.printed}")
    return [
        Row("floor", (first_floor + again_floor) / 2, "s", "the ratios' reference"),
        Row(
            "import of the real file", first.seconds, "s", REFERENCE, first.seconds / first_floor, MOST_TIMES_THE_FLOOR
        ),
        Row("import, peak memory", first.megabytes, "MB", "resident memory of the command", limit=MOST_MEGABYTES),
        Row("import of it once more", again.seconds, "s", REFERENCE, again.seconds / again_floor, MOST_TIMES_THE_FLOOR),
    ]


def _import(context: Context) -> Run:
    return run(context, "sales", "import", str(context.sales_file), "--mapping", "online-retail")
