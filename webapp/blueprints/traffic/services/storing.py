"""From the columns of a block to rows: texts are numbered, visitors hashed, rows copied, and the file's book written.

All happens in the caller's transaction, so that a row is there exactly when the book says that its line was read.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import HIT_TEXTS, KINDS, RejectedLine, TrafficFile, Trouble
from webapp.blueprints.traffic.services.binary import Field, days, encode, figures, moments, texts
from webapp.blueprints.traffic.services.lines import Problem
from webapp.blueprints.traffic.services.masking import Masking
from webapp.blueprints.traffic.services.parsing import NONE, Parsed
from webapp.blueprints.traffic.services.partitions import ensure_parts
from webapp.blueprints.traffic.services.places import Places
from webapp.blueprints.traffic.services.privacy import day_keys, masked, shortened, visitor_hash, without_addresses

QUARTER = 900_000_000  # microseconds; every zone is a whole number of quarters of an hour away from UTC
KNOWN_TEXTS = 200_000
REQUEST_ID = re.compile(r"request_id[\"':= ]+([0-9A-Za-z_-]{8,64})")
VARYING = re.compile(r"\"[^\"]*\"|'[^']*'|\b0x[0-9A-Fa-f]+\b|\b[0-9a-f]{16,}\b|(?<![\w.])/[\w./-]+|\d+")

# in the order of the key, so that two who store the same do not wait for each other for ever
INTO_TEXTS = text(
    "INSERT INTO traffic_texts (kind, digest, text) SELECT * FROM unnest(CAST(:kinds AS smallint[]), "
    "CAST(:digests AS bytea[]), CAST(:texts AS text[])) AS w(kind, digest, text) ORDER BY 1, 2 ON CONFLICT DO NOTHING"
)
WAKE = text(
    "UPDATE traffic_texts SET seen = CURRENT_DATE WHERE id IN "
    "(SELECT id FROM traffic_texts WHERE id = ANY(:ids) ORDER BY id FOR UPDATE) RETURNING id"
)
INTO_VAULT = text(
    "INSERT INTO traffic_vault (day, visitor, address) SELECT * FROM unnest(CAST(:days AS date[]), "
    "CAST(:visitors AS bigint[]), CAST(:addresses AS text[])) AS w(day, visitor, address) ORDER BY 1, 2 ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True)
class Terms:
    """What holds for all lines of a run: the company's zone, its today, and for how many days what is kept.

    `log_zone` is that of times which tell none, as in nginx's log of problems; None: the company's.
    """

    zone: ZoneInfo
    today: dt.date
    keep_days: int
    vault_days: int
    level: int
    secret_names: tuple[str, ...] = ()
    log_zone: ZoneInfo | None = None


@dataclass
class Kept:
    """What became of a block."""

    lines: int = 0
    parsed: int = 0
    rejected: int = 0
    ignored: int = 0
    hits: int = 0


class Store:
    """Keeps blocks of parsed lines. What it remembers of texts is good for one database."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._masking = Masking(terms.secret_names)
        self._texts: dict[tuple[str, str], int] = {}
        self._fresh: dict[tuple[str, str], int] = {}
        self._in_vault: set[int] = set()
        self._into_vault: set[int] = set()

    def keep(self, session: Session, file: TrafficFile, parsed: Parsed) -> Kept:
        """Store a block of a file, and add it to the file's book. The next line of the file is number `file.lines` + 1."""
        self._fresh, self._into_vault = {}, set()
        if len(parsed.at):
            self._keep_hits(session, file, parsed)
        if parsed.problems:
            self._keep_problems(session, file, parsed.problems)
        if parsed.rejected:
            self._keep_rejected(session, file, parsed)
        told = len(parsed.at) + len(parsed.problems)
        kept = Kept(parsed.lines, told, len(parsed.rejected), parsed.blank, len(parsed.at))
        self._write_book(file, parsed, kept)
        return kept

    def committed(self) -> None:
        """The transaction of the last `keep` is stored: what it numbered can be relied upon."""
        if len(self._texts) > KNOWN_TEXTS:
            self._texts.clear()
        if len(self._in_vault) > KNOWN_TEXTS:
            self._in_vault.clear()
        self._texts |= self._fresh
        self._in_vault |= self._into_vault
        self._fresh, self._into_vault = {}, set()

    def _day(self, problem: Problem) -> dt.date:
        return dt.datetime.fromtimestamp(problem.at // 1_000_000, self.terms.zone).date()

    def _local_days(self, at: Places) -> Places:
        """The company's local day of each moment, in days since 1970."""
        quarters, place = np.unique(at // QUARTER, return_inverse=True)
        begun = (dt.datetime.fromtimestamp(quarter * 900, self.terms.zone).date() for quarter in quarters.tolist())
        return np.array([(day - dt.date(1970, 1, 1)).days for day in begun], np.int64)[place]

    def _keep_hits(self, session: Session, file: TrafficFile, parsed: Parsed) -> None:
        local = self._local_days(parsed.at)
        dates = {number: dt.date(1970, 1, 1) + dt.timedelta(days=number) for number in np.unique(local).tolist()}
        ensure_parts(session, "traffic_hits", dates.values())
        codes = dict(parsed.codes)
        addresses = parsed.texts["address"]
        senders = frozenset(addresses)
        spoken = {name: parsed.texts[name] for name in HIT_TEXTS if name != "network"}
        for name in ("path", "query", "referrer", "agent", "host"):
            spoken[name] = self._masked(spoken[name], senders)
        for name in ("path", "query", "referrer"):
            spoken[name] = [self._masking.text(each) for each in spoken[name]]
        spoken["network"] = [shortened(address, self.terms.level) for address in addresses]
        codes["network"] = codes["address"]
        numbers = self._number_texts(session, spoken)
        visitors = self._visitors_of(session, parsed, codes, local, dates)
        columns: dict[str, Field] = {
            "day": days(local),
            "file_id": figures(np.full(len(local), file.id), ">i4"),
            "place": figures(parsed.place + file.lines + 1, ">i8"),
            "at": moments(parsed.at),
            "visitor": figures(visitors, ">i8"),
            "bytes": figures(parsed.size, ">i8"),
            "status": figures(parsed.status, ">i2"),
            "upstream_status": _optional(parsed.upstream_status, ">i2"),
            "request_time": _seconds(parsed.request_time),
            "upstream_time": _seconds(parsed.upstream_time),
            "database_time": _seconds(parsed.database_time),
            "request_bytes": _optional(parsed.request_size, ">i8"),
            "request_id": texts(codes["request_id"], parsed.texts["request_id"]),
            "pid": _optional(parsed.pid, ">i8"),
            "connection": _optional(parsed.connection, ">i8"),
        }
        for name in HIT_TEXTS:
            values = numbers[name][codes[name]]
            columns[f"{name}_id"] = figures(values, ">i4", values == 0)
        told = {
            name: field for name, field in columns.items() if field[1].max() >= 0
        }  # a column of nothing costs as well
        copy(session, f"traffic_hits ({', '.join(told)})", encode(list(told.values())))
        _write_days(session, file, local, parsed.size, dates)

    def _masked(self, said: list[str], addresses: Collection[str]) -> list[str]:
        """The texts, with every address in them shortened that is a sender's of this block."""
        return [masked(each, addresses, self.terms.level) if "." in each or ":" in each else each for each in said]

    def _number_texts(self, session: Session, spoken: Mapping[str, Sequence[str]]) -> dict[str, npt.NDArray[np.int64]]:
        """For each kind, the stored number of each text; 0 for ""."""
        wanted = {(name, each) for name, said in spoken.items() for each in said if each}
        missing = sorted(key for key in wanted if key not in self._texts)
        for start in range(0, len(missing), 5000):
            self._fresh |= number_texts(session, missing[start : start + 5000])
        known = {**self._fresh, **{key: self._texts[key] for key in wanted if key in self._texts}}
        return {
            name: np.array([known[name, each] if each else 0 for each in said], np.int64)
            for name, said in spoken.items()
        }

    def _visitors_of(
        self, session: Session, parsed: Parsed, codes: Mapping[str, Places], local: Places, dates: Mapping[int, dt.date]
    ) -> Places:
        """The hash of each row's visitor; the addresses behind those of recent days go to the vault."""
        agents = len(parsed.texts["agent"])
        pairs = (local * len(parsed.texts["address"]) + codes["address"]) * agents + codes["agent"]
        distinct, place = np.unique(pairs, return_inverse=True)
        keys = day_keys(session, dates.values())
        hashes, fresh = [], []
        oldest = self.terms.today - dt.timedelta(days=self.terms.vault_days)
        for pair in distinct.tolist():
            rest, agent = divmod(pair, agents)
            number, sender = divmod(rest, len(parsed.texts["address"]))
            day, address = dates[number], parsed.texts["address"][sender]
            hashed = visitor_hash(keys[day], address, parsed.texts["agent"][agent])
            hashes.append(hashed)
            if day > oldest and address and hashed not in self._in_vault:
                fresh.append((day, hashed, address))
        if fresh:
            ensure_parts(session, "traffic_vault", {day for day, _hashed, _address in fresh})
            self._into_vault.update(hashed for _day, hashed, _address in fresh)
            vaulted, who, where = map(list, zip(*fresh, strict=True))
            session.execute(INTO_VAULT, {"days": vaulted, "visitors": who, "addresses": where})
        return np.array(hashes, np.int64)[place]

    def _keep_problems(self, session: Session, file: TrafficFile, problems: Sequence[tuple[int, Problem]]) -> None:
        ensure_parts(session, "traffic_problems", {self._day(problem) for _place, problem in problems})
        rows = [self._problem_row(file, place, problem) for place, problem in problems]
        spoken = {name: [row[name] for row in rows] for name in ("shape", "host", "network")}
        numbers = self._number_texts(session, spoken)
        for at, row in enumerate(rows):
            row["shape_id"] = int(numbers["shape"][at])
            for name in ("host", "network"):
                row[f"{name}_id"] = int(numbers[name][at]) or None
        session.execute(insert(Trouble), [{k: v for k, v in row.items() if k not in spoken} for row in rows])

    def _problem_row(self, file: TrafficFile, place: int, problem: Problem) -> dict[str, Any]:
        said = {
            name: self._masking.text(without_addresses(words, self.terms.level))
            for name, words in problem.context.items()
            if name != "client"
        }
        message = self._masking.text(without_addresses(problem.message, self.terms.level)) or "-"
        found = REQUEST_ID.search(problem.message)
        return {
            "day": self._day(problem), "file_id": file.id, "place": file.lines + place + 1,
            "at": dt.datetime.fromtimestamp(problem.at // 1_000_000, dt.UTC), "level": problem.level[:20], "pid": problem.pid,
            "message": message, "request": said.get("request", ""), "upstream": said.get("upstream", ""),
            "request_id": problem.context.get("request_id") or (found[1] if found else None),
            "shape": VARYING.sub("…", message), "host": said.get("host", ""),
            "network": shortened(problem.context.get("client", ""), self.terms.level),
            "connection": problem.connection, "source": problem.source,
        }  # fmt: skip

    def _keep_rejected(self, session: Session, file: TrafficFile, parsed: Parsed) -> None:
        ensure_parts(session, "traffic_rejects", [self.terms.today])
        rows = [
            {"day": self.terms.today, "file_id": file.id, "place": file.lines + each.place + 1, "reason": each.reason, "line": each.line}
            for each in parsed.rejected
        ]  # fmt: skip
        session.execute(insert(RejectedLine), rows)

    def _write_book(self, file: TrafficFile, parsed: Parsed, kept: Kept) -> None:
        for name, count in vars(kept).items():
            setattr(file, name, getattr(file, name) + count)
        told = [each.at for _place, each in parsed.problems]
        if len(parsed.at):
            told += [int(parsed.at.min()), int(parsed.at.max())]
        if told:
            first, last = (dt.datetime.fromtimestamp(at / 1e6, dt.UTC) for at in (min(told), max(told)))
            file.first_at = min(file.first_at or first, first)
            file.last_at = max(file.last_at or last, last)


def _seconds(values: npt.NDArray[np.float64]) -> Field:
    return figures(np.nan_to_num(values), ">f4", np.isnan(values))


def _optional(values: Places, dtype: str) -> Field:
    return figures(values, dtype, values == NONE)


def number_texts(session: Session, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The stored numbers of texts, given as kind and text in order; those that lack are stored."""
    if not wanted:
        return {}
    digests = {(KINDS[kind], _digest(said)): (kind, said) for kind, said in wanted}
    rows = [{"kind": kind, "digest": digest, "text": digests[kind, digest][1]} for kind, digest in sorted(digests)]
    found = _find_texts(session, rows)
    missing = [row for row in rows if (row["kind"], row["digest"]) not in found]
    if missing:
        said = [row["text"] for row in missing]
        session.execute(INTO_TEXTS, {**_wanted(missing), "texts": said})
        found |= _find_texts(session, missing)
    return {digests[key]: number for key, number in found.items()}


def _digest(said: str) -> bytes:
    return hashlib.blake2b(said.encode(), digest_size=16).digest()


def _find_texts(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[tuple[int, bytes], int]:
    query = text(
        "SELECT t.kind, t.digest, t.id, t.seen < CURRENT_DATE FROM traffic_texts t "
        "JOIN unnest(CAST(:kinds AS smallint[]), CAST(:digests AS bytea[])) AS w(kind, digest) USING (kind, digest)"
    )
    found, resting = {}, set()
    for kind, digest, number, rested in session.execute(query, _wanted(rows)):
        found[kind, bytes(digest)] = number
        if rested:
            resting.add(number)
    if not resting:
        return found
    # one that is just let go is missing then, and stored anew; one that was woken here stays
    woken = set(session.scalars(WAKE, {"ids": sorted(resting)}))
    return {key: number for key, number in found.items() if number not in resting or number in woken}


def _wanted(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"kinds": [row["kind"] for row in rows], "digests": [row["digest"] for row in rows]}


def copy(session: Session, target: str, content: bytes) -> None:
    """Copy rows into a table, in the session's transaction."""
    driver: Any = session.connection().connection
    with closing(driver.cursor()) as cursor:
        cursor.copy_expert(f"COPY {target} FROM STDIN (FORMAT binary)", io.BytesIO(content), 1 << 20)


def _write_days(session: Session, file: TrafficFile, local: Places, size: Places, dates: Mapping[int, dt.date]) -> None:
    rows = []
    for number in sorted(dates):
        here = local == number
        rows.append(
            {
                "file": file.id,
                "day": dates[number],
                "hits": int(here.sum()),
                "bytes": int(size[here].astype(object).sum()),
            }
        )
    session.execute(
        text(
            "INSERT INTO traffic_book AS b (file_id, day, hits, bytes) VALUES (:file, :day, :hits, :bytes) "
            "ON CONFLICT (file_id, day) DO UPDATE SET hits = b.hits + excluded.hits, bytes = b.bytes + excluded.bytes, "
            "derived = false, changed_xid = pg_current_xact_id()::text::bigint"
        ),
        rows,
    )
