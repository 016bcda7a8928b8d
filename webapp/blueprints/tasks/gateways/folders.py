"""The folders of `filesystem://`, made safe for many processes: a message appears whole or not at all."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

log = logging.getLogger(__name__)
TRIES = 20
PAUSE = 0.05  # seconds


class Channel(filesystem.Channel):
    """Kombu's own opens a file and then writes it: who takes it in between finds it empty and dies of that."""

    def _put(self, queue: str, payload: Any, **_how: Any) -> None:  # type: ignore[override]  # as kombu's folders do
        """Write a message under a name that nobody looks for, then give it its own. Raises ChannelError."""
        folder = Path(self.data_folder_out)
        name = f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg"
        unready = folder / f"{name}.unready"
        try:
            unready.write_text(dumps(payload))  # type: ignore[no-untyped-call]  # kombu has no types
            unready.rename(folder / name)
        except OSError as error:
            unready.unlink(missing_ok=True)
            raise ChannelError(f"cannot write a message to {folder}: {error}") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002 - as in the base
        """The next message. Raises Empty; one that was torn when a machine died is left out: its row knows better."""
        try:
            return super()._get(queue)  # type: ignore[no-untyped-call]
        except ValueError as error:
            log.warning("a message of the queue %s was torn: %s", queue, error)
            raise Empty from error

    def get_table(self, exchange: str) -> Any:
        """The queues of an exchange."""
        return _once_written(lambda: super(Channel, self).get_table(exchange))  # type: ignore[no-untyped-call]

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        _once_written(lambda: super(Channel, self)._queue_bind(exchange, routing_key, pattern, queue))  # type: ignore[no-untyped-call]


class Transport(filesystem.Transport):
    """Kombu's transport over these channels."""

    Channel = Channel


TRANSPORT_ALIASES["folders"] = f"{__name__}:Transport"
FOLDERS = (
    "folders://localhost"  # with a host, though folders have none: without one, kombu warns that it takes this one
)


def _once_written(read: Callable[[], Any]) -> Any:
    """What `read` gives; a table that another process has just made and not yet written is waited for."""
    for _ in range(TRIES):
        try:
            return read()
        except ValueError:
            time.sleep(PAUSE)
    return read()
