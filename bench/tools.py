"""The programs of others that parts of the bench measure with or beside."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

LIGHTHOUSE = Path(__file__).parent / "node_modules/.bin/lighthouse"
# by part: the program, and how one gets it
NEEDED = {
    "traffic": {"goaccess": "apt-get install goaccess"},
    "site": {"wrk": "apt-get install wrk", "nginx": "apt-get install nginx"},
    "lighthouse": {
        "nginx": "apt-get install nginx",
        "chromium": "apt-get install chromium",
        str(LIGHTHOUSE): "npm ci --prefix bench",
    },
}


def demand_tools(parts: Collection[str]) -> None:
    """Raises SystemExit when one is missing: before anything is measured, as a table with holes tells of no limit missed."""
    needed = {name: way for part in parts for name, way in NEEDED.get(part, {}).items()}
    if missing := [f"{Path(name).name} ({way})" for name, way in needed.items() if shutil.which(name) is None]:
        raise SystemExit(f"the bench lacks {', '.join(missing)}; or name the parts to measure: python -m bench PART…")
