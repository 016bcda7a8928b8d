"""Where editors make forms and their fields."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.blueprints.forms.forms.building import FieldForm, FormForm
from webapp.blueprints.forms.models import FieldKind, Form, FormField
from webapp.blueprints.forms.permissions import FormsPermission as May
from webapp.blueprints.forms.queries.forms import CHECKS, FORMS, KINDS, STATES, get_field, get_form
from webapp.blueprints.forms.services.building import (
    add_field,
    copy_form,
    create_form,
    delete_field,
    delete_form,
    sort_fields,
    update_field,
    update_form,
)
from webapp.core.db import db, transaction
from webapp.core.deletion import ask_and_delete
from webapp.core.editing import ask_and_edit
from webapp.core.forms import Difference, sent_numbers, submit
from webapp.core.lists.pages import show_list
from webapp.core.security import current_actor, requires
from webapp.core.web import done, show

blueprint = Blueprint("forms", __name__, template_folder="../templates", url_prefix="/backoffice/site/forms")


@blueprint.get("/")
@requires(May.SUBMISSIONS_READ)
def forms() -> Response:
    """The forms, or their export."""
    return show_list(db.session(), FORMS, "forms/forms.html", "forms/_forms.html")


@blueprint.get("/<int:form_id>/")
@requires(May.SUBMISSIONS_READ)
def form(form_id: int) -> Response:
    """One form with its fields in their order."""
    found = get_form(db.session(), form_id)
    return show("forms/form.html", form=found, kinds=KINDS, checks=CHECKS, states=STATES, languages=_languages())


@blueprint.route("/new", methods=["GET", "POST"])
@requires(May.FORMS_WRITE)
def new_form() -> Response:
    """What a new form is called and says, and its making."""
    asked = FormForm.of(None, _languages())
    if request.method == "GET":
        return _show_form(asked)
    by = current_actor()
    made = submit(asked, lambda session: create_form(session, by=by, values=asked.values(), words=asked.words()).id)
    if made is None:
        return _show_form(asked, status=422)
    return done(url_for("forms.form", form_id=made), _("The form was created. Now add its fields."))


@blueprint.route("/<int:form_id>/edit", methods=["GET", "POST"])
@requires(May.FORMS_WRITE)
def edit_form(form_id: int) -> Response:
    """What a form is called and says, and its change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_form(db.session(), form_id),
        lambda stored, **kwargs: FormForm.of(stored, _languages(), **kwargs),
        _show_form,
        lambda s, asked, seen: update_form(
            s, by=by, form_id=form_id, version=seen, values=asked.values(), words=asked.words()
        ),
        then=url_for("forms.form", form_id=form_id),
        message=_("The form was saved."),
    )


@blueprint.post("/<int:form_id>/copy")
@requires(May.FORMS_WRITE)
def duplicate(form_id: int) -> Response:
    """Make a second form like this one, and go there."""
    with transaction() as session:
        made = copy_form(session, by=current_actor(), form_id=form_id).id
    return done(
        url_for("forms.form", form_id=made),
        _("The form was copied. The copy is closed: change its name and address, then open it."),
    )


@blueprint.route("/<int:form_id>/delete", methods=["GET", "POST"])
@requires(May.FORMS_WRITE)
def remove_form(form_id: int) -> Response:
    """The question whether to delete a form, and the deletion."""
    by = current_actor()
    return ask_and_delete(
        "forms/form_delete.html",
        lambda: {"form": get_form(db.session(), form_id)},
        lambda session, seen: delete_form(session, by=by, form_id=form_id, version=seen),
        then=url_for("forms.forms"),
        message=_("The form was deleted."),
    )


@blueprint.route("/<int:form_id>/fields/new/<kind>", methods=["GET", "POST"])
@requires(May.FORMS_WRITE)
def new_field(form_id: int, kind: str) -> Response:
    """A new field of a kind, and its making."""
    if kind not in KINDS:
        abort(404)
    stored, of, by = get_form(db.session(), form_id), FieldKind(kind), current_actor()
    asked = FieldForm.of(of, None, _languages())
    if request.method == "GET":
        return _show_field(asked, stored, of)
    made = submit(
        asked,
        lambda s: add_field(s, by=by, form_id=form_id, kind=of, values=asked.values(), words=asked.words()).id,
    )
    if made is None:
        return _show_field(asked, stored, of, status=422)
    return done(url_for("forms.form", form_id=form_id, _anchor="fields"), _("The field was added."))


@blueprint.route("/<int:form_id>/fields/<int:field_id>", methods=["GET", "POST"])
@requires(May.FORMS_WRITE)
def edit_field(form_id: int, field_id: int) -> Response:
    """A field, and its change; the second of two editors is told."""
    by = current_actor()
    return ask_and_edit(
        lambda: get_field(db.session(), form_id, field_id),
        lambda field, **kwargs: FieldForm.of(FieldKind(field.kind), field, _languages(), **kwargs),
        lambda asked, field, **more: _show_field(
            asked, get_form(db.session(), form_id), FieldKind(field.kind), field, **more
        ),
        lambda s, asked, seen: update_field(
            s, by=by, form_id=form_id, field_id=field_id, version=seen, values=asked.values(), words=asked.words()
        ),
        then=url_for("forms.form", form_id=form_id, _anchor="fields"),
        message=_("The field was saved."),
    )


@blueprint.post("/<int:form_id>/fields/<int:field_id>/delete")
@requires(May.FORMS_WRITE)
def remove_field(form_id: int, field_id: int) -> Response:
    """Take a field off its form."""
    with transaction() as session:
        delete_field(session, by=current_actor(), form_id=form_id, field_id=field_id)
    return done(url_for("forms.form", form_id=form_id), _("The field was taken off the form."))


@blueprint.post("/<int:form_id>/fields/order")
@requires(May.FORMS_WRITE)
def sort(form_id: int) -> Response:
    """Put the fields in another order."""
    order = sent_numbers("order")
    with transaction() as session:
        move = request.form.get("move", "")
        sort_fields(session, by=current_actor(), form_id=form_id, order=order, move=move)
    return done(url_for("forms.form", form_id=form_id, _anchor="fields"))


def _languages() -> tuple[str, ...]:
    languages: tuple[str, ...] = g.company.language_codes
    return languages


def _show_form(
    asked: FormForm, stored: Form | None = None, *, status: int = 200, differences: list[Difference] | None = None
) -> Response:
    return show("forms/form_edit.html", status=status, form=asked, stored=stored, differences=differences)


def _show_field(
    asked: FieldForm, of_form: Form, kind: FieldKind, stored: FormField | None = None, **more: Any
) -> Response:
    return show(
        "forms/field_edit.html",
        form=asked,
        of_form=of_form,
        kind=kind.value,
        kind_title=KINDS[kind.value],
        stored=stored,
        **more,
    )
