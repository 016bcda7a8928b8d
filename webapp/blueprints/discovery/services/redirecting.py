"""Redirects: what is right of them, that they make no loops and no chains, and those that follow from moved pages."""

from __future__ import annotations

import csv
import io
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from webapp.blueprints.discovery.models import FOUND, GONE, LONGEST_PATH, MOVED, Missing, Redirect
from webapp.blueprints.discovery.queries.redirects import (
    each_redirect,
    get_missing,
    get_redirect,
    is_page,
    plain_address,
)
from webapp.core.errors import DomainError, EditConflict, FieldProblems
from webapp.core.security import Actor
from webapp.core.site_events import tell_of_change
from webapp.core.storing import store

log = logging.getLogger(__name__)
KINDS = (MOVED, FOUND, GONE)
COLUMNS = ("from", "to", "kind")
MOST_ROWS = 5000
ELSEWHERE = re.compile(r"https?://[^\s/]+\.?[^\s]*")
UNFIT = re.compile(r"[\x00-\x20\\]")
OWN_PARTS = ("/backoffice", "/admin", "/api", "/static", "/account")


class SourceTaken(DomainError):
    """The address has a redirect already."""

    field = "source"

    def __init__(self) -> None:
        super().__init__(_("This address has a redirect already: change that one."))


PROBLEMS = {"uq_discovery_redirects_source": SourceTaken}


@dataclass(frozen=True)
class ImportRow:
    """A row of a CSV file: its line, what it says, and what is wrong with it."""

    line: int
    source: str
    target: str
    kind: int
    problems: tuple[str, ...] = field(default=())


def clean_source(text: str) -> str:
    """The address that a redirect is for. Raises ValueError with a sentence."""
    if not text.strip().startswith("/") or text.strip().startswith("//") or UNFIT.search(text.strip()):
        raise ValueError(_("Write the old address as a path of this site that begins with /, like /old-page."))
    address = plain_address(text)
    if len(address) > LONGEST_PATH:
        raise ValueError(_("At most %(count)s characters.", count=LONGEST_PATH))
    if address == "/" or address.startswith(OWN_PARTS):
        raise ValueError(_("This address belongs to the house: it cannot be redirected."))
    return address


def clean_target(text: str, kind: int) -> str:
    """Where a redirect leads: a path of this site, or a whole address. Raises ValueError with a sentence."""
    target = text.strip()
    if kind == GONE:
        if target:
            raise ValueError(_("What is gone (410) leads nowhere: leave it empty."))
        return ""
    if len(target) > LONGEST_PATH:
        raise ValueError(_("At most %(count)s characters.", count=LONGEST_PATH))
    if UNFIT.search(target) or target.startswith("//"):
        raise ValueError(
            _("Write a path of this site that begins with /, or a whole address that begins with https://.")
        )
    if target.startswith("/") or ELSEWHERE.fullmatch(target):
        return target
    raise ValueError(_("Write a path of this site that begins with /, or a whole address that begins with https://."))


def web_problem(source: str, target: str, others: Mapping[str, str], sources_of: Mapping[str, str]) -> str:
    """Why a redirect cannot stand among the `others` (target by source); "" when it can. `sources_of`: a source by target."""
    if not target:
        return ""
    onward = plain_address(target) if target.startswith("/") else target
    if onward == source:
        return str(_("This would lead to itself."))
    if onward in others:
        further = others[onward]
        if further and (plain_address(further) if further.startswith("/") else further) == source:
            return str(_("This would go round in a circle: %(address)s leads back here.", address=onward))
        return str(
            _("%(address)s is itself redirected: lead to %(target)s at once.", address=onward, target=further or "410")
        )
    if source in sources_of:
        return str(
            _(
                "The redirect of %(address)s leads here: change that one first, so that nobody is sent on twice.",
                address=sources_of[source],
            )
        )
    return ""


def save_redirect(
    session: Session,
    *,
    by: Actor,
    source: str,
    target: str,
    kind: int,
    redirect_id: int | None = None,
    version: int = -1,
    origin: str = "hand",
) -> Redirect:
    """Create a redirect, or change the one that the actor saw as `version`.

    Raises NotFound, EditConflict, SourceTaken, FieldProblems: an address that is none or has a page, a loop, a chain.
    """
    problems: dict[str, str] = {}
    if kind not in KINDS:
        problems["kind"] = _("Choose 301, 302 or 410.")
    for name, value in (("source", source), ("target", target)):
        try:
            cleaned = clean_source(value) if name == "source" else clean_target(value, kind)
            source, target = (cleaned, target) if name == "source" else (source, cleaned)
        except ValueError as problem:
            problems[name] = str(problem)
    if not problems and is_page(session, source):
        problems["source"] = _("There is a page at this address: a redirect would never be used.")
    stored = get_redirect(session, redirect_id, lock=True) if redirect_id is not None else None
    if stored and stored.version != version:
        raise EditConflict
    if not problems:
        others, sources_of = _web(session, without=stored.source if stored else None)
        tangle = web_problem(source, target, others, sources_of)
        if tangle:
            problems["target"] = tangle
    if problems:
        raise FieldProblems(problems)
    redirect = stored or Redirect(origin=origin)
    redirect.source, redirect.target, redirect.kind = source, target, kind
    session.add(redirect)
    store(session, PROBLEMS)
    session.execute(delete(Missing).where(Missing.path == source))
    tell_of_change(
        session, by=by, part="redirect", deed="changed" if stored else "created", title=f"{source} → {target or kind}"
    )
    log.info("redirect %s saved by %s", redirect.id, by.name)
    return redirect


def delete_redirect(session: Session, *, by: Actor, redirect_id: int, version: int) -> None:
    """Delete the redirect that the actor saw as `version`. Raises NotFound, EditConflict."""
    redirect = get_redirect(session, redirect_id, lock=True)
    if redirect.version != version:
        raise EditConflict
    source = redirect.source
    session.delete(redirect)
    store(session)
    tell_of_change(session, by=by, part="redirect", deed="deleted", title=source)
    log.info("redirect %s deleted by %s", redirect_id, by.name)


def follow_move(session: Session, old_path: str, new_path: str) -> None:
    """Lead from where a page was to where it is now; what led to the old address leads to the new one at once.

    A redirect of the new address goes: there is a page now.
    """
    old, new = plain_address(old_path), plain_address(new_path)
    if old == new or max(len(old), len(new)) > LONGEST_PATH or old == "/":
        return
    session.execute(delete(Redirect).where(Redirect.source == new))
    session.execute(
        update(Redirect)
        .where(Redirect.target == old, Redirect.source != new)
        .values(target=new, version=Redirect.version + 1)
    )
    known = session.scalars(select(Redirect).where(Redirect.source == old).with_for_update()).one_or_none()
    redirect = known or Redirect(source=old)
    redirect.target, redirect.kind, redirect.origin = new, MOVED, "moved"
    session.add(redirect)
    store(session)


def read_rows(session: Session, content: str) -> list[ImportRow]:
    """The rows of a CSV file with the columns from, to, kind, each with what is wrong with it, beside all others and what is stored.

    Columns are parted by comma, semicolon or tab. Raises ValueError with a sentence for what is no such file.
    """
    lines = content.lstrip("\ufeff").splitlines()
    if not lines:
        raise ValueError(_("Choose a file, or paste its lines."))
    separator = max(",;\t", key=lines[0].count)
    try:
        rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=separator))
    except csv.Error:
        raise ValueError(_("This is no CSV file.")) from None
    head = [name.strip().lower() for name in rows[0]]
    if not {"from", "to"} <= set(head):
        raise ValueError(_("The first line must name the columns: from, to, kind."))
    if len(rows) - 1 > MOST_ROWS:
        raise ValueError(_("At most %(count)s rows at once.", count=MOST_ROWS))
    places = {name: head.index(name) for name in COLUMNS if name in head}
    read = []
    for number, row in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in row):
            cells = {name: row[place] if place < len(row) else "" for name, place in places.items()}
            read.append(_read_row(number, cells))
    return _checked(session, read)


def import_rows(session: Session, *, by: Actor, content: str) -> int:
    """Store the rows of a CSV file, all or none; how many. Raises ValueError, FieldProblems (some row is wrong)."""
    rows = read_rows(session, content)
    wrong = [row.line for row in rows if row.problems]
    if wrong or not rows:
        raise FieldProblems({"content": _("Nothing was imported: look at the rows with problems.")})
    session.add_all(Redirect(source=row.source, target=row.target, kind=row.kind, origin="import") for row in rows)
    store(session, PROBLEMS)
    session.execute(delete(Missing).where(Missing.path.in_([row.source for row in rows])))
    words = ngettext("%(num)s redirect", "%(num)s redirects", len(rows))
    tell_of_change(session, by=by, part="redirect", deed="created", title=words)
    log.info("%s redirects imported by %s", len(rows), by.name)
    return len(rows)


def export_rows(session: Session) -> Iterator[tuple[str, str, str]]:
    """All redirects as rows of a CSV file, its head first; an import takes it back."""
    yield COLUMNS
    for source, target, kind in each_redirect(session):
        yield source, target, str(kind)


def _read_row(line: int, cells: Mapping[str, str]) -> ImportRow:
    problems = []
    kind_text = cells.get("kind", "").strip() or str(MOVED)
    kind = int(kind_text) if kind_text in map(str, KINDS) else MOVED
    if kind_text not in map(str, KINDS):
        problems.append(_("The kind is 301, 302 or 410, not “%(text)s”.", text=kind_text[:20]))
    source, target = cells["from"].strip(), cells["to"].strip()
    try:
        source = clean_source(source)
    except ValueError as problem:
        problems.append(str(problem))
    try:
        target = clean_target(target, kind)
    except ValueError as problem:
        problems.append(str(problem))
    return ImportRow(line, source[:LONGEST_PATH], target[:LONGEST_PATH], kind, tuple(problems))


def _checked(session: Session, rows: Sequence[ImportRow]) -> list[ImportRow]:
    stored, stored_by_target = _web(session)
    first_line: dict[str, int] = {}
    others, sources_of = dict(stored), dict(stored_by_target)
    for row in rows:
        if not row.problems:
            first_line.setdefault(row.source, row.line)
            others.setdefault(row.source, row.target)
            if row.target:
                sources_of.setdefault(plain_address(row.target), row.source)
    checked = []
    for row in rows:
        problems = list(row.problems)
        if not problems:
            if row.source in stored:
                problems.append(str(_("This address has a redirect already: change that one.")))
            elif first_line[row.source] != row.line:
                problems.append(str(_("Line %(line)s has the same address.", line=first_line[row.source])))
            elif is_page(session, row.source):
                problems.append(str(_("There is a page at this address: a redirect would never be used.")))
            elif problem := web_problem(row.source, row.target, others, sources_of):
                problems.append(problem)
        checked.append(ImportRow(row.line, row.source, row.target, row.kind, tuple(problems)))
    return checked


def _web(session: Session, without: str | None = None) -> tuple[dict[str, str], dict[str, str]]:
    """The stored redirects: target by source, and a source by target."""
    targets = {source: target for source, target, _kind in each_redirect(session) if source != without}
    by_target = {plain_address(target): source for source, target in targets.items() if target.startswith("/")}
    return targets, by_target


def ignore_missing(session: Session, *, by: Actor, missing_id: int, ignored: bool) -> None:
    """Leave a missing address out of the list, or take it in again. Raises NotFound."""
    missing = get_missing(session, missing_id, lock=True)
    missing.ignored = ignored
    store(session)
    log.info("missing address %s %s by %s", missing_id, "ignored" if ignored else "listed", by.name)
