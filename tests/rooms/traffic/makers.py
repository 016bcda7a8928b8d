"""Lines of logs, and the reading of them."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.blueprints.tasks.gateways.runner import execute
from webapp.blueprints.tasks.public import State
from webapp.blueprints.tasks.public import ask as ask_for
from webapp.blueprints.traffic.models import TrafficFile
from webapp.blueprints.traffic.services.agents import read_agents
from webapp.blueprints.traffic.services.files import with_rotated
from webapp.blueprints.traffic.services.ingesting import Reading, Told, read_files
from webapp.blueprints.traffic.services.terms import get_terms
from webapp.blueprints.traffic.services.visits import derive_all
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NGINX = (
    "time", "msec", "request_id", "host", "method", "uri", "query", "status", "bytes", "request_bytes", "request_time",
    "upstream_time", "database_time", "upstream_status", "cache", "referrer", "user_agent", "address", "protocol", "tls", "cipher",
    "pid", "connection",
)  # fmt: skip


def clf(moment: dt.datetime) -> str:
    return moment.strftime("%d/%b/%Y:%H:%M:%S %z")


def combined(
    *, address: str = "203.0.113.7", at: dt.datetime | None = None, request: str = "GET /shop?page=2 HTTP/1.1", status: int = 200,
    size: str = "1234", referrer: str = "https://example.com/", agent: str = AGENT,
) -> bytes:  # fmt: skip
    """A line as nginx and Apache write it, with its end."""
    moment = clf(at or dt.datetime.now(dt.UTC))
    return f'{address} - - [{moment}] "{request}" {status} {size} "{referrer}" "{agent}"\n'.encode()


def as_json(at: dt.datetime | None = None, **changes: str) -> bytes:
    """A line of this house's nginx, with its end; every value is a text, as nginx writes them."""
    moment = at or dt.datetime.now(dt.UTC)
    told = {
        "time": moment.isoformat(timespec="seconds"), "msec": f"{moment.timestamp():.3f}", "request_id": "0" * 31 + "7",
        "host": "suite.example.it", "method": "GET", "uri": "/shop", "query": "page=2", "status": "200", "bytes": "1234",
        "request_bytes": "512", "request_time": "0.125", "upstream_time": "0.100", "database_time": "0.040",
        "upstream_status": "200", "cache": "MISS",
        "referrer": "", "user_agent": AGENT, "address": "203.0.113.7", "protocol": "HTTP/2.0", "tls": "TLSv1.3",
        "cipher": "TLS_AES_256_GCM_SHA384", "pid": "4242", "connection": "17",
    } | changes  # fmt: skip
    assert tuple(told) == NGINX
    return json.dumps(told, separators=(",", ":")).encode() + b"\n"


def write(folder: Path, name: str, *lines: bytes) -> str:
    path = folder / name
    path.write_bytes(b"".join(lines))
    return str(path)


def store(session: Session, folder: Path, lines: Sequence[bytes], name: str = "access.jsonl") -> None:
    """Read lines in the test's own transaction, with all that is derived from them."""
    path = write(folder, name, *lines)
    read_files([path], Reading(transaction, get_terms(session, current_app.extensions["settings"], utc_now())))
    derive_all(transaction)
    while read_agents(session):
        pass


def ingest(*paths: str, form: str = "auto") -> Told:
    """Read files to their end, as the command does."""
    return _read(paths, form, whole=True)


def follow(pattern: str) -> Told:
    """One round of the collector."""
    return _read(with_rotated([pattern]), "auto", whole=False)


def _read(paths: Sequence[str], form: str, *, whole: bool) -> Told:
    with transaction() as session:
        terms = get_terms(session, current_app.extensions["settings"], utc_now())
    told = read_files(paths, Reading(transaction, terms, form, whole=whole))
    derive_all(transaction)
    db.session.remove()
    return told


def run_task(app: Flask, kind: str, **args: object) -> State | None:
    """Do a task of the room here and now; how it ended."""
    with transaction() as session:
        number = ask_for(session, kind, args, by=SYSTEM).id
    return execute(app, number, worker="test", kill=lambda: None)


def ask(query: str, **values: Any) -> list[tuple[Any, ...]]:
    with db.engines[None].connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def hits() -> list[dict[str, Any]]:
    """All hits in the order of their lines, with their texts."""
    names = ("host", "method", "path", "query", "protocol", "referrer", "agent", "cache", "tls", "network")
    columns = ", ".join(f"(SELECT text FROM traffic_texts WHERE id = {name}_id) AS {name}" for name in names)
    with db.engines[None].connect() as connection:
        rows = connection.execute(text(f"SELECT h.*, {columns} FROM traffic_hits h ORDER BY file_id, place"))
        return [dict(row) for row in rows.mappings()]


def book() -> tuple[int, int, int, int]:
    """Lines, parsed, rejected and ignored of all files."""
    with transaction() as session:
        files = session.query(TrafficFile).all()
        lines, parsed = sum(file.lines for file in files), sum(file.parsed for file in files)
        return lines, parsed, sum(file.rejected for file in files), sum(file.ignored for file in files)


def countries(known: dict[str, str], *, build: int) -> bytes:
    """A file of countries in MaxMind's format: the codes of IPv4 networks."""

    def word(said: str) -> bytes:
        return bytes([0x40 | len(said)]) + said.encode()

    def number(value: int, kind: int, width: int) -> bytes:
        head = bytes([kind << 5 | width]) if kind < 8 else bytes([width, kind - 7])
        return head + value.to_bytes(width, "big")

    nodes: list[list[int | str | None]] = [[None, None]]
    for network, code in known.items():
        parsed = ipaddress.ip_network(network)
        bits = format(int(parsed.network_address), "032b")[: parsed.prefixlen]
        at = 0
        for bit in bits[:-1]:
            if not isinstance(nodes[at][int(bit)], int):
                nodes.append([None, None])
                nodes[at][int(bit)] = len(nodes) - 1
            at = int(nodes[at][int(bit)] or 0)
        nodes[at][int(bits[-1])] = code
    content, places = b"", {}
    for code in sorted(set(known.values())):
        places[code] = len(content)
        content += b"\xe1" + word("country") + b"\xe1" + word("iso_code") + word(code)

    def record(target: int | str | None) -> bytes:
        value = (
            len(nodes) if target is None else target if isinstance(target, int) else len(nodes) + 16 + places[target]
        )
        return value.to_bytes(3, "big")

    tree = b"".join(record(side) for node in nodes for side in node)
    facts = {
        "node_count": number(len(nodes), 6, 4), "record_size": number(24, 5, 2), "ip_version": number(4, 5, 2),
        "database_type": word("Test"), "languages": b"\x00\x04", "binary_format_major_version": number(2, 5, 2),
        "binary_format_minor_version": number(0, 5, 2), "build_epoch": number(build, 9, 8), "description": b"\xe0",
    }  # fmt: skip
    told = bytes([0xE0 | len(facts)]) + b"".join(word(name) + value for name, value in facts.items())
    return tree + b"\0" * 16 + content + b"\xab\xcd\xefMaxMind.com" + told
