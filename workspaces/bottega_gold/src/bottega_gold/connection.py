"""The one connection of this kernel to GOLD: for reading, each statement by itself, so that none is held open."""

from __future__ import annotations

import os
from typing import Any

import psycopg2

_connections: dict[int, Any] = {}


class GoldNotThere(Exception):
    """This notebook cannot read GOLD; the message says why."""


def connection() -> Any:
    """The connection, made when it is first needed and again when it was lost. Raises GoldNotThere."""
    here = _connections.get(os.getpid())  # a forked process must not speak on its parent's
    if here is not None and not here.closed:
        return here
    if not os.environ.get("PGHOST"):
        why = (
            os.environ.get("BOTTEGA_GOLD_WHY")
            or "It was started without a way to GOLD: ask whoever looks after the house."
        )
        raise GoldNotThere(f"This notebook cannot read GOLD. {why}")
    try:
        made = psycopg2.connect("", connect_timeout=10, application_name="bottega_gold")
    except psycopg2.OperationalError as error:
        raise GoldNotThere(f"GOLD does not answer: {str(error).strip()}") from error
    made.set_session(readonly=True, autocommit=True)
    _connections[os.getpid()] = made
    return made


def forget() -> None:
    """Drop the connection: the next question makes another."""
    lost = _connections.pop(os.getpid(), None)
    if lost is not None:
        lost.close()


def is_lost() -> bool:
    """Whether this kernel had a connection that has ended."""
    here = _connections.get(os.getpid())
    return bool(here is not None and here.closed)
