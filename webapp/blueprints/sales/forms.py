"""The form of an order with its lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    Field,
    FieldList,
    FormField,
    HiddenField,
    SelectField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from webapp.blueprints.sales.models import Order, OrderLine
from webapp.blueprints.sales.queries import ORDER_KINDS
from webapp.blueprints.sales.services.orders import LineValues, OrderValues
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
