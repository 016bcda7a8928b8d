"""The public site: a page from the cache beside a bare Jinja page, through nginx beside a static file, read while one publishes.

The load is made by wrk (Debian package `wrk`): over kept connections, the same number for both of a pair, by turns.
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.context import Context
from bench.house import House, free_port, open_house, read, running, serving
from bench.rows import Row
from bench.site_app import BARE
from tests.deployment.front_door import FrontDoor
from tests.waiting import until
from webapp.blueprints.website.models import HOME, Page
from webapp.blueprints.website.queries.pages import get_written
from webapp.blueprints.website.services.drafts import Content, save_draft
from webapp.blueprints.website.services.publishing import publish
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM

LANGUAGE = "it"
PAGE = f"/{LANGUAGE}"
SECONDS = 3
ROUNDS = 3
CONNECTIONS = 8
AS_FAST = 0.9  # of the requests per second of a bare Jinja page
BESIDE_FILE = 0.8  # of those of a static file
SLOWEST = 0.5  # seconds of the slowest of a hundred, while somebody publishes
EVERY = 1 / 9  # seconds from the beginning of a publication to that of the next, as far as it keeps up
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclass(frozen=True)
class Load:
    """What wrk measured."""

    per_second: float
    p99: float
    errors: int


def measure(context: Context) -> list[Row]:
    """A page from the cache and from nginx, each beside what does nothing else; and while an editor publishes."""
    with open_house(context) as house, serving(house, "bench.site_app:create()") as port:
        origin = f"http://127.0.0.1:{port}"
        _see_that_it_is_kept(origin)
        return [_beside_a_bare_page(origin), *_while_somebody_publishes(house, origin), _beside_a_file(house, port)]


def _beside_a_bare_page(origin: str) -> Row:
    page, bare = _by_turns(origin + PAGE, f"{origin}{BARE}/")
    said = f"bare Jinja page {bare:,.0f}/s; the page {page:,.0f}/s"
    return Row("site: a page from the cache", 1000 / page, "ms", said, bare / page, round(1 / AS_FAST, 2))


def _beside_a_file(house: House, port: int) -> Row:
    with front_door(house.folder / "front", port) as (front, files):
        body = read(front + PAGE)
        (files / "page.html").write_bytes(body)
        page, file = _by_turns(front + PAGE, f"{front}/media/page.html")
    said = f"static file of the same bytes {file:,.0f}/s; the page {page:,.0f}/s"
    return Row("site: a page from nginx's micro-cache", 1000 / page, "ms", said, file / page, 1 / BESIDE_FILE)


def _while_somebody_publishes(house: House, origin: str) -> list[Row]:
    alone = _load(origin + PAGE)
    leave, told = threading.Event(), list[float]()
    begun = time.perf_counter()
    with ThreadPoolExecutor(1) as room:
        editor = room.submit(_publish, house, leave, told)
        try:
            busy = _load(origin + PAGE)
        finally:
            leave.set()
        editor.result()
    changes = len(told) / (time.perf_counter() - begun)
    shown = f"{len(told)} · ".encode()
    until(lambda: shown in read(origin + PAGE), 20, lambda: f"{PAGE} does not show what was published last")
    said = f"alone {alone.p99 * 1000:.0f} ms; {busy.per_second:,.0f} pages/s beside {changes:.1f} publications/s"
    return [
        Row("site: p99 of reading while an editor publishes", busy.p99 * 1000, "ms", said, limit=SLOWEST * 1000),
        Row("site: readers who got no page meanwhile", busy.errors, "", "none may", limit=0),
        Row("site: p99 of publishing meanwhile", sorted(told)[int(len(told) * 0.99)] * 1000, "ms", ""),
    ]


def _publish(house: House, leave: threading.Event, told: list[float]) -> None:
    """Publish the start page with another title, again and again, as the editor does: how long each took."""
    with house.app.app_context():
        home = db.session().scalars(select(Page.id).where(Page.kind == HOME)).one()
        title = get_written(db.session(), home, LANGUAGE).draft.title
        db.session.remove()
        rest = 0.0
        while not leave.wait(rest):
            begun = time.perf_counter()
            with transaction() as session:
                _publish_as(session, home, f"{len(told) + 1} · {title}")
            told.append(time.perf_counter() - begun)
            db.session.remove()
            rest = max(0.0, EVERY - told[-1])


def _publish_as(session: Session, page: int, title: str) -> None:
    draft = get_written(session, page, LANGUAGE).draft
    content = Content(title, draft.menu_title, draft.description, draft.blocks)
    place: Any = {"by": SYSTEM, "page_id": page, "language": LANGUAGE}
    saved = save_draft(session, **place, version=draft.version, content=content, remember=True)
    publish(session, **place, version=saved.version)


def _see_that_it_is_kept(origin: str) -> None:
    """The second worker too has heard of the page; what is drawn twice is not what this measures."""
    numbers = 0
    deadline = time.monotonic() + 30
    while numbers < 20:
        began = time.perf_counter()
        read(origin + PAGE)
        numbers = numbers + 1 if time.perf_counter() - began < 0.01 else 0
        if time.monotonic() > deadline:
            raise SystemExit(f"{PAGE} does not come from the cache")


def _by_turns(one: str, other: str) -> tuple[float, float]:
    """Requests per second of two addresses, each the median of rounds that take turns: the machine's pace drifts."""
    rounds = [(_load(one).per_second, _load(other).per_second) for _ in range(ROUNDS)]
    return statistics.median(each[0] for each in rounds), statistics.median(each[1] for each in rounds)


def _load(address: str) -> Load:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", address]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    per_second = re.search(r"Requests/sec:\s+([\d.]+)", said)
    slowest = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", said)
    if not per_second or not slowest:
        raise SystemExit(f"wrk said something else:\n{said}")
    errors = [int(number) for number in re.findall(r"(?:connect|read|write|timeout|responses:) (\d+)", said)]
    return Load(float(per_second[1]), float(slowest[1]) * UNITS[slowest[2]], sum(errors))


@contextmanager
def front_door(root: Path, suite: int) -> Iterator[tuple[str, Path]]:
    """This house's nginx as production has it, on a plain port and without its limits by address: where, and its files."""
    root.mkdir()
    door = FrontDoor(root, suite=suite)
    door.install()
    own, served = Path(__file__).parents[1] / "webapp/static", root / "opt/web/static/dist"
    shutil.copytree(own / "dist", served, dirs_exist_ok=True)  # without them a page is measured naked
    if node := shutil.which("node"):
        subprocess.run([node, str(own / "compress.mjs"), str(served)], check=True, stdout=subprocess.DEVNULL)
    snippets, plain = root / "etc/nginx/bottega/snippets", free_port()
    http = snippets / "http.conf"
    http.write_text(http.read_text("utf-8").replace("rate=30r/s", "rate=1000000r/s"), "utf-8")
    (root / "etc/nginx/conf.d/bottega.conf").write_text(
        f"""
        include {snippets}/http.conf;
        proxy_cache_path {root}/var/lib/nginx/pages levels=1:2 keys_zone=pages:10m max_size=200m inactive=10m use_temp_path=off;
        proxy_cache_path {root}/var/lib/nginx/door keys_zone=door:2m max_size=20m inactive=10s use_temp_path=off;
        upstream bottega_suite {{ server 127.0.0.1:{suite}; keepalive 16; }}
        server {{
            listen 127.0.0.1:{plain};
            set $suite bottega_suite;
            set $door 127.0.0.1:{door.door};
            access_log {root}/access.log bottega;
            include {snippets}/suite.conf;
        }}
        """
    )
    with running(door.command()):
        until((root / "nginx.pid").exists, 20, (root / "error.log").read_text)
        yield f"http://127.0.0.1:{plain}", root / "opt/web/media"
