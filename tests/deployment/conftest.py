"""Containers and a browser for the tests of what an agency installs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.deployment.engine import alone, base_images, build, running_engine


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, for which the client's name is this machine."""
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    names = "--host-resolver-rules=MAP suite.client.it 127.0.0.1,MAP *.nb.client.it 127.0.0.1"
    return {**browser_type_launch_args, "executable_path": shutil.which("chromium"), "args": [*arguments, names]}


@pytest.fixture(scope="session")
def images() -> Iterator[dict[str, str]]:
    """A running engine with the base images and the image of the suite."""
    with alone(), running_engine():
        names = base_images()
        build(names)
        yield names
