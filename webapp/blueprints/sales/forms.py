"""The forms of an order with its lines, of an uploaded file and of its mapping."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    Field,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from webapp.blueprints.sales.models import Order, OrderLine
from webapp.blueprints.sales.queries import ORDER_KINDS
from webapp.blueprints.sales.services.import_looks import DATE_ORDERS
from webapp.blueprints.sales.services.import_mapping import MEANINGS, NEEDED, date_example
from webapp.blueprints.sales.services.import_preview import Preview
from webapp.blueprints.sales.services.orders import LineValues, OrderValues
from webapp.core.company import time_zones
from webapp.core.forms import AmountField, Between, CleanField, RecordForm, choices_of

MOST_UNITS = Decimal("99999999999.999")
LONGEST_CORRECTION = 100_000
LARGEST_PRICE = Decimal("9999999999.9999")


def _plain_lines(text: str | None) -> str | None:
    """A browser sends each line end as two characters; the blanks at the ends may be columns and stay."""
    return text.replace("\r\n", "\n").rstrip("\n") if text else text


class LineForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """One line of an order."""

    class Meta:
        """The application protects every write itself."""

        csrf = False

    line_id = HiddenField()
    sku = CleanField(_l("SKU"), [DataRequired(), Length(max=60)])
    description = CleanField(_l("Description"), [Length(max=500)])
    quantity = AmountField(_l("Quantity"), [InputRequired(), Between(-MOST_UNITS, MOST_UNITS)], places=3)
    unit_price = AmountField(
        _l("Unit price"), [InputRequired(), Between(-LARGEST_PRICE, LARGEST_PRICE)], places=4, least=2
    )
    discount = AmountField(_l("Discount in percent"), [Between(0, 100)], places=2)

    def validate_quantity(self, field: Field) -> None:
        """A line of nothing is no line."""
        if field.data == 0:
            raise ValidationError(_("It must not be zero."))

    @property
    def blank(self) -> bool:
        """Whether nothing was typed."""
        return not any(field.raw_data and str(field.raw_data[0]).strip() for field in self)

    def values(self) -> LineValues:
        """The line as it was typed."""
        number = str(self.line_id.data or "")
        return LineValues(
            sku=self.sku.data,
            quantity=self.quantity.data,
            unit_price=self.unit_price.data,
            discount=self.discount.data or Decimal(0),
            description=self.description.data or "",
            id=int(number) if number.isascii() and number.isdigit() and len(number) <= 18 else None,
            place=self.sku.name,
        )


class OrderForm(RecordForm):
    """An order as people edit it: its customer by number, its products by SKU."""

    number = CleanField(_l("Number"), [DataRequired(), Length(max=60)])
    ordered_at = DateTimeLocalField(
        _l("Date and time"), [InputRequired()], format=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
    )
    kind = SelectField(_l("Kind"), choices=choices_of(ORDER_KINDS), default="sale")
    customer = CleanField(_l("Customer number"), [Length(max=40)])
    country = CleanField(_l("Country"), [Length(max=60)])
    lines = FieldList(FormField(LineForm), label=_l("Lines"))

    def validate_ordered_at(self, field: Field) -> None:
        """A year that people write."""
        if field.data and not 1900 <= field.data.year < 3000:
            raise ValidationError(_("This is not a date."))

    @classmethod
    def of(cls, order: Order, lines: Iterable[OrderLine], zone: ZoneInfo, **kwargs: Any) -> OrderForm:
        """The form of a stored order; what was submitted goes before what is stored unless `formdata` is None."""
        stored = {
            "version": order.version,
            "number": order.number,
            "ordered_at": order.ordered_at.astimezone(zone).replace(tzinfo=None),
            "kind": order.kind,
            "customer": order.customer.number if order.customer else "",
            "country": order.country,
            "lines": [
                {
                    "line_id": line.id,
                    "sku": line.product.sku,
                    "description": line.description,
                    "quantity": line.quantity,
                    "unit_price": line.unit_price,
                    "discount": line.discount,
                }
                for line in lines
            ],
        }
        return cls(data=stored, **kwargs)

    def add_line(self) -> None:
        """One more line, to be filled in."""
        self.lines.append_entry()

    def remove_line(self, name: str) -> None:
        """Take the line of this name out of the form."""
        self.lines.entries = [entry for entry in self.lines.entries if entry.name != name]

    def drop_blank_lines(self) -> None:
        """Forget the lines in which nothing was typed."""
        self.lines.entries = [entry for entry in self.lines.entries if not entry.form.blank]

    def values(self) -> OrderValues:
        """The order as it was typed."""
        return OrderValues(
            number=self.number.data,
            kind=self.kind.data,
            customer=self.customer.data or "",
            country=self.country.data or "",
            ordered_at=cast("dt.datetime", self.ordered_at.data),
            lines=[entry.form.values() for entry in self.lines.entries],
        )


class CorrectionForm(RecordForm):
    """The text of a row that an import put aside, to be corrected and taken in."""

    corrected = TextAreaField(_l("Row"), [DataRequired(), Length(max=LONGEST_CORRECTION)], filters=[_plain_lines])
    even_if_known = BooleanField(_l("Take it in even if a line with exactly this content is stored already"))


class UploadForm(RecordForm):
    """A sales file to be uploaded."""

    file = FileField(_l("Sales file"), [FileRequired(_l("Choose a file."))])


MEANING_LABELS = {
    "order_number": _l("Order number"),
    "date": _l("Date"),
    "sku": _l("SKU"),
    "description": _l("Description"),
    "quantity": _l("Quantity"),
    "unit_price": _l("Unit price"),
    "discount": _l("Discount in percent"),
    "customer_number": _l("Customer number"),
    "customer_name": _l("Customer name"),
    "country": _l("Country"),
    "category": _l("Category"),
}
CONSTANT = "="
ENCODINGS = {"utf-8": "UTF-8", "cp1252": "Windows (cp1252)", "latin-1": "Latin-1", "utf-16": "UTF-16"}
DELIMITER_LABELS = {",": _l("Comma ,"), ";": _l("Semicolon ;"), "tab": _l("Tab"), "|": _l("Bar |")}
DECIMAL_LABELS = {".": _l("Point: 1.50"), ",": _l("Comma: 1,50")}
THOUSANDS_LABELS = {"": _l("None: 1234"), ".": _l("Point: 1.234"), ",": _l("Comma: 1,234"), " ": _l("Blank: 1 234")}
PERIOD_LABELS = {
    "": _l("The column above"),
    "day": _l("One order a day and customer"),
    "month": _l("One order a month and customer"),
    "year": _l("One order a year and customer"),
}
DATE_TIMES = ("", " %H:%M", " %H:%M:%S")
SHAPE = ("encoding", "delimiter", "skip_lines", "header", "sheet")


class MappingForm(RecordForm):
    """How a sales file is to be read. A column is chosen by its place, from 1; "=" stands for a value that is always the same."""

    preset = SelectField(_l("Start again from"), default="", validate_choice=False)
    encoding = SelectField(_l("Characters"), default="utf-8")
    delimiter = SelectField(_l("Between the columns"), default=",")
    sheet = SelectField(_l("Sheet"), default="", validate_choice=False)
    skip_lines = IntegerField(_l("Lines above the table"), [Optional(), NumberRange(0, 10_000)], default=0)
    header = BooleanField(_l("The first row names the columns"), default=True)
    date_format = SelectField(_l("Dates are written like"), default="iso")
    time_zone = SelectField(_l("Time zone of the times"), default="")
    decimal = SelectField(_l("Decimal sign"), choices=choices_of(DECIMAL_LABELS), default=".")
    thousands = SelectField(_l("Sign between thousands"), default="")
    round = BooleanField(_l("Round surplus decimals"))
    order_per = SelectField(_l("What makes an order"), choices=choices_of(PERIOD_LABELS), default="")
    cancellation_prefix = CleanField(_l("Cancellations begin with"), [Length(max=20)])
    customer_number_whole = BooleanField(_l("Read customer numbers like 17850.0 as 17850"))

    @property
    def meanings(self) -> Iterable[tuple[str, Any, Any]]:
        """Each meaning with the fields of its column and of its constant value."""
        return [(name, self[f"column_{name}"], self[f"constant_{name}"]) for name in MEANINGS]

    @classmethod
    def of(cls, content: Mapping[str, Any], preview: Preview) -> MappingForm:
        """The form of a mapping, as the file that `preview` shows has its columns."""
        data: dict[str, Any] = {name: content[name] for name in content if name in cls._plain_fields()}
        data["delimiter"] = "tab" if data.get("delimiter") == "\t" else data.get("delimiter", ",")
        data["date_format"] = _joined(content.get("date_format", "iso"))
        for meaning, column in content.get("columns", {}).items():
            data[f"column_{meaning}"] = _place(column, preview.header)
        for meaning, constant in content.get("constants", {}).items():
            data[f"column_{meaning}"], data[f"constant_{meaning}"] = CONSTANT, str(constant)
        form = cls(formdata=None, data=data)
        form.offer(preview, content)
        return form

    @staticmethod
    def _plain_fields() -> tuple[str, ...]:
        return (*SHAPE, "time_zone", "decimal", "thousands", "round", "order_per", "cancellation_prefix",
                "customer_number_whole")  # fmt: skip

    def offer(self, preview: Preview, content: Mapping[str, Any], presets: Mapping[str, str] | None = None) -> None:
        """Fill the choices that depend on the file; what the mapping says already stays possible."""
        columns = {str(at): _column_label(name, preview.samples[at - 1]) for at, name in enumerate(preview.header, 1)}
        for _meaning, column, _constant in self.meanings:
            column.choices = choices_of({"": _("— not in this file —"), CONSTANT: _("always the same:"), **columns})
        self.encoding.choices = choices_of(_with(ENCODINGS, content.get("encoding", "utf-8")))
        self.delimiter.choices = choices_of(
            _with(DELIMITER_LABELS, "tab" if content.get("delimiter") == "\t" else content.get("delimiter", ","))
        )
        self.thousands.choices = choices_of(_with(THOUSANDS_LABELS, content.get("thousands", "")))
        self.sheet.choices = choices_of({name: name for name in preview.sheets})
        self.date_format.choices = choices_of(_with(date_forms(), _joined(content.get("date_format", "iso"))))
        self.time_zone.choices = choices_of({"": _("The company's"), **{zone: zone for zone in time_zones()}})
        self.preset.choices = choices_of({"": _("—"), **(presets or {})})

    def shape(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """The mapping in `content` with the shape of the file as it was chosen: enough to read its header."""
        return {**content, **self._chosen(SHAPE)}

    def content(self, content: Mapping[str, Any], header: Iterable[str]) -> dict[str, Any]:
        """The whole mapping as it was chosen; what the form does not know of stays as `content` has it."""
        names = list(header)
        chosen = self._chosen((*self._plain_fields(), "date_format"))
        chosen["date_format"] = str(chosen.get("date_format", "iso")).split(" | ")
        chosen["columns"], chosen["constants"] = {}, {}
        for meaning, column, constant in self.meanings:
            if column.data == CONSTANT:
                chosen["constants"][meaning] = constant.data or ""
            elif re.fullmatch(r"[0-9]{1,5}", column.data or "") and 1 <= int(column.data) <= len(names):
                name = names[int(column.data) - 1]
                by_name = bool(self.header.data) and name and names.count(name) == 1
                chosen["columns"][meaning] = name if by_name else int(column.data)
        return {**content, **chosen}

    def _chosen(self, fields: Iterable[str]) -> dict[str, Any]:
        values = {name: self[name].data for name in fields if self[name].data is not None}
        return {name: value.replace("\0", "") if isinstance(value, str) else value for name, value in values.items()}

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether an import could begin: all that is needed is there."""
        right = bool(super().validate(extra_validators))
        needed = NEEDED if self.order_per.data else ("order_number", *NEEDED)
        for meaning, column, constant in self.meanings:
            if not column.data and meaning in needed:
                column.errors = [*column.errors, _("Choose its column, or a value that is always the same.")]
                right = False
            if column.data == CONSTANT and not constant.data:
                constant.errors = [*constant.errors, _("Write the value.")]
                right = False
        return right


for _meaning in MEANINGS:
    setattr(MappingForm, f"column_{_meaning}", SelectField(MEANING_LABELS[_meaning], default="", validate_choice=False))
    setattr(MappingForm, f"constant_{_meaning}", CleanField(_l("Value"), [Length(max=200)]))


def date_forms() -> dict[str, str]:
    """The forms of dates to choose from, each written out with one moment."""
    forms = {"iso": "2024-10-31 23:45:56"}
    for time in DATE_TIMES:
        for order, _why in DATE_ORDERS:
            forms[order + time] = _example(order + time)
    return forms


def _example(form: str) -> str:
    return " / ".join(date_example(each) for each in form.split(" | "))


def _with(labels: Mapping[str, Any], value: str) -> dict[str, Any]:
    """The labels, and one more for a value that none of them is for."""
    more = {} if value in labels else {value: _example(value) if "%" in value else value}
    return {**labels, **more}


def _joined(forms: Any) -> str:
    return forms if isinstance(forms, str) else " | ".join(forms)


def _place(column: str | int, header: Iterable[str]) -> str:
    """The place of a column that is given by its header or its place, "" when the file has none such."""
    if isinstance(column, int):
        return str(column)
    names = [name.strip().lower() for name in header]
    wanted = column.strip().lower()
    return str(names.index(wanted) + 1) if wanted in names else ""


def _column_label(name: str, sample: str) -> str:
    return f"{name or '?'} · {sample}" if sample else name or "?"
