"""What a notebook's server hears of a request, and what a browser hears of its answer."""

from __future__ import annotations

import pytest

from webapp.blueprints.notebooks.gateways.heads import BadHead, Head, for_browser, for_notebook

BASE = "/notebooks/sales/"


def request(*lines: str, target: str = f"{BASE}lab") -> Head:
    return Head.read("\r\n".join([f"GET {target} HTTP/1.1", "Host: suite.client.it", *lines]).encode())


def answer(*lines: str, status: str = "200 OK") -> Head:
    return Head.read("\r\n".join([f"HTTP/1.1 {status}", *lines]).encode())


def told(*lines: str, status: str = "200 OK", asked: Head | None = None, own: bool = False) -> Head:
    base = "/" if own else BASE
    return for_browser(answer(*lines, status=status), asked or request(), base=base, own=own)


def test_the_server_hears_its_token_and_nothing_of_the_suite() -> None:
    asked = request(
        "Cookie: session=secret; bottega_notebook=pass", "Authorization: Bearer key", "X-Forwarded-For: 10.0.0.1",
        "X-Notebook: sales", "Accept: text/html", "Content-Length: 3",
    )  # fmt: skip
    heard = for_notebook(asked, token="the-token")
    assert dict(heard.headers) == {
        "host": "suite.client.it",
        "accept": "text/html",
        "content-length": "3",
        "connection": "close",
        "authorization": "token the-token",
    }


@pytest.mark.parametrize(
    "line",
    [
        "Set-Cookie: session=mine; Path=/",
        "X-Accel-Redirect: /_notebooks/door",
        "Service-Worker-Allowed: /",
        "Content-Security-Policy: default-src *",
        "Content-Security-Policy-Report-Only: default-src *",
        "Access-Control-Allow-Origin: *",
        "Clear-Site-Data: *",
        "Refresh: 0; url=/backoffice/",
        "Alt-Svc: h2=evil.example:443",
        "Strict-Transport-Security: max-age=0",
        "Link: </backoffice/>; rel=prerender",
        "Upgrade: websocket",
    ],
)
def test_a_notebook_cannot_steer_the_browser_or_the_proxy(line: str) -> None:
    name, _, value = line.partition(": ")
    headers = [each for each in told("Content-Type: text/html", line).headers if each[0] == name.lower()]
    assert value not in [each[1] for each in headers]


@pytest.mark.parametrize(
    "location",
    [
        "/backoffice/", "https://evil.example/", "//evil.example/", "/notebooks/other/lab", "../other/lab",
        "/notebooks/sales/../../backoffice/", "/notebooks/sales/%2e%2e/%2E%2e/backoffice/", "/notebooks/sales\\..\\x",
        "javascript:alert(1)", "http:/backoffice", "/notebooks/sales/.%2e/other", "\t/backoffice/",
    ],
)  # fmt: skip
def test_a_notebook_cannot_send_the_browser_elsewhere(location: str) -> None:
    with pytest.raises(BadHead):
        told(f"Location: {location}\tx" if location.startswith("\t") else f"Location: {location}", status="302 Found")


@pytest.mark.parametrize("location", ["/notebooks/sales/tree", "tree?a=1#b", "./tree/notes.txt", "?reset"])
def test_it_may_send_it_around_in_itself(location: str) -> None:
    assert told(f"Location: {location}", status="302 Found").get("location") == location


def test_on_the_suites_own_host_a_page_talks_to_its_own_path_alone() -> None:
    policy = told("Content-Type: text/html", asked=request("X-Forwarded-Proto: https")).get("content-security-policy")
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    here = "https://suite.client.it/notebooks/sales/"
    assert rules["default-src"] == "'none'"
    assert rules["connect-src"].split()[:2] == [here, "wss://suite.client.it/notebooks/sales/"]
    for name in ("connect-src", "script-src", "form-action", "frame-src", "worker-src"):
        assert "'self'" not in rules[name]
    assert "allow-popups" not in rules["sandbox"]
    assert "allow-top-navigation" not in rules["sandbox"]


def test_on_a_host_of_its_own_it_is_not_kept_to_a_path() -> None:
    policy = told("Content-Type: text/html", own=True, asked=request(target="/lab")).get("content-security-policy")
    assert policy == "frame-ancestors 'self'; base-uri 'self'"


def test_a_websocket_is_let_through_and_only_one_that_was_asked_for() -> None:
    asked = request("Upgrade: websocket", "Connection: upgrade")
    assert dict(for_notebook(asked, token="t").headers)["connection"] == "Upgrade"
    opened = told("Upgrade: websocket", "Sec-WebSocket-Accept: x", status="101 Switching", asked=asked)
    assert (opened.get("upgrade"), opened.get("connection"), opened.get("sec-websocket-accept")) == (
        "websocket", "Upgrade", "x",
    )  # fmt: skip
    with pytest.raises(BadHead):
        told("Upgrade: websocket", status="101 Switching")


@pytest.mark.parametrize("raw", [b"GET / HTTP/1.1\r\nno header", b"GET / HTTP/1.1\r\n folded: x", b"X: y\nInjected: z"])
def test_what_is_no_head_is_refused(raw: bytes) -> None:
    with pytest.raises(BadHead):
        Head.read(raw).target  # noqa: B018 - reading it is the test
