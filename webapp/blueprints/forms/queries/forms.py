"""The forms: their list, one of them, those that are open in a language."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from webapp.blueprints.forms.models import Check, FieldKind, Form, FormField, State, Submission
from webapp.core.errors import NotFound
from webapp.core.lists import Choice, Column, ListSpec, Search, folded

STATES = {"open": _l("Takes messages"), "closed": _l("Closed")}
KINDS = {
    FieldKind.LINE.value: _l("A line"),
    FieldKind.TEXT.value: _l("A text of several lines"),
    FieldKind.EMAIL.value: _l("E-mail address"),
    FieldKind.PHONE.value: _l("Phone number"),
    FieldKind.NUMBER.value: _l("Number"),
    FieldKind.DATE.value: _l("Date"),
    FieldKind.SELECT.value: _l("One of a list"),
    FieldKind.RADIO.value: _l("One of a few, all in sight"),
    FieldKind.SEVERAL.value: _l("Several of a few"),
    FieldKind.CHECKBOX.value: _l("A tick"),
    FieldKind.CONSENT.value: _l("Consent line"),
    FieldKind.HEADING.value: _l("Heading between fields"),
}
CHECKS = {
    Check.NONE.value: _l("None"),
    Check.NAME.value: _l("A person's name (it becomes the sender)"),
    Check.DIGITS.value: _l("Digits alone"),
    Check.POSTCODE.value: _l("Italian postcode (five digits)"),
    Check.VAT.value: _l("Italian VAT number, with its check digit"),
    Check.TAX_CODE.value: _l("Italian tax code, with its check letter"),
    Check.WEB.value: _l("Address of a web page"),
    Check.FUTURE.value: _l("Not in the past"),
    Check.PAST.value: _l("Not in the future"),
}
WRITTEN = select(func.count()).where(Submission.form_id == Form.id)
FORMS = ListSpec(
    name="forms",
    source=Form,
    id=Form.id,
    columns=(
        Column("name", _l("Name"), Form.name, sort_by=folded(Form.name)),
        Column("state", _l("State"), Form.state, kind="choice", choices=STATES),
        Column(
            "new",
            _l("New messages"),
            WRITTEN.where(Submission.state == State.NEW.value).correlate(Form).scalar_subquery(),
            kind="number",
        ),
        Column("all", _l("All messages"), WRITTEN.correlate(Form).scalar_subquery(), kind="number"),
        Column("keep_months", _l("Kept for months"), Form.keep_months, kind="number"),
        Column("updated_at", _l("Changed"), Form.updated_at, kind="date", shown=False),
    ),
    sort="name",
    filters=(Choice("state", _l("State"), Form.state, STATES),),
    search=(Search(Form.name),),
    search_hint=_l("Name"),
)


def get_form(session: Session, form_id: int, *, lock: bool = False) -> Form:
    """The form with this id. Raises NotFound."""
    form = session.get(Form, form_id, with_for_update=lock or None, populate_existing=lock)
    if form is None:
        raise NotFound(_("This form does not exist, or does not any more."))
    return form


def get_field(session: Session, form_id: int, field_id: int, *, lock: bool = False) -> FormField:
    """A field of a form. Raises NotFound."""
    field = session.get(FormField, field_id, with_for_update=lock or None, populate_existing=lock)
    if field is None or field.form_id != form_id:
        raise NotFound(_("This field does not exist, or does not any more."))
    return field


def find_form_at(session: Session, language: str, slug: str) -> Form | None:
    """The form at an address of the public site, open or closed, with its fields."""
    column = {"it": Form.slug_it, "en": Form.slug_en}[language]
    found = select(Form).where(column == slug).options(selectinload(Form.fields))
    return session.scalars(found).one_or_none()


def find_shown_form(session: Session, form_id: int, language: str) -> Form | None:
    """A form to be shown on a page in a language: an open one that has words in it, with its fields."""
    found = select(Form).where(Form.id == form_id, Form.state == "open").options(selectinload(Form.fields))
    form = session.scalars(found).one_or_none()
    return form if form and form.slug(language) else None


def find_form(session: Session, form_id: int | None) -> Form | None:
    """The form with this id, open or closed; None when it is not there any more."""
    return session.get(Form, form_id) if form_id is not None else None


def form_choices(session: Session, language: str) -> list[tuple[str, str]]:
    """The forms that a page in this language can show, as number and name."""
    return [(str(form.id), form.name) for form in list_open_forms(session) if form.slug(language)]


def list_open_forms(session: Session) -> list[Form]:
    """The forms that take messages, by name."""
    found = select(Form).where(Form.state == "open").order_by(func.lower(Form.name), Form.id)
    return list(session.scalars(found.options(selectinload(Form.fields))))
