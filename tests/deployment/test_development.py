"""compose.dev.yml for real: up, used in a browser, shaken service by service and by a database that goes away, and down."""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser

from tests.core.test_serve import free_port
from tests.deployment import stack_notebooks
from tests.deployment.engine import Stack
from tests.deployment.visitor import Caller, import_file, net, sign_in
from tests.waiting import until
from webapp.blueprints.accounts.demo import PASSWORD, PEOPLE

pytestmark = [pytest.mark.needs("docker"), pytest.mark.needs("dockerd"), pytest.mark.needs("chromium")]
OWNER = PEOPLE["owner"][0]
AWAY = 20  # seconds


@pytest.fixture(scope="module")
def dev(images: dict[str, str]) -> Iterator[Stack]:
    project = "bottega-dev-test"
    notebooks = stack_notebooks.asked_for(project, subnets="10.220.0.0/18")
    stack = Stack("compose.dev.yml", project, {**images, **notebooks, "HTTP_BIND": f"127.0.0.1:{free_port()}"})
    stack.down()
    try:
        stack.compose("up", "--build", "--detach", "--wait", seconds=900)
        yield stack
    finally:
        stack.down()
        assert stack.left() == []


@pytest.fixture(scope="module")
def address(dev: Stack) -> str:
    return f"http://{dev.environ['HTTP_BIND']}"


def answers(address: str) -> bool:
    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.get(f"{address}/login", timeout=10).status_code == 200
    except requests.RequestException:
        return False


def test_everything_is_healthy_and_checks_itself(dev: Stack) -> None:
    states = dev.states()
    assert states.pop("migrate") == "exited"
    assert set(states) == {
        "web",
        "worker",
        "scheduler",
        "collector",
        "db",
        "db_gold",
        "rabbitmq",
        "nginx",
        "keeper",
        "door",
    }
    assert set(states.values()) == {"healthy"}
    assert "Nothing is wrong." in dev.bottega("check")


def test_a_notebook_starts_is_entered_through_nginx_and_leaves_nothing(
    dev: Stack, address: str, chromium: Browser, tmp_path: Path
) -> None:
    assert stack_notebooks.who_has_docker(dev) == {"keeper"}
    stack_notebooks.try_notebook(dev, chromium, address, (OWNER, PASSWORD), tmp_path)


def test_a_sales_file_goes_in_through_the_browser_and_the_dashboard_changes(
    dev: Stack, address: str, chromium: Browser
) -> None:
    with chromium.new_context(locale="en-GB") as context:
        page = context.new_page()
        sign_in(page, address, OWNER, PASSWORD)
        before = net(page, address)
        today = dt.datetime.now(dt.UTC).strftime("%d/%m/%Y")
        import_file(page, address, f"DEPLOY-1;{today};DEP1;Anfora;2;123.456,50;DEP-10;Italia\r\n")
        assert dev.ask("SELECT count(*) FROM sales_orders WHERE number = 'DEPLOY-1'") == "1"
        assert "done" in dev.bottega("tasks", "start", "pipelines.run", "--wait")
        assert net(page, address) != before


@pytest.mark.parametrize("service", ["web", "worker", "scheduler", "collector", "rabbitmq", "nginx", "db_gold", "db"])
def test_each_service_can_be_restarted(dev: Stack, address: str, service: str) -> None:
    dev.compose("restart", service)
    until(lambda: dev.states()[service] == "healthy" and answers(address))
    assert "done" in dev.bottega("tasks", "start", "pipelines.run", "--wait")


def test_a_database_that_goes_away_costs_patience_and_nothing_else(dev: Stack, address: str) -> None:
    callers = [Caller(address, OWNER, PASSWORD) for _ in range(2)]
    token = {caller: caller.token() for caller in callers}
    seen: Counter[tuple[str, int]] = Counter()
    pages: list[str] = []
    stored: list[str] = []
    over = threading.Event()

    def read() -> None:
        caller = callers[0]
        while not over.wait(0.2):
            answer = caller.get("/backoffice/customers/")
            seen["read", answer.status_code] += 1
            if answer.status_code == 503:
                pages.append(answer.text)

    def write() -> None:
        caller = callers[1]
        number = 0
        while not over.wait(0.3):
            number += 1
            name = f"LOAD-{number:04d}"
            answer = caller.post(
                "/backoffice/customers/new", csrf_token=token[caller], number=name, name=name, kind="organisation"
            )
            seen["write", answer.status_code] += 1
            if answer.status_code in (302, 303):
                stored.append(name)

    tasks = [dev.bottega("tasks", "start", "pipelines.run").split()[1] for _ in range(3)]
    threads = [threading.Thread(target=read), threading.Thread(target=write)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(4)
        dev.compose("stop", "db")
        time.sleep(AWAY)
        dev.compose("start", "db")
        back = time.monotonic()
        until(lambda: answers(address))
        recovered = time.monotonic() - back
        time.sleep(5)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    sys.stderr.write(f"\nduring {AWAY} s without database: {dict(seen)}; answers again after {recovered:.1f} s")
    assert {status for _what, status in seen} <= {200, 302, 303, 503}
    assert seen["read", 503] > 5
    assert all("The database does not answer" in page or "does not answer right now" in page for page in pages)
    assert len(stored) > 5
    kept = dev.ask("SELECT string_agg(number, ' ') FROM crm_customers WHERE number LIKE 'LOAD-%'").split()
    assert set(stored) <= set(kept)
    until(
        lambda: dev.ask(f"SELECT count(*) FROM tasks_tasks WHERE id IN ({','.join(tasks)}) AND state = 'done'") == "3",
        180,
    )
    for caller in callers:
        assert caller.get("/backoffice/customers/").status_code == 200
        caller.close()
    until(lambda: set(dev.states().values()) == {"healthy", "exited"})


def test_what_nginx_writes_is_counted_after_a_rotation_too(dev: Stack, address: str) -> None:
    def counted(query: str) -> str:
        told = f"SELECT count(*) FROM traffic_hits JOIN traffic_texts t ON t.id = query_id WHERE t.text = '{query}'"
        return dev.ask(told)

    for turn in ("turn=1", "turn=2"):
        for _ in range(5):
            assert requests.get(f"{address}/how-visits-are-counted?{turn}", timeout=20).status_code == 200
        until(lambda turn=turn: counted(turn) == "5")
        dev.compose(
            "exec", "-T", "nginx", "sh", "-c", "cd /var/log/bottega && mv access.log access.log.1 && nginx -s reopen"
        )
    report = json.loads(dev.bottega("traffic", "report", "--json"))
    assert report["hits"] >= 10
    assert report["book"]["reconciles"]


def test_the_log_of_nginx_tells_of_every_request(dev: Stack, address: str) -> None:
    def logged() -> list[str]:
        return dev.compose("exec", "-T", "nginx", "cat", "/var/log/bottega/access.log").splitlines()

    for number in range(20):
        assert requests.get(f"{address}/login?asked={number}", timeout=20).status_code == 200
    until(lambda: sum('"query":"asked=' in line for line in logged()) == 20)
    assert all(re.match(r'\{"time":"[^"]+","msec":"\d+\.\d{3}","request_id":"[0-9a-f]{32}"', line) for line in logged())
