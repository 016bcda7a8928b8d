"""Asks a starting server from outside, where its address can be reached: a program run inside would take from its processor."""

from __future__ import annotations

import ipaddress
import socket
import time

from webapp.blueprints.notebooks.gateways.docker_networks import PREFIX

PAUSE = 0.03  # seconds between two looks
CONNECT_SECONDS = 0.5  # a neighbour on a bridge answers at once, or is not within reach
ANSWER_SECONDS = 5.0


def knock(address: str, port: int, path: str, *, seconds: float) -> bool | None:
    """Whether the server there answers `path` well within `seconds`; None when it cannot be reached from here."""
    if not _is_neighbour(address):
        return None
    until = time.monotonic() + seconds
    while True:
        try:
            if _answers_well(address, port, path):
                return True
        except ConnectionError:
            pass  # nobody listens yet, or it ended the line while it starts
        except OSError:  # no way there, or no answer to the first packet
            return None
        if time.monotonic() > until:
            return False
        time.sleep(PAUSE)


def _is_neighbour(address: str) -> bool:
    """Whether this process has an address of its own in the notebook's network: any other way there leads to a stranger."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:  # nothing is sent
        try:
            asking.connect((address, 9))
        except OSError:
            return False
        own = ipaddress.ip_address(asking.getsockname()[0])
    return own in ipaddress.ip_network(f"{address}/{PREFIX}", strict=False)


def _answers_well(address: str, port: int, path: str) -> bool:
    """Raises OSError when no connection comes about; a server that took the line may be slow to answer."""
    with socket.create_connection((address, port), timeout=CONNECT_SECONDS) as line:
        line.settimeout(ANSWER_SECONDS)
        try:
            line.sendall(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            first = line.makefile("rb").readline(256).split(b" ")
        except TimeoutError:
            return False
        return len(first) > 1 and first[1][:1] in (b"2", b"3")
