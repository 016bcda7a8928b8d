"""Notebooks from end to end: the suite, its keeper and its door as processes, a real Docker Engine, and the nginx of production."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from tests.deployment.engine import base_images, build_jupyter, running_engine
from tests.deployment.front_door import HOST, NOTEBOOKS
from tests.deployment.kernels import Kernel
from tests.deployment.notebook_house import (
    PATIENCE,
    SHUT_WITHIN,
    VISIT,
    Browser,
    House,
    measure_until_cut,
    running_house,
    settle,
    start_beside,
)
from tests.deployment.visitor import sign_in
from tests.rooms.accounts.makers import PASSWORD
from tests.waiting import until
from webapp.blueprints.accounts.models import User
from webapp.blueprints.notebooks.models import Notebook
from webapp.blueprints.workspaces.models import WorkspaceMember
from webapp.blueprints.workspaces.public import Project
from webapp.core.embedded import EmbeddedPostgres
from webapp.core.settings import Settings

pytestmark = [pytest.mark.needs("nginx"), pytest.mark.needs("docker")]


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
        until(lambda: bruno.notebook().ask("api/status")[0] == 403, SHUT_WITHIN)
        bruno.visit_until("/notebooks/sales/lab", lambda answer: answer.status == 403)
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
    answer = bruno.visit_until("/notebooks/sales/lab", lambda answer: "Ada" in answer.text)
    assert answer.status == 423
    assert "closing the quarter" in answer.text
    until(lambda: bruno.notebook().ask("api/status")[0] == 423, SHUT_WITHIN)
    assert mine.run("2+2") == "4"
    assert ada.press(f"{page}unlock", page).status == 303
    bruno.visit_until("/notebooks/sales/lab", lambda answer: answer.status == 200)
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
    answer = bruno.visit_until("/notebooks/sales/lab", lambda answer: "Retry-After" in answer.headers)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "3")
    assert 'href="/backoffice/workspaces/notebooks/sales/"' in answer.text
    bruno.press(f"{page}start", page)
    settle(house, "sales", "running")
    assert "JupyterLab" in bruno.go("/notebooks/sales/lab").text


def test_a_killed_container_is_told_and_comes_back_by_itself(bruno: Browser) -> None:
    house = bruno.house
    before = house.stored(lambda s: s.query(Notebook.engine_id).filter_by(slug="sales").scalar())
    house.engine.api.kill(before)

    def back() -> bool:
        assert bruno.visit("/notebooks/sales/lab").status in (200, 503)
        now = house.stored(lambda s: s.query(Notebook.engine_id).filter_by(slug="sales", state="running").scalar())
        return now not in (None, before)

    until(back, PATIENCE, every=0.2)
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
    bruno.visit_until("/notebooks/sales/lab", lambda answer: answer.status == 503)
    house.processes["door"] = start_beside(environ, "door", tmp_path)
    until(lambda: bruno.visit("/notebooks/sales/lab").status == 200, PATIENCE, every=0.2)


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
        sign_in(page, address, running.emails["bruno"], PASSWORD)
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
        answer = bruno.visit_until("/lab", lambda answer: answer.status == 302, host)
        assert re.search(r"/enter\?", answer.headers["Location"])
