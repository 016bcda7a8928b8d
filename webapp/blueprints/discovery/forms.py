"""The forms of redirects, imports and promoted results."""

from __future__ import annotations

from typing import Any, cast

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from webapp.blueprints.discovery.models import LONGEST_PATH
from webapp.blueprints.discovery.queries.redirects import KINDS
from webapp.core.forms import CleanField, RecordForm, choices_of

FILE_BYTES = 1024 * 1024


class RedirectForm(RecordForm):
    """A redirect as people edit it."""

    source = CleanField(_l("Old address"), [InputRequired(), Length(max=LONGEST_PATH)])
    target = CleanField(_l("Leads to"), [Length(max=LONGEST_PATH)])
    kind = SelectField(_l("Kind"), coerce=int, choices=choices_of(cast("Any", KINDS)))

    def values(self) -> dict[str, Any]:
        """What was typed."""
        return {"source": self.source.data, "target": self.target.data or "", "kind": self.kind.data}


class ImportForm(RecordForm):
    """Redirects as CSV."""

    content = TextAreaField(_l("Or paste the rows here"))

    def text(self) -> str:
        """The chosen file, else what was pasted. Raises ValueError with a sentence."""
        chosen = request.files.get("file")
        if chosen is not None and chosen.filename:
            content: bytes = chosen.read(FILE_BYTES + 1)
            if len(content) > FILE_BYTES:
                raise ValueError(_("The file is larger than 1 MB: split it."))
            try:
                return content.decode("utf-8-sig")
            except UnicodeDecodeError:
                return content.decode("cp1252", errors="replace")  # as spreadsheets of Windows write it
        return str(self.content.data or "")[:FILE_BYTES]


class PromotionForm(RecordForm):
    """A promoted result as people make it."""

    words = CleanField(_l("For these words"), [InputRequired(), Length(max=100)])
    path = CleanField(_l("This page comes first"), [InputRequired(), Length(max=LONGEST_PATH)])
