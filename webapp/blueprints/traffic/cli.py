"""`bottega traffic`: read logs, and tell the figures."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

from webapp.blueprints.traffic.queries.book import FORMATS
from webapp.blueprints.traffic.queries.report import get_report
from webapp.blueprints.traffic.queries.weekly import get_figures
from webapp.blueprints.traffic.services.marks import add_note, mark_release
from webapp.core.clock import local_day, utc_now
from webapp.core.company import get_company
from webapp.core.db import db, transaction
from webapp.core.errors import DomainError
from webapp.core.security import SYSTEM

if TYPE_CHECKING:
    from webapp.blueprints.traffic.services.ingesting import Told


@click.group("traffic")
def traffic() -> None:
    """What nginx's logs tell of the site's visitors."""


@traffic.command("ingest")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--format", "form", type=click.Choice(tuple(FORMATS)), default="auto", show_default=True, help="How lines look."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def ingest(paths: tuple[str, ...], form: str, as_json: bool) -> None:  # noqa: FBT001 - click passes by keyword
    """Read the logs that PATHs name: files, globs, `-` for standard input; gzip, xz and Zstandard too.

    A log that was read before, under whatever name, goes on where reading stopped. Exit code 1 when one could not be read.
    """
    from webapp.blueprints.traffic.services.files import find_logs
    from webapp.blueprints.traffic.services.ingesting import Reading, read_files
    from webapp.blueprints.traffic.services.rounds import Collector
    from webapp.blueprints.traffic.services.terms import get_terms

    settings = current_app.extensions["settings"]
    begun = time.monotonic()
    try:
        files = find_logs(paths)
    except DomainError as problem:
        click.echo(str(problem), err=True)
        sys.exit(2)
    with transaction() as session:
        terms = get_terms(session, settings, utc_now())
    told = read_files(files, Reading(transaction, terms, form, say=_say))
    seconds = time.monotonic() - begun
    Collector(transaction, settings, complain=lambda said: click.echo(said, err=True)).derive()
    for sentence in told.problems:
        click.echo(sentence, err=True)
    if as_json:
        counts = {name: count for name, count in vars(told).items() if isinstance(count, int)}
        click.echo(json.dumps({**counts, "seconds": round(seconds, 3), "problems": told.problems}))
    else:
        click.echo(_sentence(told, seconds))
    if told.problems:
        sys.exit(1)


def _say(told: Told) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{told.lines:,} lines", nl=False, err=True)


def _sentence(told: Told, seconds: float) -> str:
    return (
        f"{told.lines:,} lines of {told.files:,} files = {told.parsed:,} parsed + {told.rejected:,} rejected + "
        f"{told.ignored:,} ignored, in {seconds:.1f} s."
    )


@traffic.command("report")
@click.option("--from", "start", default="", help="First day, YYYY-MM-DD, in the company's zone.")
@click.option("--to", "end", default="", help="Last day, included.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def report(start: str, end: str, as_json: bool) -> None:  # noqa: FBT001 - click passes by keyword
    """Tell hits, visitors, visits and bytes of a range of days, and whether they are those of the files' book."""
    first, last = _day(start, "--from"), _day(end, "--to")
    if first and last and first > last:
        click.echo(f"--from {first} is after --to {last}", err=True)
        sys.exit(2)
    session = db.session()
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    if as_json:
        click.echo(json.dumps(get_figures(session, first, last, get_company(session).zone), ensure_ascii=False))
        return
    found = get_report(session, first, last)
    click.echo(f"{found.hits:,} hits, {found.visitors:,} visitors, {found.visits:,} visits, {found.bytes:,} bytes")
    for status, count in found.by_status.items():
        click.echo(f"{status}  {count:>12,}")
    for kind, figures in found.by_class.items():
        click.echo(f"{kind:<10}{figures.hits:>12,} hits, {figures.visitors:,} visitors, {figures.visits:,} visits")
    for path in found.top_paths:
        click.echo(f"{path.hits:>12,}  {path.text or ''}")
    click.echo("The hits are those of the book." if found.reconciles else f"THE BOOK SAYS {found.book:,} HITS.")


@traffic.command("note")
@click.argument("text", default="")
@click.option("--at", "moment", default="", help="When, as in 2026-12-31T14:05, in the company's zone; without it now.")
@click.option("--deploy", "release", default="", help="Mark that this version went live, once for each version.")
@with_appcontext
def note(text: str, moment: str, release: str) -> None:
    """Write the note TEXT on the time charts, or mark that a version went live."""
    try:
        at = dt.datetime.fromisoformat(moment) if moment else utc_now()
    except ValueError:
        click.echo(f"--at {moment!r} is not a moment; write it like 2026-12-31T14:05", err=True)
        sys.exit(2)
    try:
        with transaction() as session:
            at = at if at.tzinfo else at.replace(tzinfo=get_company(session).zone)
            if not release:
                add_note(session, by=SYSTEM, at=at, text=text)
            new = not release or mark_release(session, by=SYSTEM, release=release, at=at, text=text)
    except DomainError as problem:
        click.echo(str(problem), err=True)
        sys.exit(2)
    click.echo("Marked." if new else f"Version {release} was marked before.")


@traffic.command("block")
@click.option(
    "--for",
    "reader",
    type=click.Choice(("nginx", "fail2ban")),
    default="nginx",
    show_default=True,
    help="Who reads it.",
)
@click.option("--least", type=click.IntRange(1), default=1, show_default=True, help="Only addresses with so many hits.")
@with_appcontext
def block(reader: str, least: int) -> None:
    """Print the attackers' full addresses, as far as the vault has them; that they were read is written down."""
    from webapp.blueprints.traffic.services.blocking import block_list, for_fail2ban, for_nginx

    settings, now = current_app.extensions["settings"], utc_now()
    with transaction() as session:
        today = local_day(now, get_company(session).zone)
        first = today - dt.timedelta(days=settings.traffic_vault_days)
        found = block_list(session, by=SYSTEM, first=first, last=today, least=least)
    click.echo(for_fail2ban(found) if reader == "fail2ban" else for_nginx(found, now), nl=False)


def _day(said: str, option: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(said, "%Y-%m-%d").replace(tzinfo=dt.UTC).date() if said else None
    except ValueError:
        click.echo(f"{option} {said!r} is not a date; write it like 2026-12-31", err=True)
        sys.exit(2)
