"""A real browser on a real server: the demo company, its figures refined, and Debian's Chromium."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from sqlalchemy import create_engine, text
from werkzeug.serving import make_server

from tests.conftest import administer
from webapp.app import create_app
from webapp.core.db import db
from webapp.core.embedded import EmbeddedPostgres
from webapp.core.settings import PROJECT, Settings

AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
PASSWORDS = {"owner": "owner@demo.bottega.it", "staff": "staff@demo.bottega.it", "viewer": "viewer@demo.bottega.it"}


@dataclass(frozen=True)
class House:
    """The running suite of a journey."""

    address: str
    database_url: str

    def query(self, statement: str, **values: object) -> Any:
        """One value from the rooms' database, to check what a page did."""
        engine = create_engine(self.database_url)
        try:
            with engine.connect() as connection:
                return connection.execute(text(statement), values).scalar()
        finally:
            engine.dispose()


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
    administer(server, "CREATE DATABASE journeys_bottega TEMPLATE bottega")
    administer(server, "CREATE DATABASE journeys_gold")
    own = replace(settings, database_url=server.url("journeys_bottega"), gold_database_url=server.url("journeys_gold"))
    app = create_app(own)
    runner = app.test_cli_runner()
    for command in (["demo", "load"], ["etl", "run"]):
        result = runner.invoke(args=command)
        assert result.exit_code == 0, result.output
    listener = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=listener.serve_forever)
    thread.start()
    yield House(f"http://127.0.0.1:{listener.server_port}", own.database_url or "")
    listener.shutdown()
    thread.join()
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@dataclass
class Visitor:
    """Somebody at a browser; whatever the page complains of is kept."""

    page: Page
    house: House
    complaints: list[str]

    def go(self, path: str) -> None:
        """Open a page of the house."""
        self.page.goto(self.house.address + path)

    def sign_in(self, role: str, password: str) -> None:
        """Sign in through the page."""
        self.go("/login")
        self.page.locator("input[name=email]").fill(PASSWORDS[role])
        self.page.locator("input[name=password]").fill(password)
        self.page.locator("main form button[type=submit], form [type=submit]").first.click()
        self.page.wait_for_url("**/backoffice/**")

    def violations(self) -> list[str]:
        """What axe-core finds on the page, WCAG 2.2 A and AA."""
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate(
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
        )
        return [
            f"{v['id']}: {v['help']} ({node['target']}) {node['failureSummary']}"
            for v in found["violations"]
            for node in v["nodes"]
        ]


@pytest.fixture
def visit(browser: Browser, house: House) -> Iterator[Callable[..., Visitor]]:
    """`visit(locale="it-IT", dark=True, phone=True, javascript=False)` opens a browser of its own."""
    contexts: list[BrowserContext] = []

    def open_browser(
        locale: str = "en-GB", *, dark: bool = False, phone: bool = False, javascript: bool = True
    ) -> Visitor:
        context = browser.new_context(
            locale=locale,
            color_scheme="dark" if dark else "light",
            viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 900},
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        complaints: list[str] = []

        def keep(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                complaints.append(f"{page.url}: {message.text}")

        page.on("console", keep)
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        return Visitor(page, house, complaints)

    yield open_browser
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def screenshots() -> Path | None:
    """Where journeys leave pictures of the pages, when BOTTEGA_SCREENSHOTS names a folder."""
    folder = os.environ.get("BOTTEGA_SCREENSHOTS")
    return Path(folder) if folder else None
