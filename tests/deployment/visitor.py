"""Somebody who uses the installed suite from outside: in a browser, and by plain requests."""

from __future__ import annotations

import re

import requests
from playwright.sync_api import Error, Page, expect

from tests.waiting import until

PATIENCE = 120_000  # milliseconds; a worker has to do something, on a busy machine
HEADER = "Documento;Data;Codice;Descrizione;Qta;Prezzo;Cliente;Paese\r\n"


def go(page: Page, address: str) -> None:
    """Open a page; again while Chromium gives up because a container's network came or went meanwhile."""
    until(lambda: _arrives(page, address))


def _arrives(page: Page, address: str) -> bool:
    try:
        page.goto(address)
    except Error as problem:
        if "ERR_NETWORK_CHANGED" not in problem.message:
            raise
        return False
    return True


def sign_in(page: Page, address: str, email: str, password: str) -> None:
    """Sign in through the page; again while a container's network comes, or nginx has had enough sign-ins for now."""
    until(lambda: _enters(page, address, email, password), every=1)


def _enters(page: Page, address: str, email: str, password: str) -> bool:
    go(page, f"{address}/login")
    if "/backoffice/" not in page.url:  # else only the answer was lost
        page.locator("input[name=email]").fill(email)
        page.locator("input[name=password]").fill(password)
        try:
            with page.expect_navigation(wait_until="commit"):
                page.locator("main form:has(input[name=password]) button.btn-primary").click()
        except Error as problem:
            if "ERR_NETWORK_CHANGED" not in problem.message:
                raise
    return "/backoffice/" in page.url


def import_file(page: Page, address: str, rows: str, name: str = "vendite.csv") -> None:
    """Upload a sales file, let it be checked, import it, and wait until it is in."""
    go(page, f"{address}/backoffice/imports/new")
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": (HEADER + rows).encode()}
    )
    page.locator("form.record-form button[type=submit]").click()
    page.wait_for_url("**/uploads/*/")
    page.locator("button[name=check]").click()
    page.wait_for_url("**/check")
    now = page.locator("form[action$='/import'] button[type=submit]")
    expect(now).to_be_visible(timeout=PATIENCE)
    now.click()
    page.wait_for_url(re.compile(r"/imports/\d+/$"), timeout=PATIENCE)


def net(page: Page, address: str) -> str:
    """The first figure of the dashboard."""
    go(page, f"{address}/backoffice/?period=all")
    return page.locator(".kpi-value").first.inner_text()


class Caller:
    """Signed in by plain requests, as a page without scripts is."""

    def __init__(self, address: str, email: str, password: str) -> None:
        self.address = address
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Accept-Language"] = "en"
        token = self._token(self.get("/login").text)
        answer = self.post("/login", email=email, password=password, csrf_token=token)
        assert answer.status_code in (302, 303), answer.text[-500:]

    @staticmethod
    def _token(html: str) -> str:
        return html.split('name="csrf-token" content="')[1].split('"', maxsplit=1)[0]

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.address + path, timeout=60, allow_redirects=False)

    def post(self, path: str, **data: str) -> requests.Response:
        return self.session.post(self.address + path, data=data, timeout=60, allow_redirects=False)

    def token(self) -> str:
        return self._token(self.get("/backoffice/customers/").text)

    def close(self) -> None:
        self.session.close()
