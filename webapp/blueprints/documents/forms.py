"""The forms of a notebook's documents: which one to run with which parameters, and which one to render."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from webapp.core.forms import CleanField, RecordForm, clean


class RenderForm(RecordForm):
    """A document that readers are to see."""

    document = CleanField(_l("Document"), [DataRequired(), Length(max=300)])

    def values(self) -> dict[str, Any]:
        """What was typed, as the services take it."""
        return {"document": self.document.data or ""}


class RunForm(RenderForm):
    """A document that is to be run, with parameters."""

    parameters = TextAreaField(_l("Parameters"), [Length(max=10_000)], filters=[clean])

    def values(self) -> dict[str, Any]:
        """What was typed, as the services take it."""
        return {**super().values(), "parameters": self.parameters.data or ""}
