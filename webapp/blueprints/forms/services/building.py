"""What editors do with forms: make, change, order, copy and delete them and their fields."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.blueprints.forms.models import FieldKind, Form, FormField
from webapp.blueprints.forms.permissions import FormsPermission as May
from webapp.blueprints.forms.queries.forms import get_field, get_form
from webapp.core.clock import utc_now
from webapp.core.company import LANGUAGES
from webapp.core.errors import DomainError, EditConflict, NotAllowed
from webapp.core.security import Actor
from webapp.core.site_events import tell_of_change
from webapp.core.slugs import free_slug, slug_of
from webapp.core.storing import store

log = logging.getLogger(__name__)
MOST_FIELDS = 60
MOST_CHOICES = 100
LONGEST_NAME, LONGEST_SLUG = 120, 80
COPIED = ("words", "notify", "answers_itself", "makes_contact", "keep_months")
COPIED_OF_FIELD = ("position", "kind", "required", "check", "least", "most", "purpose", "text_version", "words")
CHOOSING = frozenset({FieldKind.SELECT, FieldKind.RADIO, FieldKind.SEVERAL})


class NameTaken(DomainError):
    """Another form has this name."""

    field = "name"

    def __init__(self) -> None:
        super().__init__(_("Another form has this name."))


class SlugTaken(DomainError):
    """Another form has this address."""

    def __init__(self, language: str) -> None:
        self.field = f"slug_{language}"
        super().__init__(_("Another form has this address."))


class TooManyFields(DomainError):
    """The form has as many fields as one may have."""

    def __init__(self) -> None:
        super().__init__(_("A form has at most %(count)s fields. Make a second form.", count=MOST_FIELDS))


class ChoicesMissing(DomainError):
    """A field of choices has none, too many, or the same one twice."""

    status = 422

    def __init__(self, language: str) -> None:
        self.field = f"choices_{language}"
        super().__init__(_("Write two to %(count)s choices, one a line, each once.", count=MOST_CHOICES))


class BoundsWrong(DomainError):
    """The lower bound lies above the upper one."""

    status = 422
    field = "most"

    def __init__(self) -> None:
        super().__init__(_("It must not be less than the lower bound."))


PROBLEMS = {
    "uq_forms_forms_name": NameTaken,
    "uq_forms_forms_slug_it": lambda: SlugTaken("it"),
    "uq_forms_forms_slug_en": lambda: SlugTaken("en"),
}


def create_form(
    session: Session, *, by: Actor, values: Mapping[str, Any], words: Mapping[str, Mapping[str, str]]
) -> Form:
    """A new form, without fields. Raises NotAllowed, NameTaken, SlugTaken."""
    _demand(by)
    form = Form(words={})
    _write(form, values, words)
    session.add(form)
    store(session, PROBLEMS)
    tell_of_change(session, by=by, part="form", deed="created", title=form)
    log.info("form %s created by %s", form.id, by.name)
    return form


def update_form(
    session: Session, *, by: Actor, form_id: int, version: int, values: Mapping[str, Any],
    words: Mapping[str, Mapping[str, str]],
) -> Form:  # fmt: skip
    """Change the form that the actor saw as `version`; words of languages that are not given stay.

    Raises NotFound, NotAllowed, EditConflict, NameTaken, SlugTaken.
    """
    form = _seen(session, by, form_id, version)
    _write(form, values, words)
    store(session, PROBLEMS)
    tell_of_change(session, by=by, part="form", deed="changed", title=form)
    log.info("form %s changed by %s", form.id, by.name)
    return form


def copy_form(session: Session, *, by: Actor, form_id: int) -> Form:
    """A second form with the same fields: closed, and at addresses of its own. Raises NotFound, NotAllowed, NameTaken, SlugTaken."""
    _demand(by)
    copied = get_form(session, form_id, lock=True)
    twin = Form(**{name: getattr(copied, name) for name in COPIED}, state="closed")
    names = set(session.scalars(select(Form.name)))
    name = _("Copy of %(name)s", name=copied.name)[: LONGEST_NAME - 5]
    twin.name = name if name not in names else next(each for n in count(2) if (each := f"{name} {n}") not in names)
    for language in LANGUAGES:
        column = f"slug_{language}"
        if slug := copied.slug(language):
            taken = set(session.scalars(select(getattr(Form, column))))
            setattr(twin, column, free_slug(slug[: LONGEST_SLUG - 5], taken, otherwise="form"))
    twin.fields = [FormField(**{name: getattr(field, name) for name in COPIED_OF_FIELD}) for field in copied.fields]
    session.add(twin)
    store(session, PROBLEMS)
    tell_of_change(session, by=by, part="form", deed="created", title=twin)
    log.info("form %s copied as %s by %s", form_id, twin.id, by.name)
    return twin


def delete_form(session: Session, *, by: Actor, form_id: int, version: int) -> None:
    """Delete a form in which nobody wrote anything. Raises NotFound, NotAllowed, EditConflict, InUse."""
    form = _seen(session, by, form_id, version)
    name = form.name
    session.delete(form)
    store(session)
    tell_of_change(session, by=by, part="form", deed="deleted", title=name)
    log.info("form %s deleted by %s", form_id, by.name)


def add_field(
    session: Session, *, by: Actor, form_id: int, kind: FieldKind, values: Mapping[str, Any],
    words: Mapping[str, Mapping[str, Any]],
) -> FormField:  # fmt: skip
    """A new field at the end. Raises NotFound, NotAllowed, TooManyFields, ChoicesMissing, BoundsWrong."""
    _demand(by)
    form = get_form(session, form_id, lock=True)
    count, last = session.execute(
        select(func.count(), func.coalesce(func.max(FormField.position), 0)).where(FormField.form_id == form_id)
    ).one()
    if count >= MOST_FIELDS:
        raise TooManyFields
    field = FormField(form_id=form_id, kind=kind.value, position=last + 1, words={})
    _write_field(field, values, words)
    session.add(field)
    form.updated_at = utc_now()
    store(session)
    session.expire(form, ["fields"])
    tell_of_change(session, by=by, part="form", deed="changed", title=form)
    log.info("field %s of form %s created by %s", field.id, form_id, by.name)
    return field


def update_field(
    session: Session, *, by: Actor, form_id: int, field_id: int, version: int, values: Mapping[str, Any],
    words: Mapping[str, Mapping[str, Any]],
) -> FormField:  # fmt: skip
    """Change the field that the actor saw as `version`. The version of a consent line rises with its words.

    What was written before keeps the labels that it was written under. Raises as add_field does, and EditConflict.
    """
    _demand(by)
    field = get_field(session, form_id, field_id, lock=True)
    if field.version != version:
        raise EditConflict
    before = _labels(field)
    _write_field(field, values, words)
    if field.kind == FieldKind.CONSENT and _labels(field) != before:
        field.text_version += 1
    store(session)
    tell_of_change(session, by=by, part="form", deed="changed", title=get_form(session, form_id))
    log.info("field %s of form %s changed by %s", field_id, form_id, by.name)
    return field


def delete_field(session: Session, *, by: Actor, form_id: int, field_id: int) -> None:
    """Take a field off its form; what was written in it stays where it was written. Raises NotFound, NotAllowed."""
    _demand(by)
    form = get_form(session, form_id, lock=True)
    session.delete(get_field(session, form_id, field_id, lock=True))
    form.updated_at = utc_now()
    store(session)
    session.expire(form, ["fields"])
    tell_of_change(session, by=by, part="form", deed="changed", title=form)
    log.info("field %s of form %s deleted by %s", field_id, form_id, by.name)


def sort_fields(session: Session, *, by: Actor, form_id: int, order: Sequence[int], move: str = "") -> None:
    """Put the fields in an `order` of their ids, then `move` one ("12:up" or "12:down").

    Ids that the form does not have are passed over; fields that the order does not name keep their places at the end.
    """
    _demand(by)
    form = get_form(session, form_id, lock=True)
    fields = list(
        session.scalars(
            select(FormField).where(FormField.form_id == form_id).order_by(FormField.position, FormField.id)
        )
    )
    places = {number: place for place, number in enumerate(order)}
    fields.sort(key=lambda field: places.get(field.id, len(places)))
    mover, _colon, direction = move.partition(":")
    at = next((place for place, field in enumerate(fields) if str(field.id) == mover), None)
    if at is not None and direction in ("up", "down"):
        to = min(max(at + (1 if direction == "down" else -1), 0), len(fields) - 1)
        fields.insert(to, fields.pop(at))
    for place, field in enumerate(fields, start=1):
        if field.position != place:
            field.position = place
    form.updated_at = utc_now()
    store(session)
    session.expire(form, ["fields"])
    tell_of_change(session, by=by, part="form", deed="ordered", title=form)


def _demand(by: Actor) -> None:
    if not by.may(May.FORMS_WRITE):
        raise NotAllowed(_("Your role does not include changing forms. Ask the owner for the right."))


def _seen(session: Session, by: Actor, form_id: int, version: int) -> Form:
    _demand(by)
    form = get_form(session, form_id, lock=True)
    if form.version != version:
        raise EditConflict
    return form


def _write(form: Form, values: Mapping[str, Any], words: Mapping[str, Mapping[str, str]]) -> None:
    for name, value in values.items():
        setattr(form, name, value)
    form.notify = "\n".join(dict.fromkeys(form.notify.split())) if form.notify else ""
    kept = dict(form.words)
    for language, texts in words.items():
        kept[language] = {name: text for name, text in texts.items() if text and name != "slug"}
        title = texts.get("title", "")
        wanted = slug_of(texts.get("slug", "") or title, LONGEST_SLUG) if title else ""
        setattr(form, f"slug_{language}", wanted or None)
    form.words = kept


def _write_field(field: FormField, values: Mapping[str, Any], words: Mapping[str, Mapping[str, Any]]) -> None:
    for name, value in values.items():
        setattr(field, name, value)
    if field.least is not None and field.most is not None and field.least > field.most:
        raise BoundsWrong
    kept = dict(field.words)
    for language, texts in words.items():
        kept[language] = {name: text for name, text in texts.items() if text}
        if field.kind in CHOOSING:
            choices = kept[language].get("choices", [])
            if not 2 <= len(choices) <= MOST_CHOICES or len(set(choices)) != len(choices):
                raise ChoicesMissing(language)
    field.words = kept


def _labels(field: FormField) -> dict[str, str]:
    return {language: str(texts.get("label", "")) for language, texts in field.words.items()}
