"""The back office's pages of a site's hours: the week, seasons, exceptions, holidays, and closed today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.places.forms import (
    HolidayForm,
    PlacesForm,
    SeasonForm,
    SpecialForm,
    WeekForm,
    rearranged,
    typed_days,
    typed_pairs,
)
from webapp.blueprints.places.models import Season, Site, Special
from webapp.blueprints.places.permissions import PlacesPermission as May
from webapp.blueprints.places.queries.opening import (
    Hours,
    Slots,
    as_slots,
    as_week,
    holiday_countries,
    holiday_of,
)
from webapp.blueprints.places.queries.sites import get_part, get_site, hours_of
from webapp.blueprints.places.queries.words import (
    coming_holidays,
    date_in_words,
    day_name,
    holds_in_words,
    slots_in_words,
    span_in_words,
    state_in_words,
    today_in_words,
    week_in_words,
    week_lines,
)
from webapp.blueprints.places.services.hours import (
    close_today,
    delete_hours,
    save_holiday_rules,
    save_season,
    save_special,
    save_week,
)
from webapp.blueprints.places.services.weeks import DayTyped, Typed, read_slots, read_week, typed_slots, typed_week
from webapp.core.clock import local_day, utc_now
from webapp.core.company import LANGUAGES
from webapp.core.db import db, transaction
from webapp.core.deletion import ask_and_delete
from webapp.core.errors import EditConflict, FieldProblems, NotFound
from webapp.core.forms import Difference, put_beside
from webapp.core.i18n import choose_language
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint(
    "places_hours",
    __name__,
    template_folder="../templates",
    url_prefix="/backoffice/site/places/sites/<int:site_id>/hours",
)


@blueprint.get("/")
@requires(May.SITES_READ)
def hours(site_id: int) -> Response:
    """All that decides when a site is open."""
    site = get_site(db.session(), site_id)
    rules = hours_of(db.session(), site)
    today = local_day(utc_now(), rules.zone)
    holidays = [
        {
            "day": date_in_words(day),
            "name": _shown(rules, day, key),
            "times": slots_in_words(plan.slots),
            "holds": holds_in_words(plan),
        }
        for day, key, plan in coming_holidays(rules, today)
    ]
    return show(
        "places/hours.html",
        site=site,
        state=state_in_words(rules, utc_now()),
        today=today_in_words(rules, today),
        closed_today=next(
            (each for each in site.specials if each.first == each.last == today and not each.slots), None
        ),
        lines=week_lines(rules.week, today.weekday()),
        seasons=[
            (each, span_in_words(each.first, each.last, year=not each.yearly), week_in_words(as_week(each.week)))
            for each in site.seasons
        ],
        specials=[
            (each, span_in_words(each.first, each.last, year=True), slots_in_words(as_slots(each.slots)))
            for each in site.specials
            if each.last >= today
        ],
        past=sum(each.last < today for each in site.specials),
        holidays=holidays,
    )


@blueprint.route("/week", methods=["GET", "POST"])
@requires(May.SITES_WRITE)
def edit_week(site_id: int) -> Response:
    """The usual week of a site, and its change."""
    site = get_site(db.session(), site_id)
    form = WeekForm(obj=site)

    def save(session: Session, seen: int, week: Any, _values: dict[str, Any]) -> None:
        save_week(session, by=current_actor(), site_id=site_id, version=seen, week=week)

    return _week_page(site, site, form, save, _("The week was saved."))


@blueprint.route("/seasons/new", methods=["GET", "POST"])
@requires(May.SITES_WRITE)
def new_season(site_id: int) -> Response:
    """The form of a new season, and its creation; it begins with the usual week."""
    site = get_site(db.session(), site_id)
    form = SeasonForm()

    def save(session: Session, _seen: int, week: Any, values: dict[str, Any]) -> None:
        save_season(session, by=current_actor(), site_id=site_id, values=values, week=week)

    return _week_page(site, None, form, save, _("The season was created."))


@blueprint.route("/seasons/<int:season_id>/edit", methods=["GET", "POST"])
@requires(May.SITES_WRITE)
def edit_season(site_id: int, season_id: int) -> Response:
    """The form of a season, and its change."""
    site, season = _part(Season, site_id, season_id)
    form = SeasonForm(obj=season)

    def save(session: Session, seen: int, week: Any, values: dict[str, Any]) -> None:
        save_season(
            session, by=current_actor(), site_id=site_id, season_id=season_id, version=seen, values=values, week=week
        )

    return _week_page(site, season, form, save, _("The season was saved."))


@blueprint.route("/seasons/<int:season_id>/delete", methods=["GET", "POST"])
@requires(May.SITES_WRITE)
def remove_season(site_id: int, season_id: int) -> Response:
    """The question whether to delete a season, and the deletion."""
    return _remove(Season, site_id, season_id, _("The season was deleted."))


@blueprint.route("/exceptions/new", methods=["GET", "POST"])
@requires(May.SITES_WRITE)
def new_special(site_id: int) -> Response:
    """The form of a new exception, and its creation."""
    site = get_site(db.session(), site_id)
    return _special_page(site, None, SpecialForm(), _("The exception was created."))


@blueprint.route("/exceptions/<int:special_id>/edit", methods=["GET", "POST"])
@requires(May.SITES_WRITE)
def edit_special(site_id: int, special_id: int) -> Response:
    """The form of an exception, and its change."""
    site, special = _part(Special, site_id, special_id)
    return _special_page(site, special, SpecialForm(obj=special), _("The exception was saved."))


@blueprint.route("/exceptions/<int:special_id>/delete", methods=["GET", "POST"])
@requires(May.SITES_WRITE)
def remove_special(site_id: int, special_id: int) -> Response:
    """The question whether to delete an exception, and the deletion."""
    return _remove(Special, site_id, special_id, _("The exception was deleted."))


@blueprint.post("/closed-today")
@requires(May.SITES_WRITE)
def closed_today(site_id: int) -> Response:
    """Say that the site is closed today."""
    words = {language: request.form.get(f"words_{language}", "").replace("\x00", "") for language in LANGUAGES}
    with transaction() as session:
        close_today(session, by=current_actor(), site_id=site_id, words=words)
    return done(_home(site_id), _("Today is marked as closed: the site says so at once."))


@blueprint.route("/holidays", methods=["GET", "POST"])
@requires(May.SITES_WRITE)
def holidays(site_id: int) -> Response:
    """What holds on public holidays: the form, and its change."""
    site = get_site(db.session(), site_id)
    form = HolidayForm(obj=site)
    rows = _holiday_rows(site)
    if request.method == "GET":
        return _holiday_page(site, form, rows)
    problems: dict[str, str] = {}
    rules: dict[str, Slots | None] = {}
    for number, row in enumerate(rows):
        row["choice"] = request.form.get(f"rule{number}", row["choice"])
        row["slots"] = [*typed_pairs(f"rule{number}"), ("", "")]
        if request.form.get(f"key{number}") != row["key"]:
            continue
        try:
            own = read_slots(row["slots"]) if row["choice"] == "own" else ()
            if row["choice"] == "own" and not own:
                raise ValueError(_("Write the times, or choose closed."))
            rules[row["key"]] = None if row["choice"] == "usual" else own
        except ValueError as problem:
            problems[row["key"]] = str(problem)
    seen = form.seen_version
    if problems or not form.validate():
        return _holiday_page(site, form, rows, status=422, problems=problems)
    try:
        with transaction() as session:
            save_holiday_rules(
                session,
                by=current_actor(),
                site_id=site_id,
                version=seen,
                country=form.holiday_country.data,
                subdivision=form.holiday_subdivision.data or "",
                rules=rules,
            )
    except FieldProblems as error:
        put_beside(form, error)
        return _holiday_page(site, form, rows, status=422)
    except EditConflict as conflict:
        theirs = get_site(db.session(), site_id)
        form.version.data = str(theirs.version)
        form.form_errors = [str(conflict.sentence)]
        return _holiday_page(theirs, form, rows, status=409)
    return done(_home(site_id), _("The rules of the holidays were saved."))


def _holiday_rows(site: Site) -> list[dict[str, Any]]:
    rules = hours_of(db.session(), site)
    today = local_day(utc_now(), rules.zone)
    rows: list[dict[str, Any]] = []
    for day, key, _plan in coming_holidays(rules, today):
        if any(row["key"] == key for row in rows):
            continue
        stored = rules.holiday_rules.get(key, ())
        choice = "usual" if stored is None else "own" if stored else "closed"
        rows.append(
            {
                "key": key,
                "day": date_in_words(day),
                "name": _shown(rules, day, key),
                "choice": choice,
                "slots": [*typed_slots(stored or ()), ("", "")],
            }
        )
    return rows


def _shown(rules: Hours, day: dt.date, key: str) -> str:
    holiday = holiday_of(rules, day)
    return holiday.names.get(choose_language(), key) if holiday else key


def _holiday_page(
    site: Site, form: HolidayForm, rows: list[dict[str, Any]], *, status: int = 200, problems: Any = None
) -> Response:
    parts = holiday_countries().get(form.holiday_country.data or "", ())
    return show(
        "places/holidays.html", status=status, site=site, form=form, rows=rows, parts=parts, problems=problems or {}
    )


def _week_page(
    site: Site,
    stored: Site | Season | None,
    form: WeekForm | SeasonForm,
    save: Callable[[Session, int, Any, dict[str, Any]], None],
    message: str,
) -> Response:
    """The form of a week and its change: buttons that rearrange it store nothing, the second of two editors is told."""
    shown: dict[str, Any] = {
        "site": site,
        "stored": stored,
        "form": form,
        "day_names": [day_name(day) for day in range(7)],
    }
    template = "places/season_form.html" if isinstance(form, SeasonForm) else "places/week_form.html"
    if request.method == "GET":
        days = typed_week(as_week((stored or site).week))
        return show(template, days=days, **shown)
    typed = typed_days()
    arranged = rearranged(typed)
    if arranged is not None:
        return show(template, days=arranged, **shown)
    week, days = read_week(typed)
    values = form.values() if isinstance(form, PlacesForm) else {}
    if week is None or not form.validate():
        return show(template, status=422, days=days, **shown)
    values = form.values() if isinstance(form, PlacesForm) else {}
    seen = form.seen_version
    try:
        with transaction() as session:
            save(session, seen, week, values)
    except FieldProblems as error:
        put_beside(form, error)
        return show(template, status=422, days=days, **shown)
    except EditConflict:
        theirs: Any = get_part(db.session(), cast("Any", type(stored)), stored.id) if stored else site
        differences = form.meet(type(form)(formdata=None, obj=theirs))
        pairs = zip(range(7), week, as_week(theirs.week), strict=True)
        differences += [
            Difference(day_name(day), slots_in_words(mine), slots_in_words(other))
            for day, mine, other in pairs
            if mine != other
        ]
        return show(template, status=409, days=days, differences=differences, **shown)
    return done(_home(site.id), message)


def _special_page(site: Site, stored: Special | None, form: SpecialForm, message: str) -> Response:
    """The form of an exception, and its storing."""
    shown: dict[str, Any] = {"site": site, "stored": stored, "form": form}
    template = "places/special_form.html"
    if request.method == "GET":
        if stored is None:
            form.first.data = form.last.data = local_day(utc_now(), g.company.zone)
        return show(template, day=DayTyped(typed_slots(as_slots(stored.slots if stored else []))), **shown)
    typed = typed_pairs("day0")
    slots, day = _typed_day(typed)
    if "add" in request.form:
        return show(template, day=DayTyped((*typed, ("", ""))), **shown)
    if not form.validate() or day.problem:
        return show(template, status=422, day=day, **shown)
    seen = form.seen_version
    try:
        with transaction() as session:
            save_special(
                session,
                by=current_actor(),
                site_id=site.id,
                special_id=stored.id if stored else None,
                version=seen,
                values=form.values(),
                slots=slots,
            )
    except FieldProblems as error:
        put_beside(form, error)
        return show(template, status=422, day=day, **shown)
    except EditConflict:
        theirs: Any = get_part(db.session(), Special, stored.id) if stored else None
        differences = form.meet(SpecialForm(formdata=None, obj=theirs))
        mine, other = slots_in_words(slots), slots_in_words(as_slots(theirs.slots))
        differences += [Difference(_("Opening times"), mine, other)] if mine != other else []
        return show(template, status=409, day=day, differences=differences, **shown)
    return done(_home(site.id), message)


def _typed_day(typed: list[Typed]) -> tuple[Slots, DayTyped]:
    try:
        return read_slots(typed), DayTyped(tuple(typed))
    except ValueError as problem:
        return (), DayTyped(tuple(typed), str(problem))


def _part(kind: Any, site_id: int, number: int) -> tuple[Site, Any]:
    part = get_part(db.session(), kind, number)
    if part.site_id != site_id:
        raise NotFound(_("This is not there, or not any more."))
    return get_site(db.session(), site_id), part


def _remove(kind: Any, site_id: int, number: int, message: str) -> Response:
    by = current_actor()

    def tell() -> dict[str, Any]:
        site, part = _part(kind, site_id, number)
        return {"part": part, "back": _home(site.id)}

    return ask_and_delete(
        "places/delete.html",
        tell,
        lambda session, seen: delete_hours(session, by=by, kind=kind, number=number, version=seen),
        then=_home(site_id),
        message=message,
    )


def _home(site_id: int) -> str:
    return url_for("places_hours.hours", site_id=site_id)
