"""The forms of keys."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than 3.3
from wtforms.validators import DataRequired, Length

from webapp.core.forms import CleanField, RecordForm, choices_of

LIFETIMES = {"30": _l("30 days"), "90": _l("90 days"), "180": _l("180 days"), "365": _l("365 days")}
OVERLAPS = {
    "0": _l("Not at all: it ends now"),
    "1": _l("For one hour more"),
    "24": _l("For one day more"),
    "168": _l("For one week more"),
}


class KeyForm(RecordForm):
    """A new key."""

    name = CleanField(_l("Name"), [DataRequired(), Length(max=80)])
    scopes = SelectMultipleField(_l("What the key may do"))
    days = SelectField(_l("Valid for"), choices=choices_of(LIFETIMES), default="90")

    def offer(self, titles: Mapping[str, Any]) -> None:
        """The rights to choose from, in words."""
        self.scopes.choices = [SelectChoice(name, title) for name, title in titles.items()]

    def values(self) -> dict[str, Any]:
        """What a service wants to know."""
        return {"name": self.name.data, "scopes": self.scopes.data, "days": int(self.days.data)}


class ServiceKeyForm(KeyForm):
    """A new key of a service."""

    role_id = SelectField(_l("Role"), coerce=int)

    def offer_roles(self, roles: Mapping[int, str]) -> None:
        """The roles to choose from."""
        self.role_id.choices = [SelectChoice(number, name) for number, name in roles.items()]

    def values(self) -> dict[str, Any]:
        """What a service wants to know."""
        return {**super().values(), "role_id": self.role_id.data}


class RotationForm(RecordForm):
    """A new text for a key; `version` is the number of the secret that the person saw."""

    overlap = RadioField(_l("The old key goes on to work"), choices=choices_of(OVERLAPS), default="24")
    days = SelectField(_l("The new key is valid for"), choices=choices_of(LIFETIMES), default="90")

    def values(self) -> dict[str, Any]:
        """What a service wants to know."""
        overlap = dt.timedelta(hours=int(self.overlap.data))
        return {"newest": self.seen_version, "overlap": overlap, "days": int(self.days.data)}
