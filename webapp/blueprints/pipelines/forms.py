"""The forms of the pipelines room."""

from __future__ import annotations

import datetime as dt
from typing import cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, SelectField
from wtforms.validators import InputRequired, ValidationError

from webapp.blueprints.pipelines.queries.flows import TITLES
from webapp.core.forms import RecordForm, choices_of

FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2199, 12, 31)


class RunForm(RecordForm):
    """What to run now."""

    flow = SelectField(_l("Flow"), choices=choices_of({"all": _l("All flows"), **TITLES}), default="all")
    full = BooleanField(_l("Read everything, not only what changed"))


class BackfillForm(RecordForm):
    """The period of a backfill."""

    start = DateField(_l("First day"), [InputRequired()])
    end = DateField(_l("Last day"), [InputRequired()])

    def days(self) -> tuple[dt.date, dt.date]:
        """The first and the last day, once the form is right."""
        return cast("tuple[dt.date, dt.date]", (self.start.data, self.end.data))

    def validate_start(self, field: DateField) -> None:
        """Raise ValidationError for a day that GOLD has no room for."""
        _check_day(field.data)

    def validate_end(self, field: DateField) -> None:
        """Raise ValidationError for a day that GOLD has no room for."""
        _check_day(field.data)


def _check_day(day: dt.date | None) -> None:
    if day and not FIRST_DAY <= day <= LAST_DAY:
        raise ValidationError(_("Choose a day from 1900 to 2199."))
