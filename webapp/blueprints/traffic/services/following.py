"""Which log a file is, however it was renamed, copied, truncated or compressed since it was read last.

A log is known by device and inode as long as it lies where it lay and still begins as it did. A file that nobody knows by
that, but that has the name of a rotated log, begins like one and goes on like it where reading stopped, is that log: its
reading goes on there.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.traffic.models import TrafficFile
from webapp.blueprints.traffic.services.files import HEAD, Log, LogUnreadable, digest, family, open_log

LOCK = 0x6D657431  # "met1"


@dataclass(frozen=True)
class Found:
    """A file as it was met: the record of its log and whether its reading can go on there."""

    file_id: int
    read_to: int


def recognise(session: Session, log: Log, form: str) -> Found | None:
    """The log that an open file is; a record is made for a new one. None while it cannot be told: look again later.

    Leaves the log where reading goes on.
    """
    head = log.head()
    place = log.place
    if place.inode is None:
        return _begin(session, log, head, form)
    known = _by_inode(session, log, head)
    if head and (known is None or not known.head_size):  # met for the first time, or when it was empty
        copied = _copied_from(session, log, head)
        if isinstance(copied, _Unsure):
            return None
        if copied is not None and known is not None:
            session.delete(known)
            session.flush()
        known = copied or known
    if known is None:
        # of two readers that meet a file for the first time, the second one finds the record of the first
        session.execute(select(func.pg_advisory_xact_lock(LOCK)))
        known = _by_inode(session, log, head)
    if known is None:
        return _begin(session, log, head, form)
    if known.head_size < len(head):
        known.head_size, known.head = len(head), digest(head)
    known.path, known.family = place.path, known.family if known.read_to else family(place.path)
    known.device, known.inode = place.device, Decimal(place.inode)
    session.flush()
    return Found(known.id, known.read_to)


class _Unsure:
    """A file that may be a copy in the making of a log that is still there."""


def _by_inode(session: Session, log: Log, head: bytes) -> TrafficFile | None:
    """The log that lay here when it was read; when another lies here now, the old one is nowhere until it is met again."""
    same = select(TrafficFile).where(
        TrafficFile.device == log.place.device, TrafficFile.inode == Decimal(log.place.inode or 0)
    )
    for known in session.scalars(same.order_by(TrafficFile.id.desc()).with_for_update()):
        shrunk = not log.place.packed and log.place.size < known.read_to
        if not shrunk and digest(head[: known.head_size]) == known.head and len(head) >= known.head_size:
            return known
        known.device = known.inode = None
    session.flush()
    return None


def _copied_from(session: Session, log: Log, head: bytes) -> TrafficFile | _Unsure | None:
    """The log that this is a copy of. Reads the log up to where the reading of that one stopped."""
    kin = select(TrafficFile).where(TrafficFile.family == family(log.place.path), TrafficFile.head_size > 0)
    for known in session.scalars(kin.order_by(TrafficFile.id.desc()).with_for_update()):
        if known.head_size > len(head) or digest(head[: known.head_size]) != known.head:
            continue
        if known.head_size < HEAD and known.head_size < min(known.read_to, HEAD):
            continue
        if _still_there(known):
            # a copy of a log that goes on: rotation is under way, or somebody made a copy
            return _Unsure()
        if _ends_as_known(log.place.path, known):
            return known
    return None


def _ends_as_known(path: str, known: TrafficFile) -> bool:
    """Whether a file has what stood before the place where reading stopped; one that ends before it has lost nothing new."""
    if not known.tail_size:
        return True
    with open_log(path) as log:
        log.head()
        before = log.skip(known.read_to)
        return log.at < known.read_to or digest(before[-known.tail_size :]) == known.tail


def _still_there(known: TrafficFile) -> bool:
    """Whether the log lies where it lay and has at least what was read of it."""
    if known.inode is None:
        return False
    try:
        with open_log(known.path) as log:
            same = (log.place.device, Decimal(log.place.inode or 0)) == (known.device, known.inode)
            head = log.head()
            whole = bool(log.place.packed) or log.place.size >= known.read_to
            return same and whole and digest(head[: known.head_size]) == known.head
    except LogUnreadable:
        return False


def _begin(session: Session, log: Log, head: bytes, form: str) -> Found:
    place = log.place
    made = TrafficFile(
        family=family(place.path), path=place.path, format=form, device=place.device,
        inode=None if place.inode is None else Decimal(place.inode), head_size=len(head), head=digest(head), tail=b"",
    )  # fmt: skip
    session.add(made)
    session.flush()
    return Found(made.id, 0)
