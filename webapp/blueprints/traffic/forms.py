"""The forms of the traffic room."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from webapp.blueprints.traffic.queries.classes import SUBJECTS, TOLD
from webapp.core.forms import CleanField, RecordForm, choices_of


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
