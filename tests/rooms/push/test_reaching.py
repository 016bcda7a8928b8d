"""No subscription makes the house call an address of its own network, whatever names say, and however often they are asked."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from urllib3.util import connection

from tests.rooms.push.service import PushService
from webapp.blueprints.push.ports import Answer, Outgoing
from webapp.blueprints.push.tasks.posting import PushServices
from webapp.blueprints.push.tasks.reaching import is_of_the_world

NAME = "fcm.googleapis.com"
PUBLIC, OWN = "8.8.8.8", "127.0.0.1"


@pytest.fixture
def post(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Answer, list[str]]]:
    """`post([PUBLIC], [OWN])`: a push while the name leads to the first list, then to the next: the answer, and who was called."""

    def posted(*answers: list[str], scheme: str = "https") -> tuple[Answer, list[str]]:
        left, called = list(answers), []

        def look_up(host: str, port: int, *_args: object, **_more: object) -> list[Any]:
            found = [host] if host != NAME else left.pop(0) if len(left) > 1 else left[0]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

        def connect(address: tuple[str, int], *_args: object, **_more: object) -> socket.socket:
            called.append(look_up(*address)[0][4][0])
            raise ConnectionRefusedError

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        monkeypatch.setattr(connection, "create_connection", connect)
        told = PushService().device("phone").told["keys"]
        push = Outgoing(1, f"{scheme}://{NAME}/x", told["p256dh"], told["auth"], "{}", 60, "normal")
        with PushServices("A" * 42 + "E", "mailto:a@b.example", app.extensions["settings"]) as services:
            return services.post(push, timeout=1), called

    return posted


def test_a_name_is_looked_up_once_and_what_was_looked_at_is_called(post: Callable[..., Any]) -> None:
    answer, called = post([PUBLIC], [OWN])
    assert (answer.outcome, called) == ("later", [PUBLIC])


@pytest.mark.parametrize("found", [[OWN], [PUBLIC, "10.0.0.7"], ["169.254.169.254"], ["::1"], ["fd00::1"]])
def test_a_name_that_leads_inside_is_not_called(post: Callable[..., Any], found: list[str]) -> None:
    answer, called = post(found)
    assert (answer.outcome, called) == ("refused", [])


def test_nothing_leaves_but_over_tls(post: Callable[..., Any]) -> None:
    answer, called = post([PUBLIC], scheme="http")
    assert (answer.outcome, called) == ("refused", [])


@pytest.mark.parametrize(
    ("address", "right"),
    [
        (PUBLIC, True), ("2001:4860:4860::8888", True), ("64:ff9b::808:808", True), ("64:ff9b::a00:7", False),
        ("::ffff:10.0.0.7", False), ("2002:7f00:1::", False), ("100.64.0.1", False), ("224.0.0.1", False),
        ("::", False), ("fe80::1%eth0", False), ("192.168.1.1", False), ("172.17.0.1", False),
    ],
)  # fmt: skip
def test_an_address_of_the_world_is_told_from_others(address: str, right: bool) -> None:
    assert is_of_the_world(address) is right
