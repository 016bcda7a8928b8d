"""A real browser on a real server: the demo company, its figures refined, and Debian's Chromium."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, StorageState, expect
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.conftest import create_database
from webapp.app import create_app
from webapp.blueprints.accounts.demo import PASSWORD, PEOPLE
from webapp.core.db import db, transaction
from webapp.core.embedded import EmbeddedPostgres
from webapp.core.settings import PROJECT, Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
ANSWER = "journeys.answer"
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")


class SilentHandler(WSGIRequestHandler):
    """Answers without a line in the log for each request, and closes the answers that a browser went away from."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""

    def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Close its answer: Werkzeug leaves its file open when what it reads from the lost line fails as well."""
        close = getattr((environ or {}).get(ANSWER), "close", None)
        if close is not None:
            close()


def keeping_answers(app: WSGIApplication) -> WSGIApplication:
    """The application, with each answer told in its environment for the handler to close."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[ANSWER] = answered = app(environ, start_response)
        return answered

    return answer


@dataclass(frozen=True)
class House:
    """The running suite of a journey."""

    address: str
    app: Flask

    def query(self, statement: str, **values: object) -> Any:
        """One value from the rooms' database, to check what a page did."""
        with self.app.app_context():
            return db.session.execute(text(statement), values).scalar()

    def store(self, make: Callable[[Session], Any]) -> int:
        """Store a record that the journey has to itself; its id."""
        with self.app.app_context(), transaction() as session:
            return int(make(session).id)

    def run(self, *words: object) -> str:
        """Run a command on the same databases; what it printed."""
        with self.app.app_context():
            result = self.app.test_cli_runner().invoke(args=[str(word) for word in words])
        assert result.exit_code == 0, result.output
        return result.output


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, told not to call home."""
    return {
        **browser_type_launch_args,
        "executable_path": shutil.which("chromium"),
        "args": ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
    }


@pytest.fixture(scope="session")
def house(settings: Settings, server: EmbeddedPostgres) -> Iterator[House]:
    """The suite with the demo company and its figures, served on a free port."""
    own = replace(
        settings,
        database_url=create_database(server, "journeys_bottega", template="bottega"),
        gold_database_url=create_database(server, "journeys_gold"),
    )
    app = create_app(own)
    listener = make_server("127.0.0.1", 0, keeping_answers(app), threaded=True, request_handler=SilentHandler)
    house = House(f"http://127.0.0.1:{listener.server_port}", app)
    house.run("demo", "load")
    house.run("etl", "run")
    thread = threading.Thread(target=listener.serve_forever)
    thread.start()
    yield house
    listener.shutdown()
    thread.join()
    listener.server_close()
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@dataclass
class Visitor:
    """Somebody at a browser; what the console complains of is kept, but for the refusals that the journey provokes."""

    page: Page
    house: House
    complaints: list[str] = field(default_factory=list)
    refusals: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(10_000)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        refused = REFUSED.match(message.text)
        if message.type in ("error", "warning") and not (refused and int(refused[1]) in self.refusals):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def go(self, path: str) -> None:
        """Open a page of the house, which answers with 200 or with a refusal that the journey provokes.

        With scripts, the page stands when its charts are drawn: until then they move what is below them, and a click on a
        mark goes nowhere.
        """
        answer = self.page.goto(self.house.address + path)
        assert answer is not None
        assert answer.ok or answer.status in self.refusals, f"{path}: {answer.status}"
        self.see_the_charts()

    def see_the_charts(self) -> None:
        """Wait until no chart of the page is still to be drawn; without scripts none ever is."""
        expect(self.page.locator(".sends-changes [data-chart]:not([data-drawn])")).to_have_count(0)

    @property
    def path(self) -> str:
        """Where the visitor is, with the query."""
        return self.page.url.removeprefix(self.house.address)

    def sign_in(self, role: str) -> None:
        """Sign in through the page."""
        self.go("/login")
        self.page.locator("input[name=email]").fill(PEOPLE[role][0])
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.locator("main form[action='/login'] button").click()
        self.page.wait_for_url("**/backoffice/**")

    def carry(self, what: Locator, onto: Locator, arrived: Locator, *, x: float = 0.5, y: float = 0.5) -> None:
        """Drag something with the mouse to a share of a place's width and height, and let go once it lies where `arrived` is.

        The hand trembles until then: what is carried makes room for itself, and a list that moved something is deaf for a while.
        """
        mouse = self.page.mouse
        what.hover()
        mouse.down()
        for step in range(100):
            box = onto.bounding_box()
            assert box
            mouse.move(box["x"] + box["width"] * x + step % 2, box["y"] + box["height"] * y, steps=3)
            if arrived.count():
                break
        mouse.up()

    @property
    def overflow(self) -> int:
        """By how many pixels the page is wider than the screen."""
        width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return cast("int", self.page.evaluate(width))

    def turn(self, theme: str) -> None:
        """Let the device prefer the `light` or the `dark` theme; drawn charts follow."""
        self.page.emulate_media(color_scheme=cast("Any", theme))
        for chart in self.page.locator("[data-chart]").all():
            expect(chart).to_have_attribute("data-drawn", theme)

    def violations(self, *rules: str) -> list[str]:
        """What axe-core finds wrong with the page as it stands now, by these rules or by all of them."""
        self.page.wait_for_load_state()
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "rules => axe.run(document, {resultTypes: ['violations'], ...(rules.length ? {runOnly: rules} : {})})",
            rules,
        )
        return [
            f"{self.path}: {rule['id']}, {node['target']}: {node['failureSummary']}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]


@pytest.fixture(scope="session")
def keys() -> dict[str, StorageState]:
    """The cookies of each role once somebody has signed in with it."""
    return {}


@pytest.fixture
def visit(browser: Browser, house: House, keys: dict[str, StorageState]) -> Iterator[Callable[..., Visitor]]:
    """`visit("owner", locale="it-IT", dark=True, phone=True, scripts=False)` opens a browser of its own.

    The console of every browser must be empty when the journey ends.
    """
    contexts: list[BrowserContext] = []
    visitors: list[Visitor] = []

    def open_browser(
        role: str = "", *, locale: str = "en-GB", dark: bool = False, phone: bool = False, scripts: bool = True
    ) -> Visitor:
        context = browser.new_context(
            locale=locale,
            color_scheme="dark" if dark else "light",
            viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 900},
            java_script_enabled=scripts,
            reduced_motion="reduce",
            storage_state=keys.get(role),
        )
        contexts.append(context)
        visitor = Visitor(context.new_page(), house)
        visitors.append(visitor)
        if role and role not in keys:
            visitor.sign_in(role)
            keys[role] = context.storage_state()
        return visitor

    yield open_browser
    for context in contexts:
        context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []
