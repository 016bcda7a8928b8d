"""Google's Lighthouse on a phone's profile: five public pages of the demo company, in Debian's Chromium, behind nginx.

Its packages are the bench's own: `npm ci --prefix bench`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from bench.context import Context
from bench.house import open_house, read, serving
from bench.rows import Row
from bench.site import front_door
from webapp.core.db import db
from webapp.core.site import PublicPage, public_pages

PROGRAM = Path(__file__).parent / "node_modules/lighthouse/cli/index.js"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
LEAST = 95
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update"
# the page, its kind or a word of its address
WANTED = (
    ("landing", r"^/it$"),
    ("page", r"^/it/chi-siamo|^/it/[\w-]+$"),
    ("gallery", r"galler|laborator"),
    ("product", r"^/it/(prodotti|catalogo)/.+"),
    ("contact", r"contatt"),
)


def measure(context: Context) -> list[Row]:
    """What is missing of a hundred, for each page and category: five points at most."""
    chromium = shutil.which("chromium")
    if chromium is None or not PROGRAM.exists() or shutil.which("nginx") is None:
        print("Lighthouse does not run: it wants chromium, nginx and `npm ci --prefix bench`", file=sys.stderr)
        return []
    rows = []
    with (
        open_house(context) as house,
        serving(house) as port,
        front_door(house.folder / "front", port) as (front, files),
    ):
        with house.app.app_context():
            pages = list(public_pages(db.session()))
            db.session.remove()
        house.run("pictures", "redraw", "--waiting")
        renditions = house.folder / "instance/media/renditions"
        if renditions.is_dir():
            shutil.copytree(renditions, files, dirs_exist_ok=True)
        for name, pattern in WANTED:
            page = next((each for each in _in_order(pages) if re.search(pattern, each.path)), None)
            if page is None:
                print(f"lighthouse: there is no {name}", file=sys.stderr)
                continue
            read(front + page.path)
            scores = _scores(chromium, front + page.path, house.folder / f"{name}.json")
            rows += [
                Row(f"lighthouse: {name}, {category}", score, "", page.path, (100 - score) / (100 - LEAST), 1.0)
                for category, score in scores.items()
            ]
    return rows


def _in_order(pages: list[PublicPage]) -> list[PublicPage]:
    return sorted(pages, key=lambda page: (len(page.path), page.path))


def _scores(chromium: str, address: str, report: Path) -> dict[str, float]:
    command = [
        "node", str(PROGRAM), address, "--output=json", f"--output-path={report}", "--quiet", f"--chrome-flags={FLAGS}",
        f"--only-categories={','.join(CATEGORIES)}",
    ]  # fmt: skip
    done = subprocess.run(
        command, env={**os.environ, "CHROME_PATH": chromium}, capture_output=True, text=True, check=False
    )
    if not report.exists():
        raise SystemExit(f"Lighthouse failed on {address}:\n{done.stderr}")
    told = json.loads(report.read_text("utf-8"))
    for audit in told["audits"].values():
        if audit.get("score") is not None and audit["score"] < 0.9 and audit["scoreDisplayMode"] != "informative":
            print(f"  {address}: {audit['id']} {audit['score']} {audit.get('displayValue', '')}", file=sys.stderr)
    return {name: round(100 * (told["categories"][name]["score"] or 0)) for name in CATEGORIES}
