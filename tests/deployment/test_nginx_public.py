"""Before the public site: nginx keeps its pages to the end of the second, for strangers; nothing that the suite did not allow."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.deployment.front_door import Answer, FrontDoor
from tests.waiting import until
from webapp.core.settings import PROJECT

pytestmark = pytest.mark.needs("nginx")
PAGE = b"<!DOCTYPE html><title>A page</title>" + b"words " * 400


@dataclass
class Suite:
    """Something that answers as the suite does, and counts who came."""

    asked: Counter[str] = field(default_factory=Counter)
    gate: threading.Event = field(default_factory=threading.Event)
    told: dict[str, Any] = field(default_factory=dict)
    kept: bool = True
    seconds: int = 5  # the suite itself says 0: to the end of this one; a busy machine needs longer for two requests
    status: int = 200


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontDoor]:
    door = FrontDoor(tmp_path_factory.mktemp("public") / "root")
    door.root.mkdir()
    door.install()
    with door.open():
        yield door


@pytest.fixture
def suite(door: FrontDoor) -> Iterator[Suite]:
    with answering(door) as suite:
        yield suite


@contextmanager
def answering(door: FrontDoor) -> Iterator[Suite]:
    suite = Suite()
    suite.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            suite.asked[self.path] += 1
            suite.told = dict(self.headers)
            suite.gate.wait(20)
            packed = self.headers.get("Accept-Encoding") == "gzip"
            body = gzip.compress(PAGE) if packed else PAGE
            self.send_response(suite.status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Cache-Control", "no-cache")
            self.send_header("Vary", "Accept-Encoding, Cookie, HX-Request")
            self.send_header("ETag", 'W/"tag"')
            self.send_header("X-Request-ID", self.headers["X-Request-ID"])
            if packed:
                self.send_header("Content-Encoding", "gzip")
            if suite.kept:
                self.send_header("X-Accel-Expires", f"@{int(time.time()) + suite.seconds}")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", door.suite), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield suite
    finally:
        suite.gate.set()
        server.shutdown()
        thread.join()
        server.server_close()


def let_the_second_end() -> None:
    begun = int(time.time())
    until(lambda: int(time.time()) > begun, 5, every=0.05)


def test_a_page_is_asked_for_once(door: FrontDoor, suite: Suite) -> None:
    first, second = door.ask("/it/once"), door.ask("/it/once")
    assert [each.headers["X-Cache"] for each in (first, second)] == ["MISS", "HIT"]
    assert first.body == second.body == PAGE
    assert suite.asked["/it/once"] == 1
    for name in ("Strict-Transport-Security", "Permissions-Policy"):
        assert second.headers[name]
    assert "X-Accel-Expires" not in first.headers


def test_in_the_next_second_it_is_asked_for_anew(door: FrontDoor, suite: Suite) -> None:
    suite.seconds = 0
    door.ask("/it/anew")
    let_the_second_end()
    assert door.ask("/it/anew").headers["X-Cache"] == "EXPIRED"
    assert suite.asked["/it/anew"] == 2


def test_what_the_suite_does_not_allow_is_kept_for_nobody(door: FrontDoor, suite: Suite) -> None:
    suite.kept = False
    assert [door.ask("/en/own").headers["X-Cache"] for _ in range(3)] == ["MISS"] * 3
    assert suite.asked["/en/own"] == 3


@pytest.mark.parametrize(
    "own",
    [{"Cookie": "session=abc"}, {"Cookie": "theme=dark; remember_token=abc"}, {"Authorization": "Bearer x"}, {"HX_Request": "true"}],
    ids=str,
)  # fmt: skip
def test_who_is_somebody_is_never_answered_from_it(door: FrontDoor, suite: Suite, own: dict[str, str]) -> None:
    path = f"/it/somebody?{len(str(own))}"
    door.ask(path)
    answers = [door.ask(path, **own) for _ in range(2)]
    assert [each.headers["X-Cache"] for each in answers] == ["BYPASS", "BYPASS"]
    assert suite.asked[path] == 3


def test_what_shows_makes_another_page_and_other_cookies_do_not(door: FrontDoor, suite: Suite) -> None:
    for cookie in ("a=b", "theme=dark", "consent=3", "theme=nonsense", "language=it; _ga=1"):
        door.ask("/it/shows", Cookie=cookie)
    assert suite.asked["/it/shows"] == 3


def test_the_suite_reads_no_cookie_in_another_way_than_it_is_kept_by(door: FrontDoor, suite: Suite) -> None:
    door.ask("/it/read", Cookie='theme="dark"; Theme=light; consent=3; Consent=4; _ga=1')
    assert suite.told["Cookie"] == "theme=; consent=3"
    door.ask("/it/read", Cookie="theme=dark; session=abc")
    assert suite.told["Cookie"] == "theme=dark; session=abc"


def test_a_page_is_kept_compressed_for_who_reads_that(door: FrontDoor, suite: Suite) -> None:
    packed = [door.ask("/it/packed", Accept_Encoding="br, gzip;q=0.8") for _ in range(2)]
    plain = [door.ask("/it/packed", Accept_Encoding=accepted) for accepted in ("", "gzip;q=0", "gzip; q=0.0, br")]
    assert {each.headers.get("Content-Encoding") for each in packed} == {"gzip"}
    assert {gzip.decompress(each.body) for each in packed} == {each.body for each in plain} == {PAGE}
    assert suite.asked["/it/packed"] == 2


def test_a_browser_that_has_the_page_is_told_so_by_nginx(door: FrontDoor, suite: Suite) -> None:
    door.ask("/it/had")
    answer = door.ask("/it/had", If_None_Match='W/"tag"')
    assert (answer.status, answer.body) == (304, b"")
    assert suite.asked["/it/had"] == 1


def test_a_crowd_waits_for_one(door: FrontDoor, suite: Suite) -> None:
    suite.gate.clear()
    answers: list[Answer] = []
    crowd = [threading.Thread(target=lambda: answers.append(door.ask("/it/crowd"))) for _ in range(12)]
    for each in crowd:
        each.start()
    until(lambda: suite.asked["/it/crowd"], 10, every=0.02)
    suite.gate.set()
    for each in crowd:
        each.join()
    assert {each.status for each in answers} == {200}
    assert suite.asked["/it/crowd"] == 1


def test_while_the_suite_is_away_the_page_stays(door: FrontDoor) -> None:
    with answering(door) as suite:
        suite.seconds = 0
        door.ask("/it/stays")
    let_the_second_end()
    answer = door.ask("/it/stays")
    assert (answer.status, answer.headers["X-Cache"], answer.body) == (200, "STALE", PAGE)
    assert door.ask("/it/never-read").status == 503


def test_an_answer_of_the_suite_that_it_cannot_serve_now_is_passed_on(door: FrontDoor, suite: Suite) -> None:
    suite.seconds = 0
    door.ask("/it/closed")
    let_the_second_end()
    suite.status, suite.kept = 503, False
    assert door.ask("/it/closed").status == 503


def test_other_addresses_are_not_kept(door: FrontDoor, suite: Suite) -> None:
    for path in ("/item", "/enter", "/backoffice/it/", "/api/v1/it"):
        for _ in range(2):
            assert "X-Cache" not in door.ask(path).headers
        assert suite.asked[path] == 2


def test_renditions_of_images_are_kept_for_good(door: FrontDoor, suite: Suite) -> None:
    folder = door.root / "opt/web/media/3f"
    folder.mkdir()
    name = f"3f{'a9' * 31}-640.avif"
    (folder / name).write_bytes(b"a picture")
    answer = door.ask(f"/media/3f/{name}")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert not suite.asked
    assert door.ask("/media/3f/elsewhere.webp").status == 200  # the suite was asked
    assert suite.asked["/media/3f/elsewhere.webp"] == 1


def test_every_built_file_lies_there_compressed_twice(tmp_path: Path) -> None:
    """What `compress.mjs` makes for `gzip_static` and `brotli_static`."""
    shutil.copytree(PROJECT / "webapp/static/dist", tmp_path / "dist")
    subprocess.run(["node", str(PROJECT / "webapp/static/compress.mjs"), str(tmp_path / "dist")], check=True)
    for path in (tmp_path / "dist").iterdir():
        if path.suffix in (".js", ".css", ".svg"):
            packed = path.with_name(f"{path.name}.gz").read_bytes()
            assert gzip.decompress(packed) == path.read_bytes()
            assert path.with_name(f"{path.name}.br").stat().st_size < len(packed)
