"""The book of the files: what was read of each, and what became of every line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import BookDay, Hit, RejectedLine, TrafficFile, VaultReading
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, DateRange, ListSpec, Search

REASONS = {
    "format": _l("not a line of a known format"),
    "time": _l("no time, or one that cannot be"),
    "status": _l("no status"),
    "long": _l("longer than 64 MB, of which the beginning is kept"),
}
FORMATS = {
    "auto": _l("as it looks"), "combined": "combined", "common": "common", "json": "JSON", "vhost": "vhost combined",
    "error": _l("problems of nginx"),
}  # fmt: skip
BALANCED = {"yes": _l("adds up"), "no": _l("does not add up")}


@dataclass(frozen=True)
class Sums:
    """The book of all files, and how many hits are kept: without those that were let go, they must be the same."""

    files: int
    lines: int
    parsed: int
    rejected: int
    ignored: int
    hits: int
    booked: int
    expired: int
    stored: int

    @property
    def adds_up(self) -> bool:
        """Whether every line is accounted for."""
        lines = self.lines == self.parsed + self.rejected + self.ignored
        return lines and self.hits == self.booked + self.expired and self.booked == self.stored


def get_sums(session: Session) -> Sums:
    """The book of all files against what is stored."""
    columns = [TrafficFile.lines, TrafficFile.parsed, TrafficFile.rejected, TrafficFile.ignored, TrafficFile.hits]
    files = session.execute(select(func.count(), *(func.coalesce(func.sum(column), 0) for column in columns))).one()
    booked, expired = session.execute(
        select(func.coalesce(func.sum(BookDay.hits), 0), func.coalesce(func.sum(BookDay.expired), 0))
    ).one()
    stored = session.scalar(select(func.count()).select_from(Hit)) or 0
    count, lines, parsed, rejected, ignored, hits = (int(each) for each in files)
    return Sums(count, lines, parsed, rejected, ignored, hits, int(booked), int(expired), stored)


def list_of_files() -> ListSpec:
    """All files that were read."""
    adds_up = TrafficFile.lines == TrafficFile.parsed + TrafficFile.rejected + TrafficFile.ignored
    return ListSpec(
        name="files",
        source=TrafficFile,
        id=TrafficFile.id,
        columns=(
            Column("path", _l("File"), TrafficFile.path),
            Column("lines", _l("Lines"), TrafficFile.lines, kind="number", sort_by=TrafficFile.lines),
            Column("parsed", _l("Parsed"), TrafficFile.parsed, kind="number", sort_by=TrafficFile.parsed),
            Column("rejected", _l("Rejected"), TrafficFile.rejected, kind="number", sort_by=TrafficFile.rejected),
            Column("ignored", _l("Ignored"), TrafficFile.ignored, kind="number", sort_by=TrafficFile.ignored),
            Column("balance", _l("Book"), case((adds_up, "yes"), else_="no"), kind="choice", choices=BALANCED),
            Column("hits", _l("Requests"), TrafficFile.hits, kind="number", sort_by=TrafficFile.hits),
            Column("log_format", _l("Format"), TrafficFile.format, kind="choice", choices=FORMATS, shown=False),
            Column("first_at", _l("First line"), TrafficFile.first_at, kind="date", shown=False),
            Column("last_at", _l("Last line"), TrafficFile.last_at, kind="date"),
            Column("read_at", _l("Last read"), TrafficFile.read_at, kind="date", sort_by=TrafficFile.read_at),
        ),
        sort="-read_at",
        filters=(
            Choice("log_format", _l("Format"), TrafficFile.format, FORMATS),
            DateRange(_l("From"), _l("To"), TrafficFile.read_at),
        ),
        search=(Search(TrafficFile.path),),
        search_hint=_l("Part of the path"),
    )  # fmt: skip


def list_of_readings() -> ListSpec:
    """Who read what of the vault."""
    return ListSpec(
        name="vault-readings",
        source=VaultReading,
        id=VaultReading.id,
        columns=(
            Column("read_at", _l("When"), VaultReading.read_at, kind="date", sort_by=VaultReading.read_at),
            Column("actor", _l("Who"), VaultReading.actor),
            Column("what", _l("What"), VaultReading.what),
        ),
        sort="-read_at",
        filters=(DateRange(_l("From"), _l("To"), VaultReading.read_at),),
        search=(Search(VaultReading.actor), Search(VaultReading.what)),
        search_hint=_l("Person, or what was read"),
    )  # fmt: skip


def get_file(session: Session, file_id: int) -> TrafficFile:
    """One file. Raises NotFound."""
    found = session.get(TrafficFile, file_id)
    if found is None:
        raise NotFound(gettext("This file was never read."))
    return found


def list_days(session: Session, file: TrafficFile) -> Sequence[BookDay]:
    """What a file holds of each day."""
    return session.scalars(select(BookDay).where(BookDay.file_id == file.id).order_by(BookDay.day)).all()


def count_rejected(session: Session, file: TrafficFile) -> Sequence[tuple[str, int, dt.date]]:
    """The reasons for which lines of a file were rejected, as far as the lines are kept: how many, and read when at last."""
    query = select(RejectedLine.reason, func.count(), func.max(RejectedLine.day)).where(RejectedLine.file_id == file.id)
    return [
        (reason, count, day)
        for reason, count, day in session.execute(query.group_by(RejectedLine.reason).order_by(RejectedLine.reason))
    ]
