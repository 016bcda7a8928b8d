"""The forms of the traffic room."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    Field,
    IntegerField,
    SelectField,
    SelectMultipleField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.blueprints.traffic.queries.alerts import ALERT_KINDS
from webapp.blueprints.traffic.queries.classes import SUBJECTS, TOLD
from webapp.core.forms import AmountField, Between, CleanField, RecordForm, choices_of


class RuleForm(RecordForm):
    """A rule that tells a visitor's class, as people edit it."""

    name = CleanField(_l("Reason"), [DataRequired(), Length(max=120)])
    kind = SelectField(_l("Class"), choices=choices_of(TOLD))
    subject = SelectField(_l("Looks at"), choices=choices_of(SUBJECTS))
    pattern = CleanField(_l("Pattern"), [DataRequired(), Length(max=4000)])
    position = IntegerField(_l("Order"), [InputRequired(), NumberRange(1, 1_000_000)], default=100)
    answered = BooleanField(_l("Successes alone count (answers 200 to 299)"))
    active = BooleanField(_l("On"), default=True)

    def values(self) -> dict[str, Any]:
        """What a service wants to know."""
        return {field.short_name: field.data for field in self.own_fields()}


class NoteForm(RecordForm):
    """A note on the time charts, at a moment of the company's zone."""

    at = DateTimeLocalField(_l("When"), [InputRequired()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
    text = CleanField(_l("Note"), [DataRequired(), Length(max=300)])

    def validate_at(self, field: Field) -> None:
        """A year that people write."""
        if field.data and not 1900 <= field.data.year < 2900:
            raise ValidationError(_("This is not a date."))

    def moment(self, zone: ZoneInfo) -> dt.datetime:
        """The aware moment that was written. Raises ValueError where there is none."""
        if self.at.data is None:
            raise ValueError("no moment was written")
        return self.at.data.replace(tzinfo=zone).astimezone(dt.UTC)


class ReceiversField(SelectMultipleField):
    """Roles and people to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class AlertRuleForm(RecordForm):
    """A rule of alerts, as people edit it."""

    kind = SelectField(_l("Alert"), choices=choices_of(ALERT_KINDS))
    name = CleanField(_l("Name"), [Length(max=120)])
    threshold = AmountField(_l("Threshold"), [InputRequired(), Between(Decimal("0.001"), 1_000_000)], places=3)
    window_minutes = IntegerField(_l("In so many minutes"), [InputRequired(), NumberRange(1, 1440)], default=15)
    least = IntegerField(_l("Of at least so many requests"), [InputRequired(), NumberRange(0, 100_000_000)], default=50)
    receivers = ReceiversField(_l("Told by mail"))
    quiet_from = TimeField(_l("Quiet from"), [Optional()])
    quiet_until = TimeField(_l("Quiet until"), [Optional()])
    pause_minutes = IntegerField(
        _l("At most one mail in so many minutes"), [InputRequired(), NumberRange(0, 10_080)], default=60
    )
    tell_end = BooleanField(_l("Tell when it is over, too"), default=True)
    active = BooleanField(_l("On"), default=True)

    def values(self) -> dict[str, Any]:
        """What a service wants to know."""
        return {field.short_name: field.data for field in self.own_fields()}


class ReadersForm(RecordForm):
    """Who gets the weekly report."""

    receivers = ReceiversField(_l("Told by mail"))


class WeekForm(RecordForm):
    """A day of the week whose report is wanted."""

    day = DateField(_l("A day of the week"), [InputRequired()])

    def chosen(self) -> dt.date:
        """The day that was written. Raises ValueError where there is none."""
        day: dt.date | None = self.day.data
        if day is None:
            raise ValueError("no day was written")
        return day

    def validate_day(self, field: Field) -> None:
        """A year that people write."""
        if field.data and not 1900 <= field.data.year < 2900:
            raise ValidationError(_("This is not a date."))
