"""The line between nginx and the notebooks: real sockets, a small server in place of Jupyter's, and a house that changes its mind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from webapp.blueprints.notebooks.gateways.relay import Relay
from webapp.blueprints.notebooks.services.door import NoPass, Pass, Shut, Way

ALICE, BOB = Pass(1, 1, 7), Pass(2, 2, 7)
PASSES = {"alice": ALICE, "bob": BOB}
BASE = "/notebooks/sales/"
PATIENCE = 10
_writers: list[asyncio.StreamWriter] = []  # of the lines that a test opened


class House:
    """Who may enter what, as the tests say it."""

    def __init__(self) -> None:
        self.ways: dict[Pass, Way | Shut] = {}
        self.asked = 0
        self.silent = False

    def look_up(self, passes: frozenset[Pass]) -> Mapping[Pass, Way | Shut]:
        self.asked += 1
        if self.silent:
            raise ConnectionError("the database does not answer")
        return {shown: self.ways.get(shown, Shut.STRANGER) for shown in passes}


def read_pass(text: str) -> Pass:
    if text not in PASSES:
        raise NoPass
    return PASSES[text]


async def parrot(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Upgrades and echoes what it is asked to; else it answers with what it heard, and a cookie that must not pass."""
    head = await reader.readuntil(b"\r\n\r\n")
    if b"/elsewhere" in head:
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /backoffice/\r\nContent-Length: 0\r\n\r\n")
    elif b"/early" in head:
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
    elif b"websocket" in head.lower():
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
    else:
        body = head
        if b"content-length: 5" in head.lower():
            body += await reader.readexactly(5)
        writer.write(b"HTTP/1.1 200 OK\r\nSet-Cookie: session=mine\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


@asynccontextmanager
async def open_door(house: House, **options: Any) -> Any:
    """A parrot and a relay before it, to which alice may go; the relay and its port."""
    server = await asyncio.start_server(parrot, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    house.ways.setdefault(ALICE, Way("sales", 1, "127.0.0.1", port, "the-token"))
    relay = Relay(house.look_up, read_pass, **({"own_hosts": False, "every": 0.05} | options))
    listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    work = asyncio.create_task(relay.serve("127.0.0.1", 0, listening.set_result))
    try:
        yield relay, await asyncio.wait_for(listening, PATIENCE)
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        server.close()
        while _writers:
            writer = _writers.pop()
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


def run(test: Callable[[], Awaitable[None]]) -> None:
    """Run a test on a thread of its own: the browser of the journeys keeps a loop in the main one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(asyncio.wait_for(test(), 30))).result()


async def ask(port: int, *lines: str, path: str = "lab", who: str = "alice", body: bytes = b"") -> Any:
    """Send a request; the two ends of the line."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    _writers.append(writer)
    cookie = f"Cookie: session=of-the-suite; bottega_notebook={who}"
    head = [f"GET {BASE}{path} HTTP/1.1", "Host: suite.client.it", "X-Notebook: sales", cookie, *lines]
    writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
    return reader, writer


async def status_of(port: int, *lines: str, **more: Any) -> int:
    reader, writer = await ask(port, *lines, **more)
    line = await asyncio.wait_for(reader.readline(), PATIENCE)
    writer.close()
    return int(line.split()[1]) if line else 0


async def opened(port: int, **more: Any) -> Any:
    """An open websocket."""
    reader, writer = await ask(port, "Upgrade: websocket", "Connection: upgrade", **more)
    assert b"101" in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
    return reader, writer


async def echo(line: Any, text: bytes = b"1+1") -> bytes:
    line[1].write(text)
    return bytes(await asyncio.wait_for(line[0].readexactly(len(text)), PATIENCE))


async def ended(line: Any) -> bool:
    """Whether the line is cut; waits for it."""
    try:
        return await asyncio.wait_for(line[0].read(), PATIENCE) == b""
    except ConnectionError:
        return True


def test_a_request_reaches_the_notebook_with_its_token_and_without_the_suites_session() -> None:
    async def test() -> None:
        async with open_door(House()) as (_relay, port):
            reader, _writer = await ask(port, "Content-Length: 5", body=b"hello")
            heard = (await asyncio.wait_for(reader.read(), PATIENCE)).decode()
            assert "Authorization: token the-token" in heard
            assert "of-the-suite" not in heard
            assert "session=mine" not in heard
            assert heard.endswith("hello")

    run(test)


def test_who_shows_no_pass_or_may_not_enter_is_told_so() -> None:
    async def test() -> None:
        house = House()
        house.ways[BOB] = Shut.LOCKED
        async with open_door(house) as (_relay, port):
            assert await status_of(port, who="nobody") == 401
            assert await status_of(port, who="bob") == 423
            house.ways[BOB] = Shut.STRANGER
            await asyncio.sleep(0.1)
            assert await status_of(port, who="bob") == 403
            assert await status_of(port) == 200

    run(test)


def test_a_pass_opens_one_notebook_only() -> None:
    async def test() -> None:
        house = House()
        async with open_door(house) as (_relay, port):
            way = house.ways[ALICE]
            assert isinstance(way, Way)
            house.ways[ALICE] = Way("other", 1, way.address, way.port, "t")
            await asyncio.sleep(0.1)
            assert await status_of(port) == 403

    run(test)


def test_a_notebook_that_sends_the_browser_out_is_stopped_at_the_door() -> None:
    async def test() -> None:
        async with open_door(House()) as (_relay, port):
            assert await status_of(port, path="elsewhere") == 502
            assert await status_of(port, path="early") == 204

    run(test)


def test_nobody_answers_behind_the_door_and_the_line_just_ends() -> None:
    async def test() -> None:
        house = House()
        house.ways[ALICE] = Way("sales", 1, "127.0.0.1", 1, "t")
        async with open_door(house) as (_relay, port):
            assert await status_of(port) == 0  # nginx makes its page of it

    run(test)


def test_a_websocket_carries_what_is_said_both_ways() -> None:
    async def test() -> None:
        async with open_door(House()) as (relay, port):
            line = await opened(port)
            assert await echo(line) == b"1+1"
            large = b"x" * 3_000_000
            assert await echo(line, large) == large
            assert set(relay.lines) == {ALICE}
            line[1].close()
            for _ in range(100):
                await asyncio.sleep(0.02)
                if not relay.lines:
                    break
            assert relay.lines == {}

    run(test)


@pytest.mark.parametrize("why", [Shut.SIGNED_OUT, Shut.STRANGER, Shut.LOCKED, Shut.STOPPED])
def test_an_open_websocket_is_cut_when_its_right_ends_and_the_others_stay(why: Shut) -> None:
    async def test() -> None:
        house = House()
        async with open_door(house) as (_relay, port):
            house.ways[BOB] = house.ways[ALICE]
            alice, bob = await opened(port), await opened(port, who="bob")
            assert await echo(alice) == await echo(bob) == b"1+1"
            house.ways[ALICE] = why
            assert await ended(alice)
            assert await echo(bob, b"still here") == b"still here"

    run(test)


def test_a_websocket_to_a_container_that_was_replaced_is_cut() -> None:
    async def test() -> None:
        house = House()
        async with open_door(house) as (_relay, port):
            line, way = await opened(port), house.ways[ALICE]
            assert isinstance(way, Way)
            house.ways[ALICE] = Way(way.slug, way.generation + 1, way.address, way.port, way.token)
            assert await ended(line)

    run(test)


def test_lines_outlive_a_short_silence_of_the_house_and_not_a_long_one() -> None:
    async def test() -> None:
        house = House()
        async with open_door(house, patience=1.0) as (_relay, port):
            line = await opened(port)
            house.silent = True
            await asyncio.sleep(0.2)
            assert await echo(line) == b"1+1"
            assert await ended(line)

    run(test)


def test_many_requests_at_once_are_one_question() -> None:
    async def test() -> None:
        house = House()
        async with open_door(house, every=5.0) as (_relay, port):
            assert await asyncio.gather(*(status_of(port) for _ in range(40))) == [200] * 40
            assert house.asked == 1

    run(test)
