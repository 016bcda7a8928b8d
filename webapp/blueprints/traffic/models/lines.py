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
    BigInteger,
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
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Editable, Numbered

BY_DAY: dict[str, Any] = {"postgresql_partition_by": "RANGE (day)"}
HIT_TEXTS = ("host", "method", "path", "query", "protocol", "referrer", "agent", "cache", "tls", "network")
KINDS = {name: number for number, name in enumerate((*HIT_TEXTS, "shape"), 1)}
# what tallies are by: all of a day, a text of a kind, the status, the hour since 1970 (UTC), the path of page views
TALLIES = {"all": 0, "status": 20, "hour": 21, "page": 22} | {
    name: KINDS[name] for name in ("host", "method", "path", "protocol", "referrer", "agent", "cache", "network")
}


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
    """A text that lines share, once; `digest` is that of its bytes, since an index takes no long ones.

    `seen` is the last day on which a line with it was read, by which it goes when no line of it can be kept any more.
    """

    __tablename__ = "traffic_texts"
    __table_args__ = (UniqueConstraint("kind", "digest"),)

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    kind: Mapped[int] = mapped_column(SmallInteger)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    text: Mapped[str] = mapped_column(Text)
    seen: Mapped[dt.date] = mapped_column(server_default=func.current_date())


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
        Index("ix_traffic_hits_at", "at"),
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
    database_time: Mapped[float | None] = mapped_column(REAL)
    request_bytes: Mapped[int | None]
    request_id: Mapped[str | None] = mapped_column(Text)
    pid: Mapped[int | None]
    connection: Mapped[int | None]


# how long an answer took, -1 where its line does not tell; indexed for days that are over (`services.ordering`)
MILLISECONDS = literal_column("coalesce(CAST(request_time * 1000 AS bigint), -1)", BigInteger)


class Visit(Base):
    """Hits of one visitor without half an hour of silence between them, within a day. `pages` of them are page views."""

    __tablename__ = "traffic_visits"
    __table_args__ = (BY_DAY,)

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    visitor: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[dt.datetime] = mapped_column(primary_key=True)
    ended_at: Mapped[dt.datetime]
    hits: Mapped[int] = mapped_column(Integer)
    pages: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    bytes: Mapped[int]
    host_id: Mapped[int | None] = mapped_column(Integer)
    entry_id: Mapped[int | None] = mapped_column(Integer)
    exit_id: Mapped[int | None] = mapped_column(Integer)
    referrer_id: Mapped[int | None] = mapped_column(Integer)
    agent_id: Mapped[int | None] = mapped_column(Integer)
    network_id: Mapped[int | None] = mapped_column(Integer)


class Tally(Base):
    """The hits of a day that have something in common: `key` says what, in the way of the `kind` (`TALLIES`).

    `key` is 0 where the line tells nothing of the kind. A visitor is one of a day, so that sums over days are true for all
    columns. A day has its tallies where all of its rows in the book are `derived` and it has one of the kind 0.
    """

    __tablename__ = "traffic_tallies"
    __table_args__ = (BY_DAY,)

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    kind: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    key: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    hits: Mapped[int]
    visitors: Mapped[int] = mapped_column(Integer)
    bytes: Mapped[Decimal] = mapped_column(Numeric(30, 0))
    pages: Mapped[int]
    errors: Mapped[int]
    s2: Mapped[int]
    s3: Mapped[int]
    s4: Mapped[int]
    s5: Mapped[int]


class Trouble(_OfALine, Base):
    """A line of nginx's error log, or of the application's own; no full address and no secret is in it.

    `shape_id` is its message without what differs from time to time. `connection` is nginx's number of it, as in `Hit`.
    """

    __tablename__ = "traffic_problems"
    __table_args__ = (
        Index("ix_traffic_problems_request_id", "request_id", postgresql_where=text("request_id IS NOT NULL")),
        Index("ix_traffic_problems_at", "at"),
        CheckConstraint("source IN ('nginx', 'application')", name="source"),
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
    connection: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(12), server_default=text("'nginx'"))


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


class Rule(Editable, Base):
    """How a visitor of a day is told: the first rule in the order of `position` that meets them says their class.

    `pattern` is a regular expression of PostgreSQL on a text of the `subject`'s kind, a network for the subject `network`,
    and for `misses` how many different paths that were answered 400 to 499. `answered`: only what was answered by a success counts.
    `origin` names a rule that the house brings; "" one of the owner's.
    """

    __tablename__ = "traffic_rules"
    __table_args__ = (
        Index("uq_traffic_rules_origin", "origin", unique=True, postgresql_where=text("origin <> ''")),
        CheckConstraint("class IN ('person', 'search', 'ai', 'monitor', 'attack', 'staff', 'bot')", name="class"),
        CheckConstraint("subject IN ('agent', 'path', 'query', 'referrer', 'network', 'misses')", name="subject"),
    )
    counts_as_data = False

    position: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column("class", String(10))
    subject: Mapped[str] = mapped_column(String(10))
    pattern: Mapped[str] = mapped_column(Text)
    answered: Mapped[bool] = mapped_column(server_default=text("false"))
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    origin: Mapped[str] = mapped_column(String(40), server_default=text("''"))

    def __str__(self) -> str:
        return self.name


class Mark(Base):
    """That a text was held against the rules (rule 0), and which of them it meets."""

    __tablename__ = "traffic_marks"

    text_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    rule_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Visitor(Base):
    """A visitor of a day: their class with the rule and the text that say so; no rule: a person, for want of another.

    `attacks` are those of the hits whose path or query meets a rule of attacks.
    """

    __tablename__ = "traffic_visitors"
    __table_args__ = (BY_DAY,)

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    visitor: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column("class", String(10))
    rule_id: Mapped[int | None]
    text_id: Mapped[int | None] = mapped_column(Integer)
    hits: Mapped[int] = mapped_column(Integer)
    attacks: Mapped[int] = mapped_column(Integer)
    bytes: Mapped[int]
    first_at: Mapped[dt.datetime]
    last_at: Mapped[dt.datetime]
    agent_id: Mapped[int | None] = mapped_column(Integer)
    network_id: Mapped[int | None] = mapped_column(Integer)


class ClassifiedDay(Base):
    """A day whose visitors are told apart by the rules as they are, from the hits as they are."""

    __tablename__ = "traffic_classified"

    day: Mapped[dt.date] = mapped_column(primary_key=True)


class Network(Base):
    """The country of a shortened address by the local file of countries, "" where it knows none; `build`: of which file."""

    __tablename__ = "traffic_networks"

    id: Mapped[int] = mapped_column(Integer, ForeignKey("traffic_texts.id"), primary_key=True, autoincrement=False)
    country: Mapped[str] = mapped_column(String(2), index=True)
    build: Mapped[int]
