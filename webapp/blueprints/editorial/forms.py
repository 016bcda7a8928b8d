"""The form of a right on a branch."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import Length

from webapp.blueprints.editorial.queries import DEEDS
from webapp.core.directory import directory
from webapp.core.forms import CleanField, RecordForm, choices_of, chosen_number


class RightForm(RecordForm):
    """Who may do what below which page, or with the images of which collection."""

    path = CleanField(_l("Page"), [Length(max=600)])
    collection = CleanField(_l("or collection of images"), [Length(max=80)])
    user_id = SelectField(_l("Person"), coerce=chosen_number)
    role = SelectField(_l("or everybody with the role"))
    deed = SelectField(_l("May"), choices=choices_of(DEEDS))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nobody = choices_of({"": _("nobody in particular")})
        self.user_id.choices = nobody + choices_of({str(number): name for number, name in directory().people()})
        self.role.choices = choices_of({"": _("none")}) + choices_of({name: name for name in directory().roles()})

    def values(self) -> dict[str, Any]:
        """What a service wants to know."""
        return {
            "path": self.path.data or "",
            "collection": self.collection.data or "",
            "user_id": self.user_id.data,
            "role": self.role.data or None,
            "deed": self.deed.data,
        }
