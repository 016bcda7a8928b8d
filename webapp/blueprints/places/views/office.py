"""The back office's pages of sites, departments and ways to reach the company."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from flask import Blueprint, abort, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.places.forms import DepartmentForm, PlacesForm, SitedForm, SiteForm, WayForm
from webapp.blueprints.places.models import Department, Site, Way
from webapp.blueprints.places.permissions import PlacesPermission as May
from webapp.blueprints.places.queries.sites import (
    get_part,
    hours_of,
    list_departments,
    list_sites,
    list_ways,
)
from webapp.blueprints.places.queries.ways import KINDS, map_link
from webapp.blueprints.places.queries.words import state_in_words, week_in_words
from webapp.blueprints.places.services.sites import delete_part, order_parts, save_department, save_site, save_way
from webapp.core.clock import utc_now
from webapp.core.db import db, transaction
from webapp.core.deletion import ask_and_delete
from webapp.core.editing import ask_and_edit
from webapp.core.forms import sent_numbers, submit
from webapp.core.i18n import choose_language
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("places", __name__, template_folder="../templates", url_prefix="/backoffice/site/places")
ORDERED: dict[str, Any] = {"sites": Site, "departments": Department, "ways": Way}
MOST_ORDERED = 500
F = TypeVar("F", bound=PlacesForm)


@blueprint.get("/")
@requires(May.SITES_READ)
def sites() -> Response:
    """The sites, departments and ways to reach the company."""
    session = db.session()
    language = choose_language()
    rows: list[dict[str, Any]] = []
    for site in list_sites(session):
        rules = hours_of(session, site)
        rows.append(
            {
                "site": site,
                "name": site.name(language),
                "state": state_in_words(rules, utc_now()),
                "words": week_in_words(rules.week),
                "map": map_link(site.latitude, site.longitude)
                if site.latitude is not None and site.longitude is not None
                else "",
            }
        )
    names = {row["site"].id: row["name"] for row in rows}
    return show(
        "places/sites.html",
        sites=rows,
        names=names,
        departments=list_departments(session),
        ways=list_ways(session),
        kinds=KINDS,
        language=language,
    )


@blueprint.route("/sites/new", methods=["GET", "POST"])
@requires(May.SITES_WRITE)
def new_site() -> Response:
    """The form of a new site, and its creation; its week comes next."""
    form, by = SiteForm(), current_actor()
    if request.method == "GET":
        return _show_form("places/site_form.html", form)
    created = submit(form, lambda s: save_site(s, by=by, values=form.values()).id)
    if created is None:
        return _show_form("places/site_form.html", form, status=422)
    return done(url_for("places_hours.edit_week", site_id=created), _("The site was created."))


@blueprint.route("/sites/<int:site_id>/edit", methods=["GET", "POST"])
@requires(May.SITES_WRITE)
def edit_site(site_id: int) -> Response:
    """The form of a site, and its change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_part(db.session(), Site, site_id),
        partial(_form, SiteForm),
        partial(_show_form, "places/site_form.html"),
        lambda s, form, seen: save_site(s, by=by, values=form.values(), site_id=site_id, version=seen),
        then=url_for("places.sites"),
        message=_("The site was saved."),
    )


@blueprint.route("/sites/<int:site_id>/delete", methods=["GET", "POST"])
@requires(May.SITES_WRITE)
def remove_site(site_id: int) -> Response:
    """The question whether to delete a site, and the deletion."""
    return _remove(Site, site_id, _("The site was deleted."))


@blueprint.route("/departments/new", methods=["GET", "POST"])
@requires(May.SITES_WRITE)
def new_department() -> Response:
    """The form of a new department, and its creation."""
    return _create(
        DepartmentForm, save_department, "places/department_form.html", message=_("The department was created.")
    )


@blueprint.route("/departments/<int:department_id>/edit", methods=["GET", "POST"])
@requires(May.SITES_WRITE)
def edit_department(department_id: int) -> Response:
    """The form of a department, and its change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_part(db.session(), Department, department_id),
        partial(_form, DepartmentForm),
        partial(_show_form, "places/department_form.html"),
        lambda s, form, seen: save_department(
            s, by=by, values=form.values(), department_id=department_id, version=seen
        ),
        then=url_for("places.sites"),
        message=_("The department was saved."),
    )


@blueprint.route("/departments/<int:department_id>/delete", methods=["GET", "POST"])
@requires(May.SITES_WRITE)
def remove_department(department_id: int) -> Response:
    """The question whether to delete a department, and the deletion."""
    return _remove(Department, department_id, _("The department was deleted."))


@blueprint.route("/ways/new", methods=["GET", "POST"])
@requires(May.SITES_WRITE)
def new_way() -> Response:
    """The form of a new way to reach the company, and its creation."""
    return _create(WayForm, save_way, "places/way_form.html", message=_("The contact was created."))


@blueprint.route("/ways/<int:way_id>/edit", methods=["GET", "POST"])
@requires(May.SITES_WRITE)
def edit_way(way_id: int) -> Response:
    """The form of a way to reach the company, and its change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_part(db.session(), Way, way_id),
        partial(_form, WayForm),
        partial(_show_form, "places/way_form.html"),
        lambda s, form, seen: save_way(s, by=by, values=form.values(), way_id=way_id, version=seen),
        then=url_for("places.sites"),
        message=_("The contact was saved."),
    )


@blueprint.route("/ways/<int:way_id>/delete", methods=["GET", "POST"])
@requires(May.SITES_WRITE)
def remove_way(way_id: int) -> Response:
    """The question whether to delete a way to reach the company, and the deletion."""
    return _remove(Way, way_id, _("The contact was deleted."))


@blueprint.post("/order/<things>")
@requires(May.SITES_WRITE)
def order(things: str) -> Response:
    """Put the sites, departments or ways into another order."""
    kind = ORDERED.get(things)
    if kind is None:
        abort(404)
    numbers = sent_numbers("order")[:MOST_ORDERED]
    with transaction() as session:
        order_parts(session, by=current_actor(), kind=kind, order=numbers, move=request.form.get("move", ""))
    return done(f"{url_for('places.sites')}#{things}")


def _create(kind: type[SitedForm], save: Callable[..., Any], template: str, *, message: str) -> Response:
    form, by = _form(kind), current_actor()
    if request.method == "GET":
        return _show_form(template, form)
    if submit(form, lambda s: save(s, by=by, values=form.values()).id) is None:
        return _show_form(template, form, status=422)
    return done(url_for("places.sites"), message)


def _form(kind: type[F], stored: Any = None, **kwargs: Any) -> F:
    form = kind.filled(stored, **kwargs)
    if isinstance(form, SitedForm):
        form.offer(list_sites(db.session()), choose_language())
    return form


def _show_form(template: str, form: PlacesForm, stored: Any = None, **more: Any) -> Response:
    return show(template, form=form, stored=stored, **more)


def _remove(kind: Any, number: int, message: str) -> Response:
    by = current_actor()
    return ask_and_delete(
        "places/delete.html",
        lambda: {"part": get_part(db.session(), kind, number), "back": url_for("places.sites")},
        lambda session, seen: delete_part(session, by=by, kind=kind, number=number, version=seen),
        then=url_for("places.sites"),
        message=message,
    )
