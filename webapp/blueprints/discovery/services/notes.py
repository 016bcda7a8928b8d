"""Notes of what strangers asked for: searches, missing addresses, used redirects.

A GET writes nothing to the database. It adds a line to a small file of its process; a task counts the lines each minute. A
flood of requests fills the file and is counted no further.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.discovery.models import LONGEST_PATH, Missing, Redirect, Search
from webapp.core.clock import local_day, utc_now
from webapp.core.company import get_company
from webapp.core.settings import house_settings

log = logging.getLogger(__name__)
FILE_BYTES = 256 * 1024  # of one process between two minutes
MOST_MISSING = 5_000  # rows; the least asked for go first
MOST_SEARCHES = 50_000
SEARCHES_KEPT = dt.timedelta(days=180)
MISSING_KEPT = dt.timedelta(days=90)


def notes_folder() -> Path:
    """Where the notes lie until they are counted."""
    return house_settings().instance / "discovery" / "notes"


def note(kind: str, *values: Any) -> None:
    """Note a search (language, words, found), a missing path, or the number of a used redirect. Never raises."""
    try:
        folder = notes_folder()
        folder.mkdir(parents=True, exist_ok=True)
        line = json.dumps([kind, *values], ensure_ascii=False).encode() + b"\n"
        file = os.open(folder / f"{os.getpid()}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            if os.fstat(file).st_size + len(line) <= FILE_BYTES:
                os.write(file, line)
        finally:
            os.close(file)
    except OSError as problem:
        log.warning("a note was lost: %s", problem)


def take_notes() -> list[list[Any]]:
    """The lines that were noted since the last time; their files are gone. What is no note is left out."""
    taken: list[list[Any]] = []
    for path in sorted(notes_folder().glob("*.jsonl")):
        mine = path.with_suffix(".taken")
        try:
            path.rename(mine)
            lines = mine.read_bytes().splitlines()
            mine.unlink()
        except FileNotFoundError:
            continue
        for line in lines:
            try:
                told = json.loads(line)
            except ValueError:
                continue
            if isinstance(told, list) and told:
                taken.append(told)
    return taken


def count_notes(session: Session, notes: list[list[Any]]) -> dict[str, int]:
    """Add notes to what is known: searches by day, missing addresses, uses of redirects."""
    now = utc_now()
    day = local_day(now, get_company(session).zone)
    searches: Counter[tuple[str, str]] = Counter()
    found: dict[tuple[str, str], int] = {}
    missing: Counter[str] = Counter()
    hits: Counter[int] = Counter()
    for each in notes:
        match each:
            case ["search", str(language), str(words), int(many)] if words:
                searches[language, words] += 1
                found[language, words] = many
            case ["missing", str(path)] if len(path) <= LONGEST_PATH:
                missing[path] += 1
            case ["hit", int(number)]:
                hits[number] += 1
            case _:
                pass
    for (language, words), count in sorted(searches.items()):
        made = insert(Search).values(
            day=day, language=language[:8], words=words[:100], count=count, found=found[language, words]
        )
        session.execute(
            made.on_conflict_do_update(
                constraint="uq_discovery_searches_day_language_words",
                set_={"count": Search.count + made.excluded.count, "found": made.excluded.found},
            )
        )
    for path, count in sorted(missing.items()):
        added = insert(Missing).values(path=path, count=count, first_at=now, last_at=now)
        session.execute(
            added.on_conflict_do_update(
                constraint="uq_discovery_missing_path",
                set_={"count": Missing.count + added.excluded.count, "last_at": added.excluded.last_at},
            )
        )
    for number, count in sorted(hits.items()):
        session.execute(
            update(Redirect)
            .where(Redirect.id == number)
            .values(hits=Redirect.hits + count, last_hit=now, updated_at=Redirect.updated_at)
            .execution_options(synchronize_session=False)
        )
    _let_go_of_rare(session)
    return {"searches": searches.total(), "missing": missing.total(), "hits": hits.total()}


def forget_old(session: Session) -> None:
    """Let go of searches after half a year, and of missing addresses that nobody asks for any more."""
    now = utc_now()
    session.execute(delete(Search).where(Search.day < (now - SEARCHES_KEPT).date()))
    session.execute(delete(Missing).where(Missing.last_at < now - MISSING_KEPT, Missing.ignored.is_(False)))


def _let_go_of_rare(session: Session) -> None:
    """Let the least asked for go where there are too many: a stranger can ask for ever new words and addresses."""
    searches = session.scalar(select(func.count()).select_from(Search)) or 0
    if searches > MOST_SEARCHES:
        rare = select(Search.id).order_by(Search.count, Search.day, Search.id).limit(searches - MOST_SEARCHES)
        session.execute(delete(Search).where(Search.id.in_(rare)))
    missing = session.scalar(select(func.count()).select_from(Missing)) or 0
    if missing > MOST_MISSING:
        least = select(Missing.id).where(Missing.ignored.is_(False)).order_by(Missing.count, Missing.last_at)
        session.execute(delete(Missing).where(Missing.id.in_(least.limit(missing - MOST_MISSING))))
