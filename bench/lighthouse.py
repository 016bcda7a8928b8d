"""Google's Lighthouse on a phone's profile: five public pages of the demo company, in Debian's Chromium, behind nginx.

Its packages are the bench's own: `npm ci --prefix bench`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from bench.context import Context
from bench.house import open_house, read, serving
from bench.rows import Row
from bench.site import front_door
from bench.tools import LIGHTHOUSE
from webapp.core.db import db
from webapp.core.site import public_pages

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
LEAST = 95
MOST_KILOBYTES = 250.0  # of the landing page, its pictures left out
MOST_SHIFT = 0.1
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update"
# the page, and the demo company's address of it; of a product any will do
WANTED = {"landing": "/it", "page": "/it/chi-siamo", "gallery": "/it/laboratorio", "contact": "/it/contatti"}


def measure(context: Context) -> list[Row]:
    """What is missing of a hundred, for each page and category: five points at most; and what the pages weigh and shift."""
    rows, shifts = [], {}
    with (
        open_house(context) as house,
        serving(house) as port,
        front_door(house.folder / "front", port) as (front, files),
    ):
        wanted = _wanted(house.app)
        house.run("pictures", "redraw", "--waiting")
        renditions = house.folder / "instance/media/renditions"
        if renditions.is_dir():
            shutil.copytree(renditions, files, dirs_exist_ok=True)
        for name, path in wanted.items():
            read(front + path)
            told = _told(front + path, house.folder / f"{name}.json")
            for category in CATEGORIES:
                score = round(100 * (told["categories"][category]["score"] or 0))
                lacks = (100 - score) / (100 - LEAST)
                rows.append(Row(f"lighthouse: {name}, {category}", score, "", path, lacks, 1.0))
            shifts[path] = told["audits"]["cumulative-layout-shift"]["numericValue"]
            if name == "landing":
                said = "what the browser received"
                weight = _kilobytes_without_pictures(told["audits"])
                rows.append(Row("landing, weight without pictures", weight, "kB", said, limit=MOST_KILOBYTES))
    worst = max(shifts, key=lambda path: shifts[path])
    return [*rows, Row("the largest cumulative layout shift of them", shifts[worst], "", worst, limit=MOST_SHIFT)]


def _wanted(app: Flask) -> dict[str, str]:
    """The paths to measure by the name of the page. Raises SystemExit when the demo company has one no more."""
    with app.app_context():
        kinds = {page.path: page.kind for page in public_pages(db.session()) if page.language == "it"}
        db.session.remove()
    product = min((path for path, kind in kinds.items() if kind == "product"), default="/it/… (a product)")
    wanted = WANTED | {"product": product}
    if missing := [path for path in wanted.values() if path not in kinds]:
        raise SystemExit(f"Lighthouse wants pages that the demo company does not have: {', '.join(missing)}")
    return wanted


def _kilobytes_without_pictures(audits: Mapping[str, Any]) -> float:
    requests = audits["network-requests"]["details"]["items"]
    return float(sum(each["transferSize"] for each in requests if each.get("resourceType") != "Image")) / 1000


def _told(address: str, report: Path) -> dict[str, Any]:
    """Lighthouse's report on a page; what is short of the best is printed."""
    command = [
        str(LIGHTHOUSE), address, "--output=json", f"--output-path={report}", "--quiet", f"--chrome-flags={FLAGS}",
        f"--only-categories={','.join(CATEGORIES)}",
    ]  # fmt: skip
    environ = {**os.environ, "CHROME_PATH": shutil.which("chromium") or ""}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if not report.exists():
        raise SystemExit(f"Lighthouse failed on {address}:\n{done.stderr}")
    told: dict[str, Any] = json.loads(report.read_text("utf-8"))
    for audit in told["audits"].values():
        if audit.get("score") is not None and audit["score"] < 0.9 and audit["scoreDisplayMode"] != "informative":
            print(f"  {address}: {audit['id']} {audit['score']} {audit.get('displayValue', '')}", file=sys.stderr)
    return told
