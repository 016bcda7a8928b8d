"""The form fields of Flask-Admin as the house wants them: exact numbers, company time, references by their own number."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from flask import g
from flask_admin.contrib.sqla.form import AdminModelConverter
from flask_admin.form import BaseForm
from flask_admin.helpers import get_url
from flask_admin.model.ajax import AjaxModelLoader
from flask_admin.model.fields import AjaxSelectField
from flask_admin.model.form import converts
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import String, cast, or_, select
from wtforms import Field, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput, html_params

from webapp.core.db import db
from webapp.core.forms import AmountField, Between, choices_of

BIGGEST = 2**63 - 1
LITERAL = re.compile(r"'(?P<text>[^']*)'|(?P<number>-?\d+(?:\.\d+)?)|(?P<truth>true|false)")
SUGGESTIONS = 20


class OpenedForm(BaseForm):  # type: ignore[misc]  # Flask-Admin ships no types
    """A form that remembers which version of the record it was opened on, against lost updates."""

    opened_version = HiddenField()


class KeyLoader(AjaxModelLoader):  # type: ignore[misc]  # Flask-Admin ships no types
    """Finds the records that a field refers to by `key`, the number that people know them by (a SKU, say).

    `search` are the attributes that a typed word is looked for in. Nothing is loaded before somebody types.
    """

    def __init__(self, name: str, model: type[Any], key: str, search: tuple[str, ...]) -> None:
        super().__init__(name, {"minimum_input_length": 1})
        self.model = model
        self.key = key
        self.search = search

    def format(self, model: Any) -> tuple[str, str] | None:
        """The key and the words of a record."""
        return (str(getattr(model, self.key)), str(model)) if model is not None else None

    def get_one(self, pk: str) -> Any:
        """The record with that key, or None."""
        column = getattr(self.model, self.key)
        value: Any = pk.strip()
        if isinstance(column.type.python_type(), int):
            value = as_id(value)
        if value in (None, "") or "\x00" in str(value):
            return None
        session = db.session()
        with session.no_autoflush:
            return session.scalars(select(self.model).where(column == value)).one_or_none()

    def get_list(self, query: str, offset: int = 0, limit: int = SUGGESTIONS) -> list[Any]:
        """The first records in which the typed word occurs, in the order of their keys."""
        word = (query or "").replace("\x00", "").strip()
        if not word:
            return []
        columns = [cast(getattr(self.model, name), String) for name in self.search]
        found = select(self.model).where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
        ordered = found.order_by(getattr(self.model, self.key)).offset(min(max(offset or 0, 0), 10_000))
        return list(db.session().scalars(ordered.limit(min(max(limit or 1, 1), SUGGESTIONS))))


class KeyInput:
    """A text field for the key of a record; the page's script offers suggestions while somebody types."""

    def __call__(self, field: KeyField, **kwargs: Any) -> Markup:
        """The input, the list of its suggestions, and the words of the record it holds."""
        chosen = field.loader.format(field.data)
        typed = field.typed if field.typed is not None else (chosen[0] if chosen else "")
        kwargs.setdefault("id", field.id)
        kwargs |= {
            "type": "text",
            "value": typed,
            "list": f"{field.id}-suggestions",
            "autocomplete": "off",
            "hx-get": get_url(".ajax_lookup", name=field.loader.name),
            "hx-trigger": "input changed delay:200ms",
            "hx-target": f"#{field.id}-suggestions",
        }
        words = f'<div class="form-hint">{Markup.escape(chosen[1])}</div>' if chosen else ""
        return Markup(  # noqa: S704 - html_params and escape quote what varies
            f"<input {html_params(name=field.name, **kwargs)}>"
            f'<datalist id="{Markup.escape(field.id)}-suggestions"></datalist>{words}'
        )


class KeyField(AjaxSelectField):  # type: ignore[misc]  # Flask-Admin ships no types
    """A reference to another record, typed as that record's own number."""

    widget = KeyInput()
    typed: str | None = None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep what was typed, to show it again when it names nothing."""
        if valuelist:
            self.typed = valuelist[0].strip()
            self._data = None
            self._formdata = self.typed or None

    def pre_validate(self, form: BaseForm) -> None:  # noqa: ARG002 - the library's signature
        """Refuse a key that names no record, and an empty one where there must be one."""
        if self.data is None and self.typed:
            raise ValidationError(gettext("There is no record with this number."))
        if self.data is None and not self.allow_blank:
            raise ValidationError(gettext("This field is required."))


class StoredAmount(AmountField):
    """An amount as the rooms' forms read it; a field left empty keeps what is there, its default for a new record."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number, in the language of the page."""
        before = self.data
        super().process_formdata(valuelist)
        if self.data is None:
            self.data = before


class MomentInput(TextInput):
    """The browser's own date and time picker, to the second."""

    input_type = "datetime-local"

    def __call__(self, field: Field, **kwargs: Any) -> Markup:
        """The input."""
        return super().__call__(field, **{"step": "1", **kwargs})


class MomentField(Field):
    """A moment, shown and typed in the company's time zone, stored in UTC."""

    widget = MomentInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return _local_text(self.data) if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a local date and time."""
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            local = dt.datetime.fromisoformat(valuelist[0].strip())
            self.data = local.replace(tzinfo=local.tzinfo or g.company.zone).astimezone(dt.UTC)
        except (ValueError, OverflowError) as error:
            self.data = None
            raise ValueError(gettext("Write a date and a time, like 2026-03-31 14:30")) from error

    def populate_obj(self, obj: object, name: str) -> None:
        """Set the moment, unless it shows the same as before: what the form does not show (DST, split seconds) stays."""
        before = getattr(obj, name, None)
        if before is None or self.data is None or _local_text(before) != _local_text(self.data):
            setattr(obj, name, self.data)


def _local_text(moment: dt.datetime) -> str:
    return moment.astimezone(g.company.zone).strftime("%Y-%m-%dT%H:%M:%S")


def as_id(text: str | None) -> int | None:
    """The record number that a text spells, or None."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= BIGGEST else None


def _without_nul(text: str | None) -> str | None:
    return text.replace("\x00", "").strip() if text else text


class FormConverter(AdminModelConverter):  # type: ignore[misc]  # Flask-Admin ships no types
    """From a column to its field. A plain default of the database is the default of the form.

    The converters bear the library's names: it finds them by name, and its own would win otherwise.
    """

    def convert(self, model: Any, mapper: Any, name: str, prop: Any, field_args: Any, hidden_pk: bool) -> Any:  # noqa: FBT001, PLR0917 - the library's signature
        """The field of one attribute."""
        columns = getattr(prop, "columns", None)
        default = _plain_default(columns[0]) if columns else None
        choices = (getattr(self.view, "form_choices", None) or {}).get(name)
        if choices:
            return SelectField(self._get_label(name, {}), choices=choices_of(dict(choices)), default=default)
        if default is not None:
            field_args = {"default": default, **(field_args or {})}
        return super().convert(model, mapper, name, prop, field_args, hidden_pk)

    @converts("String")  # type: ignore[untyped-decorator, unused-ignore]  # Flask-Admin ships no types
    def conv_String(self, column: Any, field_args: dict[str, Any], **extra: Any) -> Field:  # noqa: N802 - the library's name
        """A line of text, or several where the column is long."""
        self._string_common(column=column, field_args=field_args, **extra)
        field_args["filters"] = [_without_nul, *field_args.get("filters", [])]
        long = column.type.length is None or column.type.length > 500
        return TextAreaField(**field_args) if long else StringField(**field_args)

    @converts("DateTime")  # type: ignore[untyped-decorator, unused-ignore]  # Flask-Admin ships no types
    def convert_datetime(self, field_args: dict[str, Any], **_extra: Any) -> Field:
        """A moment in company time."""
        return MomentField(**field_args)

    @converts("Integer")  # type: ignore[untyped-decorator, unused-ignore]  # Flask-Admin ships no types
    def handle_integer_types(self, field_args: dict[str, Any], **_extra: Any) -> Field:
        """A whole number that the column can hold."""
        field_args["validators"].append(Between(-BIGGEST, BIGGEST))
        return IntegerField(**field_args)

    @converts("Numeric")  # type: ignore[untyped-decorator, unused-ignore]  # Flask-Admin ships no types
    def handle_decimal_types(self, column: Any, field_args: dict[str, Any], **_extra: Any) -> Field:
        """An exact number that the column can hold."""
        digits, decimals = column.type.precision, column.type.scale
        bound = Decimal(10) ** (digits - decimals) - Decimal(1).scaleb(-decimals)
        field_args["validators"].append(Between(-bound, bound))
        return StoredAmount(places=decimals, **field_args)

    def _model_select_field(self, prop: Any, multiple: Any, remote_model: Any, **kwargs: Any) -> Any:
        loader = getattr(self.view, "_form_ajax_refs", {}).get(prop.key)
        if loader and not multiple:
            kwargs["validators"] = []  # KeyField itself says what is missing
            return KeyField(loader, **kwargs)
        return super()._model_select_field(prop, multiple, remote_model, **kwargs)


def _plain_default(column: Any) -> Any:
    default = getattr(column, "server_default", None)
    found = LITERAL.fullmatch(str(getattr(getattr(default, "arg", None), "text", "")))
    if not found:
        return None
    if found["number"] is not None:
        return Decimal(found["number"])
    return found["text"] if found["text"] is not None else found["truth"] == "true"
