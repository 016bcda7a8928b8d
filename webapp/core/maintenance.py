"""The public site closed for a while: visitors are told so with 503, those who work here see it as it is."""

from __future__ import annotations

import datetime as dt
from typing import Any, SupportsInt

import click
from flask import Flask, g
from flask.cli import with_appcontext
from flask_babel import gettext as _
from sqlalchemy import func, update
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.core.clock import utc_now
from webapp.core.commands import refusals
from webapp.core.company import CompanyProfile, get_company
from webapp.core.db import db, transaction
from webapp.core.errors import FieldProblems, NotAllowed
from webapp.core.security import SYSTEM, Actor, CorePermission, View, current_actor, has_mark
from webapp.core.site_events import tell_of_change
from webapp.core.site_paths import on_public_site
from webapp.core.web import show

RETRY = 600  # seconds until a machine should ask again, where nobody said how long it takes
SOON = 60
LONGEST_WORDS = 500
LONGEST_MINUTES = 60 * 24 * 30
STAYS_OPEN = "_bottega_stays_open"


def set_up_maintenance(app: Flask) -> None:
    """Ask at each public page whether the site is open, and add the command."""
    app.before_request(_tell_closed)
    app.cli.add_command(maintenance)


def stays_open(view: View) -> View:
    """Let a public view answer while the site is closed: what a browser asks for by itself, and shows to nobody as a page."""
    setattr(view, STAYS_OPEN, True)
    return view


def _tell_closed() -> Response | None:
    """The house's page for visitors of a closed site; None to go on. Signing in, the back office and /healthz stay open."""
    company: CompanyProfile | None = g.get("company")
    if company is None or company.closed_since is None or not on_public_site():
        return None
    if has_mark(STAYS_OPEN):
        return None
    if current_actor().may(CorePermission.BACKOFFICE_ENTER):
        return None
    response = show("errors/closed.html", status=503, words=company.closed_words, until=_still(company))
    response.headers["Retry-After"] = str(seconds_left(company, utc_now()))
    response.headers["Cache-Control"] = "no-store"
    return response


def _still(company: CompanyProfile) -> dt.datetime | None:
    """The end that was named, unless it is over and the site is closed all the same."""
    return company.closed_until if company.closed_until and company.closed_until > utc_now() else None


def seconds_left(company: CompanyProfile, now: dt.datetime) -> int:
    """After how many seconds it makes sense to ask again."""
    if company.closed_until is None:
        return RETRY
    return max(SOON, int((company.closed_until - now).total_seconds()))


def close_site(session: Session, *, by: Actor, words: str, until: dt.datetime | None) -> CompanyProfile:
    """Let visitors read `words` ("" for the house's own) instead of the public site, and when it is meant to open (UTC).

    A site that is closed keeps the moment since when. Raises FieldProblems for `words`, NotAllowed without the right.
    """
    _check_right(by)
    words = words.replace("\x00", "").strip()
    if len(words) > LONGEST_WORDS:
        problem = _("These are %(count)s characters: at most %(most)s fit.", count=len(words), most=LONGEST_WORDS)
        raise FieldProblems({"words": problem})
    since = func.coalesce(CompanyProfile.closed_since, utc_now())
    _write(session, closed_since=since, closed_until=until, closed_words=words)
    tell_of_change(session, by=by, part="public", deed="closed", title=words)
    return get_company(session)


def open_site(session: Session, *, by: Actor) -> bool:
    """Let visitors in again. Answers whether the site was closed; raises NotAllowed without the right."""
    _check_right(by)
    if get_company(session).closed_since is None:
        return False
    _write(session, closed_since=None, closed_until=None, closed_words="")
    tell_of_change(session, by=by, part="public", deed="opened", title="")
    return True


def end_after(minutes: SupportsInt | None) -> dt.datetime | None:
    """The moment after so many minutes, where somebody said how many."""
    return utc_now() + dt.timedelta(minutes=int(minutes)) if minutes else None


def _check_right(by: Actor) -> None:
    if not by.may(CorePermission.COMPANY_EDIT):
        raise NotAllowed(_("Only the owner may close the public site and open it."))


def _write(session: Session, **values: Any) -> None:
    """Store it beside the profile: its version stays, nobody who edits the profile now is disturbed."""
    session.execute(update(CompanyProfile).values(**values, updated_at=CompanyProfile.updated_at))
    session.expire_all()


@click.group("maintenance")
def maintenance() -> None:
    """Close the public site for visitors, and open it again."""


@maintenance.command("on")
@click.argument("message", default="")
@click.option("--minutes", type=click.IntRange(1, LONGEST_MINUTES), help="For how long, as far as is known.")
@with_appcontext
def close(*, message: str, minutes: int | None) -> None:
    """Answer visitors with MESSAGE (or the house's own words) and 503; who works here signs in and sees the site."""
    with refusals(), transaction() as session:
        close_site(session, by=SYSTEM, words=message, until=end_after(minutes))
    click.echo("The public site is closed to visitors. `bottega maintenance off` opens it.")


@maintenance.command("off")
@with_appcontext
def reopen() -> None:
    """Let visitors in again."""
    with transaction() as session:
        was_closed = open_site(session, by=SYSTEM)
    click.echo("The public site is open." if was_closed else "The public site was open already.")


@maintenance.command("status")
@with_appcontext
def status() -> None:
    """Say whether the public site is open; exit 1 when it is closed."""
    company = get_company(db.session())
    if company.closed_since is None:
        click.echo("The public site is open.")
        return
    zone = company.zone
    until = f" until about {company.closed_until.astimezone(zone):%d %B %Y %H:%M}" if company.closed_until else ""
    click.echo(f"The public site is closed since {company.closed_since.astimezone(zone):%d %B %Y %H:%M}{until}.")
    if company.closed_words:
        click.echo(f"Visitors read: {company.closed_words}")
    raise SystemExit(1)
