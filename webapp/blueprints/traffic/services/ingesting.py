"""Reading a log from where it was left to its end: parse the next block while the last one is stored, commit each block.

Rows, book and place are one transaction, and the file's record is locked in it: a death at any point leaves each line
either stored and counted or neither, and of two readers of one file the second finds that the first was there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import TrafficFile
from webapp.blueprints.traffic.services.files import Log, LogUnreadable, Piece, digest, open_log
from webapp.blueprints.traffic.services.following import Found, recognise
from webapp.blueprints.traffic.services.lines import Format, guess_format
from webapp.blueprints.traffic.services.parsing import Parsed, parse, parse_cut, sample
from webapp.blueprints.traffic.services.storing import Kept, Store, Terms

Begin = Callable[[], AbstractContextManager[Session]]


@dataclass
class Told:
    """What a reading of some files did. `problems` are sentences about files that could not be read to their end."""

    files: int = 0
    lines: int = 0
    parsed: int = 0
    rejected: int = 0
    ignored: int = 0
    hits: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, kept: Kept) -> None:
        """Count a block."""
        for name, count in vars(kept).items():
            setattr(self, name, getattr(self, name) + count)


@dataclass(frozen=True)
class Reading:
    """How files are read: in which transactions, under which terms, as which format ("auto": as each one looks).

    `whole`: what stands behind the last line end of a file is a line, too. `say` hears of each block.
    """

    begin: Begin
    terms: Terms
    form: Format | str = "auto"
    whole: bool = True
    say: Callable[[Told], None] = lambda _told: None


class _Overtaken(Exception):
    """Another reader is at this file."""


def read_files(paths: Sequence[str], reading: Reading) -> Told:
    """Read each of these files from where it was left; `-` is standard input."""
    told = Told()
    store = Store(reading.terms)
    with ThreadPoolExecutor(max_workers=1) as parser:
        for path in paths:
            try:
                with open_log(path) as log:
                    _read(log, reading, store, told, parser)
            except LogUnreadable as problem:
                told.problems.append(str(problem))
            except _Overtaken:
                continue
    return told


def _read(log: Log, reading: Reading, store: Store, told: Told, parser: ThreadPoolExecutor) -> None:
    with reading.begin() as session:
        found = recognise(session, log, str(reading.form))
    if found is None:
        return
    told.files += 1
    if log.at < found.read_to:
        log.skip(found.read_to - log.at)
    if log.at < found.read_to:  # a copy that lacks what was read of the log before it was copied
        return
    at = found.read_to
    for piece, form, parsed in _parsed(log, reading, parser):
        with reading.begin() as session:
            file = _lock(session, found, at)
            if file.format in ("auto", ""):
                file.format = form
            kept = store.keep(session, file, parsed)
            at += piece.size
            file.read_to, file.read_at = at, dt.datetime.now(dt.UTC)
            file.tail_size, file.tail = len(piece.tail), digest(piece.tail)
            session.flush()
        store.committed()
        told.add(kept)
        reading.say(told)


def _lock(session: Session, found: Found, at: int) -> TrafficFile:
    """The file's record, ours until the commit. Raises _Overtaken when somebody else read on meanwhile."""
    query = select(TrafficFile).where(TrafficFile.id == found.file_id).with_for_update(skip_locked=True)
    file = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if file is None or file.read_to != at:
        raise _Overtaken
    return file


def _parsed(log: Log, reading: Reading, parser: ThreadPoolExecutor) -> Iterator[tuple[Piece, Format, Parsed]]:
    """Each piece with what it says; the next one is parsed while the caller is busy with this one."""
    now = dt.datetime.now(dt.UTC)
    pieces = log.blocks(whole=reading.whole or bool(log.place.packed) or log.place.inode is None)
    form: Format | None = None
    waiting = None
    for piece in pieces:
        if form is None:
            form = guess_format(sample(piece.content)) if reading.form == "auto" else _named(reading.form)
        read = parse_cut if piece.cut else parse
        zone = reading.terms.log_zone or reading.terms.zone
        coming = parser.submit(read, piece.content, form, zone, now, auto=reading.form == "auto")
        if waiting:
            yield waiting[0], form, waiting[1].result()
        waiting = piece, coming
    if waiting and form:
        yield waiting[0], form, waiting[1].result()


def _named(form: str) -> Format:
    return form  # type: ignore[return-value]  # the edges ask for one of FORMATS
