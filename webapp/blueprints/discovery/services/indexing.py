"""Keeping the index of pages as the rooms tell of theirs: only what changed is written."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.blueprints.discovery.models import LONGEST_PATH, IndexedPage, IndexState
from webapp.blueprints.discovery.queries.words import config_of, plain
from webapp.core.clock import utc_now
from webapp.core.company import get_company
from webapp.core.public_state import shown_tables
from webapp.core.room import opened
from webapp.core.site import PublicPage, public_pages

log = logging.getLogger(__name__)
LONGEST_BODY = 20_000  # letters of a page that are searched
STALE = dt.timedelta(minutes=5)  # after which it is made anew even if no table changed: pages appear by the clock too
EDITION = "1"  # of what is stored of a page; another one makes the whole index anew
STEP = 200
LOCK = 0x66696E64  # "find": two that make the index at once wait for each other
COUNTS = text(
    "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_user_tables WHERE relname = ANY(:names)"
)


def refresh_index(session: Session, *, force: bool = False) -> dict[str, int] | None:
    """Bring the index up to date; how many pages were written and removed. None when nothing can have changed.

    What PostgreSQL counts of rows written to the tables that strangers see tells cheaply whether anything did.
    """
    session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    signature = f"{EDITION} {session.scalar(COUNTS, {'names': sorted(shown_tables(opened()))})}"
    state = session.get(IndexState, 1, populate_existing=True)
    if not force and state and state.signature == signature and utc_now() - state.made_at < STALE:
        return None
    result = make_index(session)
    if state is None:
        state = IndexState(id=1)
        session.add(state)
    state.signature, state.made_at = signature, utc_now()
    session.flush()
    return result


def make_index(session: Session) -> dict[str, int]:
    """Compare all pages with the index, and write those that differ."""
    known = {row.path: row.fingerprint for row in session.execute(select(IndexedPage.path, IndexedPage.fingerprint))}
    languages = get_company(session).language_codes
    seen: set[str] = set()
    waiting: list[dict[str, Any]] = []
    written = 0
    for page in public_pages(session):
        if page.language not in languages or len(page.path) > LONGEST_PATH or page.path in seen:
            continue
        seen.add(page.path)
        row = _row(page)
        if known.get(page.path) != row["fingerprint"]:
            waiting.append(row)
            written += 1
        if len(waiting) >= STEP:
            _write(session, waiting)
            waiting = []
    _write(session, waiting)
    gone = [path for path in known if path not in seen]
    for start in range(0, len(gone), STEP):
        session.execute(delete(IndexedPage).where(IndexedPage.path.in_(gone[start : start + STEP])))
    if written or gone:
        log.info("index of pages: %s written, %s removed", written, len(gone))
    return {"written": written, "removed": len(gone), "pages": len(seen)}


def _row(page: PublicPage) -> dict[str, Any]:
    row: dict[str, Any] = {
        "path": page.path,
        "language": page.language[:8],
        "title": _stored(page.title),
        "kind": page.kind[:40],
        "description": _stored(page.description)[:1000],
        "body": _stored(page.text)[:LONGEST_BODY],
        "picture": page.picture,
        "others": dict(page.others),
        "modified": page.modified,
    }
    told = json.dumps([EDITION, *row.values()], default=str, sort_keys=True)
    return row | {"fingerprint": hashlib.blake2b(told.encode(), digest_size=16).hexdigest()}


def _stored(text: str) -> str:
    return " ".join(text.replace("\x00", " ").split())


def _write(session: Session, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    values = [
        row
        | {
            "search": _weighted(row, "title", "A")
            .op("||")(_weighted(row, "description", "B"))
            .op("||")(_weighted(row, "body", "C"))
        }
        for row in rows
    ]
    made = insert(IndexedPage).values(values)
    names = [name for name in values[0] if name != "path"]
    session.execute(
        made.on_conflict_do_update(index_elements=["path"], set_={name: made.excluded[name] for name in names})
    )


def _weighted(row: dict[str, Any], name: str, weight: str) -> Any:
    config = text(f"'{config_of(row['language'])}'::regconfig")
    return func.setweight(func.to_tsvector(config, plain(row[name])), text(f"'{weight}'"))
