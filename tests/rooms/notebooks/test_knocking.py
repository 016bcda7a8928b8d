"""Asking a starting server from outside: it answers well, not yet, or cannot be reached from here."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.core.test_serve import free_port
from webapp.blueprints.notebooks.gateways.knocking import knock

HOST = "127.0.0.1"


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server((HOST, 0)) as line:
        yield line


def answer(server: socket.socket, *answers: bytes) -> threading.Thread:
    """Answer as many requests, one after the other."""

    def work() -> None:
        for each in answers:
            line, _address = server.accept()
            with closing(line):
                line.recv(4096)
                line.sendall(each)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_server_that_is_not_ready_at_first_is_asked_again(server: socket.socket) -> None:
    thread = answer(server, b"HTTP/1.1 503 -\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\n\r\n")
    assert knock(HOST, server.getsockname()[1], "/api", seconds=30) is True
    thread.join(30)


def test_where_nobody_listens_yet_it_is_not_ready() -> None:
    assert knock(HOST, free_port(), "/api", seconds=0) is False


@pytest.mark.allow_hosts(["10.213.9.9"])
def test_a_network_in_which_this_machine_has_no_address_is_left_to_be_asked_otherwise() -> None:
    assert knock("10.213.9.9", 8888, "/api", seconds=0) is None
