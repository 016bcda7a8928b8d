"""Forms for tests, and what is sent from them."""

from __future__ import annotations

import itertools
import re
from typing import Any

from sqlalchemy.orm import Session

from webapp.blueprints.forms.models import FieldKind, Form, FormField
from webapp.blueprints.forms.services.building import add_field, create_form
from webapp.core.security import SYSTEM

_numbers = itertools.count(1)
WORDS = {"it": {"title": "Scrivici", "thanks": "Grazie mille"}, "en": {"title": "Write to us", "thanks": "Many thanks"}}


def make_form(session: Session, *fields: tuple[FieldKind, dict[str, Any]], words: Any = None, **values: Any) -> Form:
    """A stored form with these fields, by kind and changes; its addresses end with its number."""
    number = next(_numbers)
    texts = {
        language: {"slug": f"form-{number}", **parts} for language, parts in (WORDS if words is None else words).items()
    }
    form = create_form(session, by=SYSTEM, values={"name": f"Form {number}", "notify": "", **values}, words=texts)
    for kind, changes in fields:
        make_field(session, form, kind, **changes)
    session.flush()
    return form


def make_field(session: Session, form: Form, kind: FieldKind, **changes: Any) -> FormField:
    """A field of a form; `label` and `choices` are those of both languages."""
    label, choices = changes.pop("label", kind.value.title()), changes.pop("choices", ["red", "green", "blue"])
    words = {"label": label, **({"choices": choices} if kind in ("select", "radio", "several") else {})}
    return add_field(session, by=SYSTEM, form_id=form.id, kind=kind, values=changes, words={"it": words, "en": words})


def contact_form(session: Session, **values: Any) -> Form:
    """Name, e-mail, message and a consent that must be given."""
    return make_form(
        session,
        (FieldKind.LINE, {"check": "name", "required": True, "label": "Name"}),
        (FieldKind.EMAIL, {"required": True, "label": "E-mail"}),
        (FieldKind.TEXT, {"required": True, "label": "Message"}),
        (FieldKind.CONSENT, {"required": True, "label": "I agree", "purpose": "Answers"}),
        **values,
    )


def filled(form: Form, page: str, **changes: str) -> dict[str, str]:
    """What a person sends from the page of a contact form, who has read it for a while."""
    keys = [field.key for field in form.fields]
    values = {"name": "Anna Bianchi", "email": "anna@people.example.com", "text": "Hello, are you open?", "agree": "1"}
    given = dict(zip(keys, (values | changes).values(), strict=False))
    marks = dict(re.findall(r'name="(mark|stamp)" value="([^"]*)"', page))
    return given | marks
