"""A form as a page of the public site shows it: its words in one language, what was typed, what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import url_for
from markupsafe import Markup

from webapp.blueprints.forms.forms.stamps import mark_of, stamp
from webapp.blueprints.forms.models import FieldKind, Form, FormField
from webapp.blueprints.forms.queries.forms import find_shown_form
from webapp.blueprints.forms.services.reading import Posted
from webapp.core.forms import whole_number
from webapp.core.markdown import markdown

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

TYPES = {"email": "email", "phone": "tel", "date": "date", "number": "text"}
FILLED_BY_BROWSER = {"email": "email", "phone": "tel", "name": "name", "postcode": "postal-code"}


@dataclass(frozen=True)
class ShownField:
    """A field as it is shown. `typed` are the values to begin with, `tick` what its box sends: of a consent, to which words."""

    key: str
    kind: str
    label: str
    help: str
    required: bool
    choices: tuple[str, ...]
    typed: tuple[str, ...]
    problem: str
    type: str
    autocomplete: str
    tick: str

    @property
    def value(self) -> str:
        """The one value to begin with."""
        return self.typed[0] if self.typed else ""


@dataclass(frozen=True)
class ShownForm:
    """A form as it is shown, and where it is sent. `problem` is one of the form as a whole."""

    id: int
    language: str
    title: str
    intro: Markup
    button: str
    address: str
    fields: tuple[ShownField, ...]
    mark: str
    stamp: str
    problem: str = ""

    @property
    def problems(self) -> list[ShownField]:
        """The fields that need another look."""
        return [field for field in self.fields if field.problem]


def show_form(
    form: Form,
    language: str,
    *,
    typed: Posted | None = None,
    problems: Mapping[str, str] | None = None,
    problem: str = "",
) -> ShownForm:
    """A form in a language. With what was `typed` it is one visitor's own."""
    return ShownForm(
        id=form.id,
        language=language,
        title=form.word(language, "title"),
        intro=markdown(form.word(language, "intro")),
        button=form.word(language, "button"),
        address=url_for("form_pages.send_form", language=language, slug=form.slug(language)),
        fields=tuple(_shown(field, language, typed or {}, problems or {}) for field in form.fields),
        mark=mark_of(form.id),
        stamp=stamp(seen=True) if typed is not None else "",
        problem=problem,
    )


def block_context(session: Session, values: Mapping[str, Any], language: str) -> dict[str, Any]:
    """What the block of a page needs: its form, None when there is none (any more) in this language."""
    number = whole_number(values.get("form"))
    form = find_shown_form(session, number, language) if number is not None else None
    return {"form": show_form(form, language) if form else None}


def _shown(field: FormField, language: str, typed: Posted, problems: Mapping[str, str]) -> ShownField:
    return ShownField(
        key=field.key,
        kind=field.kind,
        label=field.label(language),
        help=field.help(language),
        required=field.required,
        choices=tuple(field.choices(language)),
        typed=tuple(typed.get(field.key, ())),
        problem=problems.get(field.key, ""),
        type=TYPES.get(field.kind, "text"),
        autocomplete=FILLED_BY_BROWSER.get(field.check) or FILLED_BY_BROWSER.get(field.kind, ""),
        tick=str(field.text_version) if field.kind == FieldKind.CONSENT else "1",
    )
