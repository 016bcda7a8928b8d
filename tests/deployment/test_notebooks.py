"""Notebooks from end to end: the suite, its keeper and its door as processes, a real Docker Engine, and the nginx of production."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import docker
import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect
from sqlalchemy import update

from tests.conftest import administer
from tests.core.web_server import served
from tests.deployment.engine import JUPYTER, base_images, build_jupyter, running_engine
from tests.deployment.front_door import HOST, NOTEBOOKS, Answer, FrontDoor
from tests.deployment.kernels import Kernel, LineCut, Visitor
from tests.rooms.accounts.makers import PASSWORD, make_user
from tests.rooms.notebooks.keepers import clear_house
from tests.rooms.notebooks.makers import make_image, make_notebook
from tests.rooms.workspaces.makers import make_group, make_project
from webapp.app import create_app
from webapp.blueprints.accounts.models import User
from webapp.blueprints.notebooks.models import Engine, Notebook
from webapp.blueprints.workspaces.models import WorkspaceMember
from webapp.blueprints.workspaces.public import Project
from webapp.core.db import db, transaction
from webapp.core.embedded import EmbeddedPostgres
from webapp.core.settings import PROJECT, Settings

pytestmark = [pytest.mark.needs("nginx"), pytest.mark.needs("docker")]
SUBNETS = {"": "10.217.0.0/17", NOTEBOOKS: "10.217.128.0/17"}
VISIT = {"Accept": "text/html", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
PATIENCE = 120
SHUT_WITHIN = 5.0  # seconds: what is promised of an open websocket


@dataclass
class House:
    """All that runs, and the numbers of what was stored in it."""

    door: FrontDoor
    app: Flask
    engine: docker.DockerClient
    processes: dict[str, subprocess.Popen[bytes]]
    emails: dict[str, str]

    def browse(self, who: str) -> Browser:
        return Browser(self, self.emails[who])

    def stored(self, read: Callable[[Any], Any]) -> Any:
        """What `read` finds in the database now."""
        with self.app.app_context(), transaction() as session:
            return read(session)


class Browser:
    """Somebody at the front door, with cookies by host and path, as browsers keep them."""

    def __init__(self, house: House, email: str) -> None:
        self.house = house
        self.cookies: dict[tuple[str, str, str], str] = {}
        answer = self._sign_in(email)
        while answer.status == 429:  # nginx slows down who signs in so often
            time.sleep(2)  # one more is let in every two seconds
            answer = self._sign_in(email)
        assert answer.status in (302, 303), answer.text[-500:]

    def cookie(self, host: str, path: str) -> str:
        kept = [(n, v) for (h, p, n), v in self.cookies.items() if h == host and path.startswith(p)]
        return "; ".join(f"{name}={value}" for name, value in kept)

    def visit(self, path: str, host: str = HOST, **headers: str) -> Answer:
        return self._ask(path, host, **{**VISIT, **headers})

    def send(self, path: str, body: str, host: str = HOST, **headers: str) -> Answer:
        form = {"Content_Type": "application/x-www-form-urlencoded", "Referer": f"https://{host}/", **headers}
        return self._ask(path, host, method="POST", body=body.encode(), **form)

    def go(self, path: str, host: str = HOST) -> Answer:
        """Follow redirects."""
        for _ in range(8):
            answer = self.visit(path, host)
            if answer.status not in (301, 302, 303, 307, 308):
                return answer
            parts = urlsplit(answer.headers["Location"])
            host, path = parts.hostname or host, parts._replace(scheme="", netloc="").geturl()
        raise AssertionError(f"sent around: {path}")

    def press(self, path: str, at: str) -> Answer:
        token = self.visit(at).text.split('name="csrf-token" content="')[1].split('"', 1)[0]
        return self.send(path, f"csrf_token={token}")

    def notebook(self, slug: str = "sales", host: str = HOST, base: str | None = None) -> Visitor:
        """The same person's scripts at the notebook."""
        base = f"/notebooks/{slug}/" if base is None else base
        context = ssl.create_default_context(cafile=str(self.house.door.certificates / "fullchain.pem"))
        headers = {"Cookie": self.cookie(host, base), "Origin": f"https://{host}"}
        return Visitor(host, self.house.door.secure, base, headers, context)

    def _sign_in(self, email: str) -> Answer:
        token = self.visit("/login").text.split('name="csrf-token" content="')[1].split('"', 1)[0]
        return self.send("/login", f"email={email}&password={PASSWORD}&csrf_token={token}".replace("@", "%40"))

    def _ask(self, path: str, host: str, **more: Any) -> Answer:
        kept = self.cookie(host, urlsplit(path).path)
        answer = self.house.door.ask(path, host=host, **more, **({"Cookie": kept} if kept else {}))
        for line in answer.cookies:
            pair, *attributes = line.split("; ")
            name, _, value = pair.partition("=")
            where = next((a.partition("=")[2] for a in attributes if a.lower().startswith("path=")), "/")
            if not value or value == '""':
                self.cookies.pop((host, where, name), None)
            else:
                self.cookies[host, where, name] = value
        return answer


def settle(house: House, slug: str, state: str) -> None:
    """Until the notebook is there."""
    deadline = time.monotonic() + PATIENCE
    while True:
        row = house.stored(lambda s: s.query(Notebook.state, Notebook.cause).filter_by(slug=slug).one())
        if row.state == state:
            return
        assert time.monotonic() < deadline, tuple(row)
        assert row.state != "failed" or state == "failed", row.cause
        time.sleep(0.1)


def start_beside(house_environ: dict[str, str], name: str, folder: Path) -> subprocess.Popen[bytes]:
    """`bottega <name>` as a process of its own."""
    with (folder / f"{name}.log").open("a") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "webapp.cli", name],
            cwd=PROJECT, env=house_environ, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip


@contextlib.contextmanager
def running_house(
    settings: Settings, server: EmbeddedPostgres, folder: Path, name: str, *, notebooks: str = ""
) -> Iterator[House]:
    """An installation with a notebook “sales” in a private project of Ada's group, of which Bruno is a member."""
    administer(server, f"CREATE DATABASE {name} TEMPLATE bottega")
    administer(server, f"CREATE DATABASE {name}_gold")
    door = FrontDoor(folder / "root", notebooks=notebooks)
    door.root.mkdir()
    door.install()
    own = replace(
        settings, instance=folder / "instance", database_url=server.url(name), gold_database_url=server.url(f"{name}_gold"),
        public_url=f"https://{HOST}", trusted_proxies=1,
    )  # fmt: skip
    own.instance.mkdir()
    notebook_environ = {
        "NOTEBOOK_ENGINE": "docker", "NOTEBOOK_SUBNETS": SUBNETS[notebooks], "NOTEBOOK_DOMAIN": notebooks, "TRUSTED_PROXIES": "1",
        "NOTEBOOK_DOOR": f"127.0.0.1:{door.door}", "PUBLIC_URL": own.public_url, "SECRET_KEY": settings.secret_key,
        "SECURITY_PASSWORD_SALT": settings.password_salt,
    }  # fmt: skip
    environ = {
        **os.environ, **notebook_environ, "BOTTEGA_ENV": "test", "BOTTEGA_INSTANCE": str(own.instance),
        "DATABASE_URL": str(own.database_url), "GOLD_DATABASE_URL": str(own.gold_database_url), "LOG_LEVEL": "INFO",
    }  # fmt: skip
    app = create_app(own)
    emails = {}
    with app.app_context():
        people = {}
        with transaction() as session:
            session.execute(update(Engine).values(house=uuid4()))  # not the template's: its copies would be one house
            for who in ("ada", "bruno", "carla"):
                people[who] = make_user(session, email=f"{who}@shop.bottega.it", name=who.title(), roles=["staff"])
                emails[who] = people[who].email
            group = make_group(session, owner=people["ada"], members=[people["bruno"]])
            project = make_project(session, group=group)
            image = make_image(session, reference=JUPYTER, pull_policy="never", pids=200, disk_mb=500)
            make_notebook(session, project=project, slug="sales", image=image)
    client = docker.from_env()
    house = House(door, app, client, {}, emails)
    try:
        with ExitStack() as stack:
            stack.enter_context(door.open())
            stack.enter_context(served(own, port=door.suite, WEB_WORKERS="1", **notebook_environ))
            house.processes = {name: start_beside(environ, name, folder) for name in ("keeper", "door")}
            yield house
    finally:
        for process in house.processes.values():
            process.terminate()
        for process in house.processes.values():
            process.wait(60)
        clear_house(app, client)
        with app.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()
        client.close()


@pytest.fixture(scope="module")
def jupyter() -> Iterator[None]:
    """A running engine with the image of the notebooks."""
    with running_engine():
        build_jupyter(base_images())
        yield


@pytest.fixture(scope="module")
def house(
    jupyter: None, settings: Settings, server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """An installation whose notebooks are reached below a path of the suite."""
    with running_house(settings, server, tmp_path_factory.mktemp("notebooks"), "notebooks_path") as running:
        yield running


@pytest.fixture
def running(house: House) -> House:
    """The same, with the notebook running and free."""
    ada = house.browse("ada")
    page = "/backoffice/workspaces/notebooks/sales/"
    ada.press(f"{page}unlock", page)
    ada.press(f"{page}start", page)
    settle(house, "sales", "running")
    return house


@pytest.fixture
def bruno(running: House) -> Browser:
    """A member who has come in."""
    browser = running.browse("bruno")
    assert "JupyterLab" in browser.go("/notebooks/sales/lab").text
    return browser


def let_nginx_forget() -> None:
    """Wait longer than nginx keeps an answer of the door (one second, notebook_door.conf); nothing tells when it is over."""
    time.sleep(1.1)


def measure_until_cut(kernel: Kernel) -> float:
    """Seconds until the open websocket is cut."""
    begun = time.monotonic()
    kernel.socket.line.settimeout(SHUT_WITHIN * 4)
    with contextlib.suppress(LineCut):
        while True:
            kernel.socket.receive()
    return time.monotonic() - begun


def test_code_runs_in_a_kernel_over_a_websocket_through_nginx(bruno: Browser) -> None:
    kernel = bruno.notebook().open_kernel()
    assert kernel.socket.status == 101
    assert kernel.run("1+1") == "2"
    assert kernel.run("import getpass, os; print(os.getuid())") == "1000\n"
    kernel.socket.close()


def test_nobody_signed_in_is_led_to_sign_in_and_a_script_told_401(running: House) -> None:
    answer = running.door.ask("/notebooks/sales/lab", **VISIT)
    assert answer.status == 302
    assert answer.headers["Location"].startswith("/backoffice/workspaces/notebooks/sales/enter?")
    assert running.door.ask("/notebooks/sales/api/status").status == 401


def test_a_stranger_does_not_get_in(running: House) -> None:
    carla = running.browse("carla")
    assert carla.go("/notebooks/sales/lab").status == 404  # not even that it is there
    assert carla.notebook().ask("api/status")[0] == 401


def test_who_was_in_and_lost_the_right_gets_403_and_their_websocket_is_cut(bruno: Browser) -> None:
    house, kernel = bruno.house, bruno.notebook().open_kernel()
    assert kernel.run("1+1") == "2"

    def member(session: Any) -> tuple[int, int]:
        group = session.query(Project).join(Notebook, Notebook.project_id == Project.id).one().group_id
        return group, session.query(User.id).filter_by(email=bruno.house.emails["bruno"]).scalar()

    group_id, user_id = house.stored(member)
    house.stored(lambda s: s.delete(s.get_one(WorkspaceMember, (group_id, user_id))))
    try:
        assert measure_until_cut(kernel) < SHUT_WITHIN
        let_nginx_forget()
        assert bruno.notebook().ask("api/status")[0] == 403
        assert bruno.visit("/notebooks/sales/lab").status == 403
    finally:
        house.stored(lambda s: s.add(WorkspaceMember(group_id=group_id, user_id=user_id)))
        kernel.socket.close()


def test_signing_out_of_the_suite_cuts_the_websocket(running: House) -> None:
    browser = running.browse("bruno")
    browser.go("/notebooks/sales/lab")
    kernel = browser.notebook().open_kernel()
    assert kernel.run("6*7") == "42"
    browser.press("/logout", "/backoffice/workspaces/")
    assert measure_until_cut(kernel) < SHUT_WITHIN
    kernel.socket.close()


def test_a_lock_puts_the_others_out_with_423_and_leaves_its_owner_in(bruno: Browser) -> None:
    ada = bruno.house.browse("ada")
    page = "/backoffice/workspaces/notebooks/sales/"
    ada.go("/notebooks/sales/lab")
    mine, theirs = ada.notebook().open_kernel(), bruno.notebook().open_kernel()
    token = ada.visit(page).text.split('name="csrf-token" content="')[1].split('"', 1)[0]
    assert ada.send(f"{page}lock", f"csrf_token={token}&minutes=15&reason=closing+the+quarter").status == 303
    assert measure_until_cut(theirs) < SHUT_WITHIN
    let_nginx_forget()
    answer = bruno.visit("/notebooks/sales/lab")
    assert answer.status == 423
    assert "Ada" in answer.text
    assert "closing the quarter" in answer.text
    assert bruno.notebook().ask("api/status")[0] == 423
    assert mine.run("2+2") == "4"
    assert ada.press(f"{page}unlock", page).status == 303
    assert bruno.visit("/notebooks/sales/lab").status == 200
    for kernel in (mine, theirs):
        kernel.socket.close()


def test_pages_of_other_sites_run_no_code_with_the_persons_pass(bruno: Browser) -> None:
    foreign = bruno.notebook()
    foreign.headers["Origin"] = "https://evil.example"
    assert foreign.ask("api/kernels", "POST", {"name": "python3"})[0] == 403
    kernel = bruno.notebook().open_kernel()
    refused = Kernel(foreign, kernel.number)
    assert refused.socket.status == 403
    refused.socket.close()
    kernel.socket.close()


def test_the_suites_session_and_the_servers_token_stay_where_they_belong(bruno: Browser) -> None:
    visitor = bruno.notebook()
    status, body = visitor.ask("lab")
    kernel = visitor.open_kernel()
    known = kernel.run("import os; sorted(name for name in os.environ if 'TOKEN' in name)")
    kernel.socket.close()
    assert known == "[]"
    container = bruno.house.engine.api.containers(filters={"label": "bottega.notebook"})[0]["Id"]
    environ = bruno.house.engine.api.inspect_container(container)["Config"]["Env"]
    token = next(line.partition("=")[2] for line in environ if line.startswith("JUPYTER_TOKEN="))
    assert status == 200
    assert token.encode() not in body
    assert b"jupyter-config-data" in body
    answer = bruno.visit("/notebooks/sales/lab")
    assert answer.cookies == ()
    assert "connect-src https://suite.client.it/notebooks/sales/" in answer.headers["Content-Security-Policy"]
    log = (bruno.house.door.root / "var/log/nginx/bottega/access.log").read_text()
    assert token not in log
    assert "ticket=" not in log


@pytest.mark.parametrize("path", ["/_notebooks/door", "/_notebooks/closed/sales", "/_notebooks/enter/sales"])
def test_what_nginx_asks_the_suite_is_not_to_be_asked_from_outside(house: House, path: str) -> None:
    assert house.door.ask(path).status == 404


@pytest.mark.parametrize(
    "path",
    ["/notebooks/sales/../../backoffice/", "/notebooks/other/%2e%2e/sales/api", "/notebooks/other/..%2fsales/api"],
)
def test_no_way_around_the_name(bruno: Browser, path: str) -> None:
    headers = {"Cookie": bruno.cookie(HOST, "/notebooks/other/")}
    assert bruno.house.door.ask(path, **headers).status in (301, 302, 303, 308, 400, 401, 403, 404)


def test_a_stopped_notebook_offers_to_start_it_and_comes_back_without_a_reload(bruno: Browser) -> None:
    house, page = bruno.house, "/backoffice/workspaces/notebooks/sales/"
    kernel = bruno.notebook().open_kernel()
    bruno.press(f"{page}stop", page)
    assert measure_until_cut(kernel) < SHUT_WITHIN
    kernel.socket.close()
    settle(house, "sales", "stopped")
    let_nginx_forget()
    answer = bruno.visit("/notebooks/sales/lab")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "3")
    assert 'href="/backoffice/workspaces/notebooks/sales/"' in answer.text
    bruno.press(f"{page}start", page)
    settle(house, "sales", "running")
    assert "JupyterLab" in bruno.go("/notebooks/sales/lab").text


def test_a_killed_container_is_told_and_comes_back_by_itself(bruno: Browser) -> None:
    house = bruno.house
    before = house.stored(lambda s: s.query(Notebook.engine_id).filter_by(slug="sales").scalar())
    house.engine.api.kill(before)
    deadline = time.monotonic() + PATIENCE
    while house.stored(lambda s: s.query(Notebook.engine_id).filter_by(slug="sales", state="running").scalar()) in (
        None,
        before,
    ):
        assert bruno.visit("/notebooks/sales/lab").status in (200, 503)
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert "JupyterLab" in bruno.go("/notebooks/sales/lab").text


def test_a_door_that_dies_is_told_in_words_and_its_successor_goes_on(bruno: Browser, tmp_path: Path) -> None:
    house, process = bruno.house, bruno.house.processes["door"]
    environ = {
        line.partition("=")[0]: line.partition("=")[2]
        for line in Path(f"/proc/{process.pid}/environ").read_bytes().decode().split("\0")
        if line
    }
    process.send_signal(signal.SIGKILL)
    process.wait()
    let_nginx_forget()
    assert bruno.visit("/notebooks/sales/lab").status == 503
    house.processes["door"] = start_beside(environ, "door", tmp_path)
    deadline = time.monotonic() + PATIENCE
    while bruno.visit("/notebooks/sales/lab").status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)


# what a page's own script can try: each must fail, in whatever way
ATTACKS = """async () => {
  const tried = {};
  const attempt = async (name, deed) => {
    try { tried[name] = await deed(); } catch (problem) { tried[name] = "refused"; }
  };
  await attempt("fetch", async () => (await fetch("/backoffice/")).status);
  await attempt("other notebook", async () => (await fetch("/notebooks/other/api/status")).status);
  await attempt("window", async () => (window.open("/backoffice/") ? "opened" : "refused"));
  await attempt("worker", async () => (await navigator.serviceWorker.register("/static/dist/core.js", { scope: "/" })) && "registered");
  await attempt("frame", () => new Promise((tell) => {
    const frame = document.createElement("iframe");
    frame.src = "/backoffice/";
    frame.onload = () => {
      let there = null;
      try { there = frame.contentDocument?.querySelector("form"); } catch { }
      tell(there ? "read" : "refused");
    };
    document.body.append(frame);
    setTimeout(() => tell("refused"), 3000);
  }));
  tried.cookie = document.cookie.includes("session") || document.cookie.includes("bottega") ? document.cookie : "refused";
  return tried;
}"""


@pytest.mark.needs("chromium")
def test_jupyterlab_works_in_a_browser_and_its_scripts_reach_nothing_of_the_suite(
    running: House, chromium: Chromium
) -> None:
    context = chromium.new_context(ignore_https_errors=True, locale="en-GB")
    try:
        page, address = context.new_page(), f"https://{HOST}:{running.door.secure}"
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.goto(f"{address}/login")
        page.locator("input[name=email]").fill(running.emails["bruno"])
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/backoffice/**")
        page.goto(f"{address}/notebooks/sales/lab")
        expect(page.locator("#jp-main-dock-panel")).to_be_visible(timeout=PATIENCE * 1000)
        refused = [text for text in problems if "Content Security Policy" in text or "sandbox" in text.lower()]
        assert refused == []
        expect(page.locator(".jp-LauncherCard").first, "\n".join(problems)).to_be_visible(timeout=PATIENCE * 1000)
        assert set(page.evaluate(ATTACKS).values()) == {"refused"}
        page.locator(".jp-LauncherCard[data-category='Notebook']").first.click()
        expect(page.get_by_text("| Idle")).to_be_visible(timeout=PATIENCE * 1000)  # its kernel: the websocket is open
        cell = page.locator(".jp-Notebook .cm-content").first
        cell.click()
        page.keyboard.type("print(6 * 7)", delay=20)
        expect(cell).to_contain_text("print(6 * 7)")
        page.keyboard.press("Shift+Enter")
        expect(page.locator(".jp-OutputArea-output").first).to_contain_text("42", timeout=PATIENCE * 1000)
    finally:
        context.close()


def test_with_a_host_name_of_its_own_nothing_of_the_suite_is_on_the_notebooks_origin(
    jupyter: None, settings: Settings, server: EmbeddedPostgres, tmp_path: Path
) -> None:
    with running_house(settings, server, tmp_path, "notebooks_hosts", notebooks=NOTEBOOKS) as house:
        bruno, page, host = house.browse("bruno"), "/backoffice/workspaces/notebooks/sales/", f"sales.{NOTEBOOKS}"
        bruno.press(f"{page}start", page)
        settle(house, "sales", "running")
        assert "JupyterLab" in bruno.go("/lab", host).text
        kernel = bruno.notebook(host=host, base="/").open_kernel()
        assert kernel.run("1+1") == "2"
        names = {name for (kept, _path, name) in bruno.cookies if kept == host}
        assert names == {"bottega_notebook"}
        assert bruno.go("/backoffice/", host).status == 404  # Jupyter's own: there is nothing else on this host
        assert house.door.ask("/login", host=host, **VISIT).headers["Location"].startswith(f"https://{HOST}/")
        bruno.press("/logout", "/backoffice/workspaces/")
        assert measure_until_cut(kernel) < SHUT_WITHIN
        kernel.socket.close()
        let_nginx_forget()
        assert re.search(r"/enter\?", bruno.visit("/lab", host).headers["Location"])
