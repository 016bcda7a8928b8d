"""Containers and a browser for the tests of what an agency installs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright

from tests.deployment.engine import alone, base_images, build, running_engine


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium, for which the client's name is this machine.

    Not pytest-playwright's `browser`: its tests are sorted by browser, and a stack would come up once for them and once more.
    """
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    names = "--host-resolver-rules=MAP suite.client.it 127.0.0.1,MAP *.nb.client.it 127.0.0.1"
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*arguments, names])
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def images() -> Iterator[dict[str, str]]:
    """A running engine with the base images and the image of the suite."""
    with alone(), running_engine():
        names = base_images()
        build(names)
        yield names
