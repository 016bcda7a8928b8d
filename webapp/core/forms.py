"""Forms of records: clean texts, amounts as people write them, problems beside their fields, two editors told apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Self, TypeVar, cast

from flask import request
from flask_babel import format_decimal, get_locale
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import Field, FieldList, Form, FormField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than 3.3
from wtforms.validators import Length, ValidationError
from wtforms.widgets import TextInput

from webapp.core.db import transaction
from webapp.core.errors import DomainError, EditConflict, FieldProblems, InUse

T = TypeVar("T")
GROUPED = re.compile(r"[+-]?\d{1,3}([.,])\d{3}")
GROUPED_SURELY = re.compile(r"[+-]?\d{1,3}([.,])\d{3}(\1\d{3}|(?!\1)[.,]\d*)+")


@dataclass(frozen=True)
class Difference:
    """A field that two people set differently."""

    label: str
    yours: str
    theirs: str


class RecordForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """A form of one record; `version` says which one the person saw."""

    class Meta:
        """The application protects every write itself."""

        csrf = False

    version = HiddenField()

    @classmethod
    def filled(cls, record: object, **kwargs: Any) -> Self:
        """The form of a stored record; what was submitted goes before what is stored unless `formdata` is None."""
        return cls(obj=record, **kwargs)

    @property
    def seen_version(self) -> int:
        """The version that the person saw; -1, which no record has, when the form does not say."""
        told = self.version.raw_data is None or bool(self.version.raw_data)  # a submitted form may leave it out
        text = str(self.version.data or "") if told else ""
        number = whole_number(text)
        return -1 if number is None else number

    def own_fields(self) -> Iterator[Field]:
        """The fields that people fill in."""
        return (field for field in self if field is not self.version)

    def meet(self, theirs: RecordForm) -> list[Difference]:
        """After a conflict: how the record that is stored now differs from what was typed.

        What was typed stays; the version becomes the stored one, so that saving again means to overwrite.
        """
        self.version.data = theirs.version.data
        pairs = ((field, theirs[field.short_name]) for field in self.own_fields())
        texts = ((field.label.text, in_words(field), in_words(other)) for field, other in pairs)
        return [Difference(label, mine, other) for label, mine, other in texts if mine != other]


def in_words(field: Field) -> str:
    """What a field says, as a person reads it."""
    if isinstance(field, FieldList):
        rows = (" · ".join(filter(None, (in_words(each) for each in entry.form))) for entry in field.entries)
        return "\n".join(rows)
    if isinstance(field, HiddenField):
        return ""
    if isinstance(field, SelectField):
        labels = {choice.value: str(choice.label) for choice in cast("Any", field).iter_choices()}
        return labels.get(str(field.data), "")
    return str(field._value()) if hasattr(field, "_value") else str(field.data or "")  # noqa: SLF001 - WTForms' own word for it


def choices_of(labels: Mapping[str, Any]) -> list[SelectChoice]:
    """The choices of a select field from labels by value."""
    return [SelectChoice(value, label) for value, label in labels.items()]


def clean(value: Any) -> Any:
    """A form filter: a text without blanks around it and without what no database stores."""
    return value.replace("\x00", "").strip() if isinstance(value, str) else value


class CleanField(StringField):
    """A line of text, cleaned; `data` is text once the form is right."""

    data: Any

    def __init__(self, label: Any = None, validators: Iterable[Any] = (), **kwargs: Any) -> None:
        super().__init__(label, list(validators), filters=[clean], **kwargs)


class LinesField(TextAreaField):
    """A text of several lines, cleaned; its lines end as everywhere."""

    data: Any

    def __init__(self, label: Any = None, longest: int = 1000, **kwargs: Any) -> None:
        super().__init__(label, [Length(max=longest)], filters=[clean, _plain_lines], **kwargs)


class NumbersField(Field):
    """The numbers of other records, in their order; what is no number is refused."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the numbers. Raises ValueError with the sentence for the person."""
        given = [value.strip() for value in valuelist if value.strip()]
        if not all(_is_number(value) for value in given):
            raise ValueError(_("Not a valid choice."))
        self.data = [int(value) for value in given]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers, each once."""
        return tuple(dict.fromkeys(self.data or ()))

    @property
    def number(self) -> int | None:
        """The last one, None when there is none: a number that is typed stands behind what was chosen before."""
        return next(reversed(self.data or ()), None)

    def _value(self) -> str:
        return ", ".join(str(each) for each in self.data or ())


def whole_number(text: object) -> int | None:
    """The number of a record that plain figures say; None for anything else."""
    value = str(text)
    return int(value) if _is_number(value) else None


def sent_numbers(name: str) -> list[int]:
    """The numbers of records that were sent under a name, in their order, without what is none."""
    return [number for text in request.form.getlist(name) if (number := whole_number(text)) is not None]


def pressed_button(name: str) -> tuple[int | None, str]:
    """What a button says as `number:deed`: the record that it is about, None for what is none, and what is to be done."""
    number, _colon, deed = request.form.get(name, "").partition(":")
    return whole_number(number), deed


def chosen_number(value: object) -> int | None:
    """What a choice among records stands for: a number, or None for nothing. Raises ValueError for what is neither."""
    number = whole_number(value)
    if number is None and value not in (None, "", "None"):
        raise ValueError(value)
    return number


def _is_number(value: str) -> bool:
    return bool(re.fullmatch("[0-9]{1,18}", value))


def _plain_lines(value: Any) -> Any:
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


class AmountField(Field):
    """A decimal number as the person's language writes it, without grouping; exact, and never a float.

    The other language's decimal sign is understood too, unless what follows looks like thousands: then it asks.
    """

    widget = TextInput()
    data: Any

    def __init__(
        self, label: Any = None, validators: Iterable[Any] = (), *, places: int, least: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(label, list(validators), **kwargs)
        self.places = places
        self.least = least

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number. Raises ValueError with the sentence for the person."""
        text = str(clean(valuelist[0])) if valuelist else ""
        self.data = None
        if text:
            self.data = read_amount(text, self.places)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        whole, _point, decimals = f"{Decimal(self.data):f}".partition(".")
        decimals = decimals.rstrip("0").ljust(self.least, "0")
        return f"{whole}{_decimal_sign()}{decimals}" if decimals else whole


def _decimal_sign() -> str:
    return "," if str(get_locale()).startswith("it") else "."


def read_amount(text: str, places: int) -> Decimal:
    """The number in `text` with at most so many decimal places. Raises ValueError with a sentence for people."""
    grouped = GROUPED.fullmatch(text)
    if GROUPED_SURELY.fullmatch(text) or (grouped and grouped.group(1) != _decimal_sign()):
        raise ValueError(_("Write it without a sign between the thousands."))
    if not re.fullmatch(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)", text):
        raise ValueError(_("This is not a number."))
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation as error:
        raise ValueError(_("This is not a number.")) from error
    if number.as_tuple().exponent < -places:  # type: ignore[operator]  # finite, so the exponent is a number
        raise ValueError(_("At most %(places)s decimal places.", places=places))
    return number


class Between:
    """A validator: a number within bounds, both allowed."""

    def __init__(self, least: Decimal | int, most: Decimal | int) -> None:
        self.least = Decimal(least)
        self.most = Decimal(most)

    def __call__(self, _form: Form, field: Field) -> None:
        """Raise ValidationError when the number is out of bounds."""
        if field.data is not None and not self.least <= field.data <= self.most:
            least, most = (format_decimal(bound, format="#,##0.####") for bound in (self.least, self.most))
            raise ValidationError(_("It must be from %(least)s to %(most)s.", least=least, most=most))


def submit(form: RecordForm, work: Callable[[Session], T]) -> T | None:
    """Do the `work` in one transaction when the form is right.

    None means: show the form again with 422; its problems stand beside their fields. Raises the domain errors that
    belong to no field of the form, EditConflict among them.
    """
    if not form.validate():
        return None
    try:
        with transaction() as session:
            return work(session)
    except DomainError as error:
        if not put_beside(form, error):
            raise
        return None


def submit_deletion(work: Callable[[Session, int], None]) -> DomainError | None:
    """Do the `work`, given the version that the person saw, in one transaction. Answers why it could not be done, if so.

    Raises the domain errors that mean there is nothing to delete.
    """
    seen = RecordForm().seen_version
    try:
        with transaction() as session:
            work(session, seen)
    except (EditConflict, InUse) as problem:
        return problem
    return None


def put_beside(form: Form, error: DomainError) -> bool:
    """Show a problem beside the field that it names. False when it names none of this form."""
    if isinstance(error, FieldProblems):
        problems = error.problems
    else:
        problems = {error.field: str(error.sentence)} if error.field else {}
    fields = {field.name: field for field in _all_fields(form)}
    if not problems or not fields.keys() >= problems.keys():
        return False
    for name, sentence in problems.items():
        fields[name].errors = [*fields[name].errors, sentence]
        if name not in form and not form.form_errors:
            form.form_errors = [_("Nothing was saved yet: look at the marked fields.")]
    return True


def _all_fields(form: Form) -> Iterator[Field]:
    for field in form:
        yield field
        if isinstance(field, FieldList):
            for entry in field.entries:
                if isinstance(entry, FormField):
                    yield from _all_fields(entry.form)
