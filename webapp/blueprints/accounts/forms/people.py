"""The forms of the back office about people, and of what is stored about oneself."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, TextAreaField
from wtforms.validators import DataRequired, Length

from webapp.blueprints.accounts.forms.joining import RolesField
from webapp.core.forms import RecordForm, clean


class ReasonForm(RecordForm):
    """Why the owner acts as somebody else."""

    reason = TextAreaField(_l("Reason"), [DataRequired(), Length(max=500)], filters=[clean])


class RolesForm(RecordForm):
    """The roles that are given to a user directly."""

    roles = RolesField(_l("Roles"))


class LeaveForm(RecordForm):
    """The end of one's account."""

    sure = BooleanField(_l("I know that this cannot be undone"), [DataRequired()])


class DocumentForm(RecordForm):
    """A new version of a text that people accept."""

    italian = TextAreaField(_l("Text in Italian"), [Length(max=100_000)], filters=[clean])
    english = TextAreaField(_l("Text in English"), [Length(max=100_000)], filters=[clean])
