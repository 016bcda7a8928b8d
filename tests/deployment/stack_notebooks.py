"""A notebook in a stack of Compose: started, entered through nginx, and gone again with all that was its own."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import docker
from playwright.sync_api import Browser, expect

from tests.deployment.engine import Stack, run
from tests.deployment.visitor import go, sign_in
from tests.rooms.notebooks.keepers import IMAGE, build_image
from tests.waiting import until

SOCKET = Path("/var/run/docker.sock")


def asked_for(project: str, *, subnets: str) -> dict[str, str]:
    """What `.env` says where notebooks are wanted."""
    return {
        "COMPOSE_PROFILES": "notebooks", "NOTEBOOK_ENGINE": "docker", "NOTEBOOK_SUBNETS": subnets,
        "DOCKER_GID": str(SOCKET.stat().st_gid) if SOCKET.exists() else "0", "COMPOSE_PROJECT_NAME": project,
    }  # fmt: skip


def who_has_docker(stack: Stack) -> set[str]:
    """The services that are given the engine's socket."""
    described = json.loads(run("docker", "inspect", *stack.compose("ps", "--all", "--quiet").split()))
    return {
        each["Config"]["Labels"]["com.docker.compose.service"]
        for each in described
        if any("docker.sock" in mount.get("Source", "") for mount in each["Mounts"])
    }


def try_notebook(stack: Stack, browser: Browser, address: str, owner: tuple[str, str], folder: Path) -> None:
    """Found a group, start a notebook, enter it, and delete it while it runs; nothing of it stays on the engine."""
    with closing(docker.from_env()) as client:
        build_image(client, folder)
    house = stack.ask("SELECT house FROM notebooks_engine")
    stack.bottega("notebooks", "image", "add", "Small", IMAGE, "--pull", "never")
    stack.bottega("workspaces", "found", "Tried", "--owner", owner[0], "--slug", "tried")
    stack.bottega("workspaces", "create-project", "tried", "Figures", "--slug", "figures")
    stack.bottega("notebooks", "create", "tried/figures", "Entered", "--slug", "entered", "--image", "Small")
    try:
        steps = stack.bottega("notebooks", "start", "entered", "--wait")
        assert len(steps.splitlines()) > 5, steps
        assert [name.partition("-")[0] for name in left_of(house, "ps")] == ["nb"]
        with browser.new_context(locale="en-GB", ignore_https_errors=True) as context:
            page = context.new_page()
            sign_in(page, address, *owner)
            go(page, f"{address}/notebooks/entered/")
            expect(page.locator("body")).to_have_text("ok")  # what the notebook's own server says
            stranger = context.browser.new_context(ignore_https_errors=True) if context.browser else None
            assert stranger
            with stranger:
                page = stranger.new_page()
                go(page, f"{address}/notebooks/entered/")
                expect(page.locator("input[name=password]")).to_be_visible()
    finally:  # by the suite itself: its keeper would bring back what is taken from the engine
        stack.bottega("notebooks", "delete", "entered", "--yes")
        until(lambda: all_left_of(house) == [], 120, lambda: all_left_of(house))
        for shared in left_of(house, "volume"):
            run("docker", "volume", "rm", shared)


def all_left_of(house: str) -> list[str]:
    """All that the engine has of an installation; the shared data of a project stay with the project."""
    found = [name for kind in ("ps", "network", "volume") for name in left_of(house, kind)]
    return [name for name in found if not name.endswith("-shared")]


def left_of(house: str, kind: str) -> list[str]:
    """The names of what the engine has of an installation: of containers, networks or volumes."""
    words = ("ps", "--all", "--format={{.Names}}") if kind == "ps" else (kind, "ls", "--format={{.Name}}")
    return run("docker", *words, "--filter", f"label=bottega.house={house}").split()
