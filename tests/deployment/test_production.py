"""compose.prod.yml for real: the image, secrets from files, nginx on the host with TLS, a backup, an update, and nothing left."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import secrets
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests.core.test_serve import free_port
from tests.deployment import stack_notebooks
from tests.deployment.engine import IMAGE, Stack, run
from tests.deployment.front_door import HOST, FrontDoor
from tests.deployment.visitor import go, import_file, net, sign_in
from tests.waiting import until
from webapp.core.settings import PROJECT

pytestmark = [
    pytest.mark.needs("docker"),
    pytest.mark.needs("dockerd"),
    pytest.mark.needs("nginx"),
    pytest.mark.needs("logrotate"),
    pytest.mark.needs("chromium"),
]
SECRETS = ("secret_key", "password_salt", "database_password", "gold_database_password", "broker_password")
OWNER, PASSWORD = "owner@client.it", "a-long-enough-password"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontDoor]:
    door = FrontDoor(tmp_path_factory.mktemp("host") / "root")
    door.root.mkdir()
    door.install()
    with door.open():
        yield door


@pytest.fixture(scope="module")
def prod(images: dict[str, str], door: FrontDoor) -> Iterator[Stack]:
    """The stack beside the front door, as docs/deployment.md sets it up."""
    keys = door.root / "secrets"
    keys.mkdir(mode=0o700)
    for name in SECRETS:
        (keys / name).write_text(secrets.token_urlsafe(48))
    (keys / "mail_password").touch()
    backups = door.root / "backups"
    backups.mkdir()
    for folder in (door.root / "opt/web/static", door.root / "opt/web/media", backups):
        shutil.chown(folder, 1000, 1000)
    name, _, version = IMAGE.partition(":")
    project = "bottega-prod-test"
    environ = {
        **stack_notebooks.asked_for(project, subnets="10.220.64.0/18"), "DOOR_PORT": str(door.door),
        **{key: value for key, value in images.items() if key in ("POSTGRES_IMAGE", "RABBITMQ_IMAGE")},
        "BOTTEGA_IMAGE": name, "BOTTEGA_VERSION": version, "PUBLIC_URL": f"https://{HOST}:{door.secure}", "ALLOWED_HOSTS": HOST,
        "WEB_ROOT": str(door.root / "opt/web"), "SECRETS": str(keys), "BACKUPS": str(backups),
        "NGINX_LOGS": str(door.root / "var/log/nginx/bottega"),
        "LOGS_GID": str((door.root / "var/log/nginx/bottega/access.log").stat().st_gid),
        "HTTP_PORT": str(door.suite), "FIGURES_PORT": str(free_port()), "ROOM_FIGURES_PORT": str(free_port()),
    }  # fmt: skip
    stack = Stack("compose.prod.yml", project, environ)
    stack.down()
    try:
        stack.compose("up", "--detach", "--wait", seconds=600)
        in_web(stack, "users", "create-admin", OWNER, "--password-stdin", given=f"{PASSWORD}\n").check_returncode()
        yield stack
    finally:
        stack.down()
        assert stack.left() == []


def in_web(stack: Stack, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """What a command of the suite says in the web container, also when it says no."""
    return subprocess.run(
        ["docker", "compose", "-f", stack.file, "-p", stack.project, "exec", "-T", "web", "bottega", *words],
        input=given, cwd=PROJECT, env={**os.environ, **stack.environ}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_everything_is_healthy_and_reached_from_this_machine_only(prod: Stack) -> None:
    states = prod.states()
    assert states.pop("migrate") == "exited"
    assert set(states.values()) == {"healthy"}
    for container in prod.compose("ps", "--quiet").split():
        described = json.loads(run("docker", "inspect", container))[0]
        for bindings in described["NetworkSettings"]["Ports"].values():
            assert {binding["HostIp"] for binding in bindings or ()} <= {"127.0.0.1"}
    web = json.loads(run("docker", "inspect", prod.compose("ps", "--quiet", "web").strip()))[0]
    assert [each["IPAddress"] for each in web["NetworkSettings"]["Networks"].values()] == ["192.168.100.10"]
    assert web["HostConfig"]["ReadonlyRootfs"]


def test_no_secret_is_in_an_environment(prod: Stack) -> None:
    values = [Path(prod.environ["SECRETS"], name).read_text() for name in SECRETS]
    for container in prod.compose("ps", "--all", "--quiet").split():
        described = run("docker", "inspect", container)
        assert not [value for value in values if value in described]
    logs = prod.compose("logs")
    assert not [value for value in values if value in logs]


def test_the_owner_signs_in_over_tls_imports_a_file_and_sees_the_dashboard_change(
    prod: Stack, door: FrontDoor, chromium: Browser
) -> None:
    address = f"https://{HOST}:{door.secure}"
    with chromium.new_context(locale="it-IT", ignore_https_errors=True) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        sign_in(page, address, OWNER, PASSWORD)
        today = dt.datetime.now(dt.UTC).strftime("%d/%m/%Y")
        import_file(page, address, f"P-1;{today};A1;Anfora;2;100,00;10;Italia\r\n")
        assert "done" in prod.bottega("tasks", "start", "pipelines.run", "--wait")
        before = net(page, address)
        import_file(page, address, f"P-2;{today};A1;Anfora;3;100,00;10;Italia\r\n", "altro.csv")
        assert "done" in prod.bottega("tasks", "start", "pipelines.run", "--wait")
        assert net(page, address) != before
        cookies = {cookie["name"]: cookie for cookie in context.cookies()}
        assert cookies["session"]["secure"]
        assert cookies["session"]["httpOnly"]
        assert complaints == []


def test_a_notebook_starts_is_entered_through_nginx_and_leaves_nothing(
    prod: Stack, door: FrontDoor, chromium: Browser, tmp_path: Path
) -> None:
    assert stack_notebooks.who_has_docker(prod) == {"keeper"}
    stack_notebooks.try_notebook(prod, chromium, f"https://{HOST}:{door.secure}", (OWNER, PASSWORD), tmp_path)


def test_check_names_what_is_left_to_do(prod: Stack) -> None:
    done = in_web(prod, "check", "--deploy")
    assert done.returncode == 1
    verdicts = {line.partition(":")[0]: line for line in done.stdout.splitlines()}
    for right in ("secrets", "hosts", "database", "gold database", "broker", "migrations", "disk"):
        assert f"ok    {right}" in verdicts, done.stdout
    for wrong in ("mail", "TLS"):  # nobody has set up mail, or a name that leads here
        assert f"WRONG {wrong}" in verdicts, done.stdout


def test_a_backup_is_made_can_be_restored_and_satisfies_the_check(prod: Stack) -> None:
    for made in Path(prod.environ["BACKUPS"]).glob("*.dump"):  # by the script of the deployment
        made.unlink()
    assert "WRONG backups" in in_web(prod, "check", "--deploy").stdout
    prod.compose("run", "--rm", "backup")
    [backup] = Path(prod.environ["BACKUPS"]).glob("bottega-*.dump")
    assert backup.stat().st_size > 10_000
    prod.compose("exec", "-T", "db", "createdb", "-U", "bottega", "again")
    container = prod.compose("ps", "--quiet", "db").strip()
    run("docker", "cp", backup, f"{container}:/tmp/backup.dump")
    prod.compose(
        "exec", "-T", "db", "pg_restore", "-U", "bottega", "-d", "again", "--exit-on-error", "/tmp/backup.dump"
    )
    restored = prod.compose(
        "exec", "-T", "db", "psql", "-U", "bottega", "-d", "again", "-Atc", "SELECT email FROM accounts_users"
    )
    assert restored.strip() == prod.ask("SELECT email FROM accounts_users") == OWNER
    assert "ok    backups" in in_web(prod, "check", "--deploy").stdout


def test_images_are_served_by_nginx_and_come_back_from_the_backup(
    prod: Stack, door: FrontDoor, chromium: Browser
) -> None:
    address = f"https://{HOST}:{door.secure}"
    with chromium.new_context(ignore_https_errors=True, java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, address, OWNER, PASSWORD)
        go(page, f"{address}/backoffice/site/images/upload")
        page.locator("input[type=file]").set_input_files(
            {"name": "anfora.png", "mimeType": "image/png", "buffer": picture(640, 480)}
        )
        page.locator("form[data-image-upload] button[type=submit]").click()
        shown = page.locator("main img[src^='/media/']").first.get_attribute("src") or ""
    until(lambda: "all files are there" in in_web(prod, "pictures", "check").stdout, 60)
    file = door.root / "opt/web" / shown.lstrip("/")
    assert file.stat().st_size
    assert door.ask(shown).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    log = (door.root / "var/log/nginx/bottega/access.log").read_text().splitlines()
    assert json.loads(next(line for line in reversed(log) if shown in line))["upstream_status"] == ""

    prod.compose("run", "--rm", "backup")
    assert [path.name for path in Path(prod.environ["BACKUPS"], "media/originals").rglob("*") if path.is_file()]
    prod.compose("exec", "-T", "web", "sh", "-c", "rm -rf /var/lib/bottega/media/originals /srv/media/*")
    assert not file.exists()
    assert in_web(prod, "pictures", "check").returncode == 1
    for command in re.findall(r"`docker compose -f compose.prod.yml exec web (.+?)`", restoring()):
        prod.compose("exec", "-T", "web", *shlex.split(command))
    assert in_web(prod, "pictures", "check").stdout.strip() == "all files are there"
    assert door.ask(shown).status == 200


def restoring() -> str:
    """What docs/deployment.md says of images that are lost."""
    said = (PROJECT / "docs/deployment.md").read_text("utf-8")
    return said[said.index("The images of the site lie") :].partition("\n\n")[0]


def picture(width: int, height: int) -> bytes:
    """A PNG file."""
    file = BytesIO()
    Image.new("RGB", (width, height), "#c0562f").save(file, "PNG")
    return file.getvalue()


def test_assets_come_from_the_host_and_figures_from_private_ports(prod: Stack, door: FrontDoor) -> None:
    assert (door.root / "opt/web/static/dist/core.js.br").exists()
    assert (
        door.ask("/static/dist/core.js?v=0123456789abcdef", Accept_Encoding="gzip").headers["Content-Encoding"]
        == "gzip"
    )
    assert door.ask("/login").status == 200
    assert "bottega_requests_total" in run("curl", "-fsS", f"http://127.0.0.1:{prod.environ['FIGURES_PORT']}/metrics")
    assert "done" in prod.bottega("tasks", "start", "pipelines.run", "--wait")
    assert "bottega_etl_age_seconds" in run(
        "curl", "-fsS", f"http://127.0.0.1:{prod.environ['ROOM_FIGURES_PORT']}/metrics"
    )


def test_what_nginx_writes_on_the_host_is_counted_after_a_rotation_too(prod: Stack, door: FrontDoor) -> None:
    logs = door.root / "var/log/nginx/bottega"

    def counted(query: str) -> str:
        told = f"SELECT count(*) FROM traffic_hits JOIN traffic_texts t ON t.id = query_id WHERE t.text = '{query}'"
        return prod.ask(told)

    for turn in ("turn=1", "turn=2"):
        for _ in range(5):
            assert door.ask(f"/how-visits-are-counted?{turn}").status == 200
        until(lambda turn=turn: counted(turn) == "5")
        run("logrotate", "--force", "--state", door.root / "rotated", door.root / "etc/logrotate.d/bottega")
        assert (logs / "access.log").stat().st_mode & 0o777 == 0o640
    assert json.loads(prod.bottega("traffic", "report", "--json"))["book"]["reconciles"]
    assert "ok    traffic" in in_web(prod, "check", "--deploy").stdout


def test_check_names_the_log_that_the_collector_cannot_read_and_what_to_do(prod: Stack, door: FrontDoor) -> None:
    def said() -> str:
        done = subprocess.run(
            ["docker", "compose", "-f", prod.file, "-p", prod.project, "exec", "-T", "collector", "bottega", "check", "--deploy"],
            cwd=PROJECT, env={**os.environ, **prod.environ}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return next(line for line in done.stdout.splitlines() if " traffic:" in line)

    log = door.root / "var/log/nginx/bottega/error.log"
    log.chmod(0o600)
    assert "/var/log/nginx/bottega/error.log cannot be read (-rw-------" in said()
    log.chmod(0o640)
    owner = log.stat()
    os.chown(log, owner.st_uid, 0)
    assert "set LOGS_GID=0 in .env" in said()
    os.chown(log, owner.st_uid, owner.st_gid)
    assert door.ask("/login").status == 200
    until(lambda: said().startswith("ok"), what=said)  # when a line was read


def test_the_script_of_the_deployment_brings_a_version_up_and_goes_back_from_one_that_does_not(
    prod: Stack, door: FrontDoor, tmp_path: Path
) -> None:
    home = tmp_path / "opt"
    shutil.copytree(PROJECT / "deploy", home / "deploy")
    shutil.copy(PROJECT / "compose.prod.yml", home)
    kept = {**prod.environ, "COMPOSE_PROJECT_NAME": prod.project}
    (home / ".env").write_text("".join(f"{name}={value}\n" for name, value in kept.items()))
    environ = {name: value for name, value in os.environ.items() if name not in kept} | {"BOTTEGA_NO_PULL": "1"}
    up = [str(home / "deploy/up")]
    before = set(Path(prod.environ["BACKUPS"]).glob("*.dump"))
    again = subprocess.run([*up, "test"], env=environ, capture_output=True, text=True, check=False, timeout=400)
    assert again.returncode == 0, again.stderr
    assert "version test is up" in again.stdout
    assert len(set(Path(prod.environ["BACKUPS"]).glob("*.dump")) - before) == 1
    missing = subprocess.run([*up, "9.9.9"], env=environ, capture_output=True, text=True, check=False, timeout=400)
    assert missing.returncode == 1
    assert "back to test" in missing.stderr
    assert "BOTTEGA_VERSION=test\n" in (home / ".env").read_text()
    assert door.ask("/login").status == 200
