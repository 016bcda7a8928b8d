"""The line between nginx and the notebooks: it carries bytes for who may enter, and cuts them off when they may no more.

nginx asks once, when a request begins; a websocket begins once and lasts for days. So everything that goes to a notebook
passes here, and here it is asked again every second whether each open line may go on.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import cast

from webapp.blueprints.notebooks.gateways.heads import (
    COOKIE,
    END,
    LONGEST,
    SLUG_HEADER,
    BadHead,
    Head,
    for_browser,
    for_notebook,
)
from webapp.blueprints.notebooks.services.door import NoPass, Pass, Shut, Way

log = logging.getLogger(__name__)
HEAD_SECONDS = 15.0
CONNECT_SECONDS = 2.0
MOST_LINES = 4096
STATUS = {Shut.SIGNED_OUT: 401, Shut.STRANGER: 403, Shut.FOREIGN: 403, Shut.LOCKED: 423, Shut.STOPPED: 503}

LookUp = Callable[[frozenset[Pass]], Mapping[Pass, Way | Shut]]


class Relay:
    """Carries requests to notebooks. `look_up` asks the house, from a thread; `own_hosts`: each notebook has its host name.

    An open line is cut at most `every` seconds and one question after its right has ended; all are cut when the house has
    not answered for `patience` seconds.
    """

    def __init__(
        self,
        look_up: LookUp,
        read_pass: Callable[[str], Pass],
        *,
        own_hosts: bool,
        every: float = 1.0,
        patience: float = 30.0,
    ) -> None:
        self._look_up = look_up
        self.read_pass = read_pass
        self.own_hosts = own_hosts
        self.every = every
        self.patience = patience
        self.lines: dict[Pass, set[_Browser]] = {}
        self._known: dict[Pass, tuple[float, Way | Shut]] = {}
        self._asked: dict[Pass, asyncio.Task[Way | Shut]] = {}
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="door")
        self._answered = time.monotonic()
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, host: str, port: int, ready: Callable[[int], None] = lambda _port: None) -> None:
        """Listen and look after the open lines until cancelled; `ready` hears the port."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Browser(self), host, port)
        self._answered = time.monotonic()
        try:
            ready(server.sockets[0].getsockname()[1])
            while True:
                await asyncio.sleep(self.every)
                await self.look()
        finally:
            server.close()
            self.cut(self.lines)
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def look(self) -> None:
        """Ask about every open line, and cut those that may not go on as they are."""
        passes = frozenset(self.lines)
        try:
            ways = await self._ask(passes) if passes else {}
        except Exception:
            silence = time.monotonic() - self._answered
            log.exception("the door cannot ask who may go on, since %.0f s", silence)
            if silence > self.patience:
                self.cut(passes)
            return
        self._answered = time.monotonic()
        self._known = {shown: (self._answered, way) for shown, way in ways.items()}
        for shown, way in ways.items():
            changed = [line for line in self.lines.get(shown, ()) if line.way != way]
            for line in changed:
                line.cut()
            if changed:
                log.info(
                    "%s lines cut: user %s, notebook %s, %s", len(changed), shown.user_id, shown.notebook_id, _why(way)
                )

    def cut(self, passes: Iterable[Pass]) -> None:
        """End all lines of these passes at once."""
        for shown in list(passes):
            for line in list(self.lines.get(shown, ())):
                line.cut()

    async def way_for(self, shown: Pass) -> Way | Shut:
        """Where this pass leads, as known for at most `every` seconds; who asks at the same time is answered together."""
        known = self._known.get(shown)
        if known and time.monotonic() - known[0] < self.every:
            return known[1]
        task = self._asked.get(shown)
        if task is None:
            task = self._asked[shown] = asyncio.get_running_loop().create_task(self._ask_one(shown))
            task.add_done_callback(lambda _task: self._asked.pop(shown, None))
        return await asyncio.shield(task)

    def start(self, work: asyncio.Task[None]) -> None:
        """Keep a task until it is done."""
        self._tasks.add(work)
        work.add_done_callback(self._tasks.discard)

    async def _ask_one(self, shown: Pass) -> Way | Shut:
        way = (await self._ask(frozenset({shown})))[shown]
        self._known[shown] = (time.monotonic(), way)
        return way

    async def _ask(self, passes: frozenset[Pass]) -> Mapping[Pass, Way | Shut]:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._look_up, passes)


class _End(asyncio.Protocol):
    """One end of a line. What comes in goes to the other end; a full other end makes this one wait."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.other: _End | None = None
        self.through = False
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is there."""
        self.transport = cast("asyncio.Transport", transport)
        line: socket.socket = transport.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def data_received(self, data: bytes) -> None:
        """Pass it on, once the head is through."""
        if self.through:
            if self.other and self.other.transport:
                self.other.transport.write(data)
            return
        self._head += data
        try:
            while END in self._head and not self.through:
                head, _, self._head = self._head.partition(END)
                self.through = self.meet(head, self._head)
        except BadHead as problem:
            log.warning("refused at the door: %s", problem)
            self.refuse(502)
            return
        if self.through:
            self._head = b""
        elif len(self._head) > LONGEST:
            self.refuse(502)

    def meet(self, head: bytes, after: bytes) -> bool:
        """A head is there, and some bytes after it; True when all that follows just passes. Raises BadHead."""
        raise NotImplementedError

    def refuse(self, status: int) -> None:
        """End it with this status, if it can still be told."""
        raise NotImplementedError

    def pause_writing(self) -> None:
        """This end is full."""
        if self.other and self.other.transport and not self.other.transport.is_closing():
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        """It is not any more."""
        if self.other and self.other.transport and not self.other.transport.is_closing():
            self.other.transport.resume_reading()

    def connection_lost(self, _problem: Exception | None) -> None:
        """This end is gone: so is the other, once it has got what was under way."""
        if self.other and self.other.transport:
            self.other.transport.close()

    def abort(self) -> None:
        """End it at once."""
        if self.transport:
            self.transport.abort()


class _Browser(_End):
    """The end at which nginx is, for one request or one websocket."""

    def __init__(self, relay: Relay) -> None:
        super().__init__()
        self.relay = relay
        self.shown: Pass | None = None
        self.way: Way | Shut | None = None
        self.request: Head | None = None
        self._body = b""
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._late = asyncio.get_running_loop().call_later(HEAD_SECONDS, self.abort)

    def meet(self, head: bytes, after: bytes) -> bool:
        """Let the request wait while the house is asked."""
        request = Head.read(head)
        if self.transport:
            self.transport.pause_reading()
        if self._late:
            self._late.cancel()
        self.request, self._body = request, after
        self.relay.start(asyncio.get_running_loop().create_task(self._enter(request)))
        return True

    def refuse(self, status: int) -> None:
        if self.transport and not self.transport.is_closing():
            self.transport.write(f"HTTP/1.1 {status} -\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            self.transport.close()

    def connection_lost(self, problem: Exception | None) -> None:
        super().connection_lost(problem)
        if self._late:
            self._late.cancel()
        if self.shown and (mine := self.relay.lines.get(self.shown)):
            mine.discard(self)
            if not mine:
                del self.relay.lines[self.shown]

    def cut(self) -> None:
        """End both ends at once."""
        self.abort()
        if self.other:
            self.other.abort()

    async def _enter(self, request: Head) -> None:
        try:
            shown = self.relay.read_pass(request.cookie(COOKIE))
            way = await self.relay.way_for(shown)
            if isinstance(way, Shut):
                self.refuse(STATUS[way])
                return
            base = "/" if self.relay.own_hosts else f"/notebooks/{way.slug}/"
            if request.get(SLUG_HEADER) != way.slug or not request.target.startswith(base):
                self.refuse(403)
                return
            await self._connect(request, shown, way, base)
        except NoPass:
            self.refuse(401)
        except BadHead as problem:
            log.warning("refused at the door: %s", problem)
            self.refuse(400)
        except (OSError, TimeoutError):
            self.abort()  # nginx tells the browser that the notebook does not answer
        except Exception:
            log.exception("the door failed")
            self.refuse(503)

    async def _connect(self, request: Head, shown: Pass, way: Way, base: str) -> None:
        if sum(map(len, self.relay.lines.values())) >= MOST_LINES:
            self.refuse(503)
            return
        loop = asyncio.get_running_loop()
        heard = for_notebook(request, token=way.token)
        async with asyncio.timeout(CONNECT_SECONDS):
            transport, inside = await loop.create_connection(lambda: _Inside(self, base), way.address, way.port)
        if self.transport is None or self.transport.is_closing():
            transport.abort()
            return
        self.shown, self.way, self.other, inside.other = shown, way, inside, self
        self.relay.lines.setdefault(shown, set()).add(self)
        transport.write(heard.write() + self._body)
        self.transport.resume_reading()


class _Inside(_End):
    """The end at which the notebook's server is."""

    def __init__(self, browser: _Browser, base: str) -> None:
        super().__init__()
        self.browser = browser
        self.base = base

    def meet(self, head: bytes, after: bytes) -> bool:
        """Let through of the answer what may be told a browser."""
        answer, request = Head.read(head), self.browser.request
        if request is None or self.browser.transport is None:
            return False
        if answer.status < 200 and answer.status != 101:
            return False  # an answer before the answer
        told = for_browser(answer, request, base=self.base, own=self.browser.relay.own_hosts)
        self.browser.transport.write(told.write() + after)
        return True

    def refuse(self, status: int) -> None:
        self.browser.other = None
        self.abort()
        self.browser.refuse(status)


def _why(way: Way | Shut) -> str:
    return way.value if isinstance(way, Shut) else "it answers elsewhere now"
