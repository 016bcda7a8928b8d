"""The image: small, nobody's, with nothing to build things with, and content with a root that it cannot write to."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.deployment.engine import IMAGE, run

pytestmark = [pytest.mark.needs("docker"), pytest.mark.needs("dockerd"), pytest.mark.usefixtures("images")]
LARGEST = 475_000_000  # bytes; README.md has the figure on the stand-in base, which is itself 146 MB


@pytest.fixture(scope="module")
def described(images: dict[str, str]) -> dict[str, object]:
    described = json.loads(run("docker", "image", "inspect", IMAGE))[0]
    assert isinstance(described, dict)
    return described


def inside(*words: str) -> subprocess.CompletedProcess[str]:
    command = [
        "docker",
        "run",
        "--rm",
        "--read-only",
        "--tmpfs=/tmp",
        "--cap-drop=ALL",
        "--network=none",
        "--entrypoint=",
    ]
    return subprocess.run([*command, IMAGE, *words], capture_output=True, text=True, timeout=120, check=False)


def test_the_image_stays_small(described: dict[str, int]) -> None:
    assert described["Size"] < LARGEST


def test_the_image_says_what_it_is_and_runs_as_nobody(described: dict[str, dict[str, object]]) -> None:
    config = described["Config"]
    assert config["User"] == "1000:1000"
    assert config["Labels"]["org.opencontainers.image.version"] == "test"
    assert config["Labels"]["org.opencontainers.image.revision"] == "abc"
    assert config["Healthcheck"]["Test"] == ["CMD", "bottega-health", "web"]
    assert inside("id", "-u").stdout.strip() == "1000"


def test_nothing_in_the_image_builds_or_fetches_packages() -> None:
    for program in ("gcc", "cc", "make", "node", "npm", "git"):
        assert inside("sh", "-c", f"command -v {program}").returncode, program
    assert inside("/opt/venv/bin/python", "-m", "pip", "--version").returncode
    assert inside(
        "sh", "-c", "test -e /app/tests -o -e /app/node_modules -o -e /app/.git -o -e /app/instance"
    ).returncode


def test_nothing_can_be_written_but_where_it_belongs() -> None:
    assert "Read-only file system" in inside("touch", "/app/x").stderr
    assert inside("sh", "-c", "touch /tmp/x /var/lib/bottega/x").returncode == 0
    assert inside("sh", "-c", "find /app /opt/venv -user bottega -o -perm -o+w ! -type l | head -1").stdout == ""


def test_the_image_refuses_to_start_without_secrets_and_says_which() -> None:
    done = inside("bottega", "web")
    assert done.returncode == 2
    assert "SECRET_KEY is missing" in done.stderr
    assert "DATABASE_URL is missing" in done.stderr


def test_the_image_speaks_italian_and_brings_compressed_assets() -> None:
    found = inside(
        "sh",
        "-c",
        "ls /app/webapp/translations/it/LC_MESSAGES/*.mo /app/webapp/static/dist/core.js.gz /app/webapp/static/dist/core.js.br",
    )
    assert found.returncode == 0, found.stderr
