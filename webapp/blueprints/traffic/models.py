"""What the traffic room keeps: the book of the files, hits by the day, visits, problems, and the vault of addresses.

The parts of the tables with a `day` lie in the schema `traffic_days` (`services.partitions`). A day is the company's local
day at the time of reading. What ends in `_id` is a text (`traffic_texts`), NULL where the line tells none.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    REAL,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Numbered

BY_DAY: dict[str, Any] = {"postgresql_partition_by": "RANGE (day)"}
HIT_TEXTS = ("host", "method", "path", "query", "protocol", "referrer", "agent", "cache", "tls", "network")
KINDS = {name: number for number, name in enumerate((*HIT_TEXTS, "shape"), 1)}


class TrafficFile(Numbered, Base):
    """A log and its book: lines = parsed + rejected + ignored, of which `hits` are requests and the rest problems.

    `device` and `inode` are where it lies now, if it does; `head` and `tail` are digests of its first bytes and of those
    before `read_to`, by which a copy of it is known again, compressed or not. `read_to` counts uncompressed bytes.
    """

    __tablename__ = "traffic_files"
    __table_args__ = (CheckConstraint("lines = parsed + rejected + ignored", name="book"),)

    family: Mapped[str] = mapped_column(Text, index=True)
    path: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(String(20))
    device: Mapped[int | None]
    inode: Mapped[Decimal | None] = mapped_column(Numeric(20, 0), index=True)
    head_size: Mapped[int] = mapped_column(server_default=text("0"))
    head: Mapped[bytes] = mapped_column(LargeBinary)
    tail_size: Mapped[int] = mapped_column(server_default=text("0"))
    tail: Mapped[bytes] = mapped_column(LargeBinary)
    read_to: Mapped[int] = mapped_column(server_default=text("0"))
    lines: Mapped[int] = mapped_column(server_default=text("0"))
    parsed: Mapped[int] = mapped_column(server_default=text("0"))
    rejected: Mapped[int] = mapped_column(server_default=text("0"))
    ignored: Mapped[int] = mapped_column(server_default=text("0"))
    hits: Mapped[int] = mapped_column(server_default=text("0"))
    first_at: Mapped[dt.datetime | None]
    last_at: Mapped[dt.datetime | None]
    begun_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    read_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    def __str__(self) -> str:
        return self.path


class BookDay(Base):
    """What a file holds of one day. `expired` of its `hits` are no longer kept. `derived`: its visits are up to date."""

    __tablename__ = "traffic_book"

    file_id: Mapped[int] = mapped_column(ForeignKey("traffic_files.id"), primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True, index=True)
    hits: Mapped[int]
    bytes: Mapped[Decimal] = mapped_column(Numeric(30, 0))
    expired: Mapped[int] = mapped_column(server_default=text("0"))
    derived: Mapped[bool] = mapped_column(server_default=text("false"))
    changed_xid: Mapped[int] = mapped_column(server_default=text("pg_current_xact_id()::text::bigint"), index=True)


class TrafficText(Base):
    """A text that lines share, once; `digest` is that of its bytes, since an index takes no long ones."""

    __tablename__ = "traffic_texts"
    __table_args__ = (UniqueConstraint("kind", "digest"),)

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    kind: Mapped[int] = mapped_column(SmallInteger)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    text: Mapped[str] = mapped_column(Text)


class Agent(Base):
    """What the name of a browser says, by ua-parser; "" is not known."""

    __tablename__ = "traffic_agents"

    id: Mapped[int] = mapped_column(Integer, ForeignKey("traffic_texts.id"), primary_key=True, autoincrement=False)
    browser: Mapped[str] = mapped_column(Text)
    browser_version: Mapped[str] = mapped_column(Text)
    system: Mapped[str] = mapped_column(Text)
    device: Mapped[str] = mapped_column(Text)


class _OfALine:
    """A row that one line of a file made; `place` is the line's number in the file, from 1."""

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)


class Hit(_OfALine, Base):
    """A request. Times in seconds. `visitor` is a hash under the day's key; `network_id` the shortened address."""

    __tablename__ = "traffic_hits"
    __table_args__ = (
        Index("ix_traffic_hits_request_id", "request_id", postgresql_where=text("request_id IS NOT NULL")),
        BY_DAY,
    )

    at: Mapped[dt.datetime]
    visitor: Mapped[int]
    bytes: Mapped[int]
    status: Mapped[int] = mapped_column(SmallInteger)
    upstream_status: Mapped[int | None] = mapped_column(SmallInteger)
    host_id: Mapped[int | None] = mapped_column(Integer)
    method_id: Mapped[int | None] = mapped_column(Integer)
    path_id: Mapped[int | None] = mapped_column(Integer)
    query_id: Mapped[int | None] = mapped_column(Integer)
    protocol_id: Mapped[int | None] = mapped_column(Integer)
    referrer_id: Mapped[int | None] = mapped_column(Integer)
    agent_id: Mapped[int | None] = mapped_column(Integer)
    cache_id: Mapped[int | None] = mapped_column(Integer)
    tls_id: Mapped[int | None] = mapped_column(Integer)
    network_id: Mapped[int | None] = mapped_column(Integer)
    request_time: Mapped[float | None] = mapped_column(REAL)
    upstream_time: Mapped[float | None] = mapped_column(REAL)
    request_bytes: Mapped[int | None]
    request_id: Mapped[str | None] = mapped_column(Text)


class Visit(Base):
    """Hits of one visitor without half an hour of silence between them, within a day."""

    __tablename__ = "traffic_visits"
    __table_args__ = (BY_DAY,)

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    visitor: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[dt.datetime] = mapped_column(primary_key=True)
    ended_at: Mapped[dt.datetime]
    hits: Mapped[int] = mapped_column(Integer)
    bytes: Mapped[int]
    host_id: Mapped[int | None] = mapped_column(Integer)
    entry_id: Mapped[int | None] = mapped_column(Integer)
    exit_id: Mapped[int | None] = mapped_column(Integer)
    referrer_id: Mapped[int | None] = mapped_column(Integer)
    agent_id: Mapped[int | None] = mapped_column(Integer)
    network_id: Mapped[int | None] = mapped_column(Integer)


class Trouble(_OfALine, Base):
    """A line of nginx's error log; `shape_id` is its message without what differs from time to time. No address is in it."""

    __tablename__ = "traffic_problems"
    __table_args__ = (
        Index("ix_traffic_problems_request_id", "request_id", postgresql_where=text("request_id IS NOT NULL")),
        BY_DAY,
    )

    at: Mapped[dt.datetime]
    level: Mapped[str] = mapped_column(String(20))
    pid: Mapped[int]
    shape_id: Mapped[int] = mapped_column(Integer, index=True)
    message: Mapped[str] = mapped_column(Text)
    request: Mapped[str] = mapped_column(Text, server_default=text("''"))
    upstream: Mapped[str] = mapped_column(Text, server_default=text("''"))
    host_id: Mapped[int | None] = mapped_column(Integer)
    network_id: Mapped[int | None] = mapped_column(Integer)
    request_id: Mapped[str | None] = mapped_column(Text)


class VaultAddress(Base):
    """Of the vault: the full address behind a visitor's hash. Read it by `services.vault` alone, which writes down who did."""

    __tablename__ = "traffic_vault"
    __table_args__ = (BY_DAY,)

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    visitor: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(Text)


class RejectedLine(_OfALine, Base):
    """Of the vault, since it may hold an address: a line that no format knows, as it was. `day` is when it was read."""

    __tablename__ = "traffic_rejects"
    __table_args__ = (BY_DAY,)

    reason: Mapped[str] = mapped_column(String(20))
    line: Mapped[bytes] = mapped_column(LargeBinary)


class VaultReading(Numbered, Base):
    """Who read what of the vault, and when."""

    __tablename__ = "traffic_vault_readings"

    read_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    user_id: Mapped[int | None]
    actor: Mapped[str] = mapped_column(String(200))
    what: Mapped[str] = mapped_column(Text)


class DayKey(Base):
    """The key under which a day's visitors are hashed; once it is destroyed, nobody can tell who was who."""

    __tablename__ = "traffic_keys"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class Part(Base):
    """A partition: of which table, for which day, and since when."""

    __tablename__ = "traffic_parts"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    parent: Mapped[str] = mapped_column(String(80))
    day: Mapped[dt.date]
    made_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
