"""Handing a record over: the form that says who looks after it from now on, and whose it is in words."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from webapp.core.directory import directory
from webapp.core.forms import RecordForm
from webapp.core.owned import Owned

NOBODY = ""


class OwnerForm(RecordForm):
    """Who looks after a record, and in which group it lies."""

    owner = SelectField(_l("Looked after by"))
    group = SelectField(_l("Group"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = directory()
        self.owner.choices = [(NOBODY, _l("Nobody")), *((str(number), name) for number, name in known.people())]
        self.group.choices = [(NOBODY, _l("No group")), *((str(number), name) for number, name in known.groups())]

    @classmethod
    def of(cls, record: Any, **kwargs: Any) -> OwnerForm:
        """The form of a stored record; what was submitted goes before what is stored unless `formdata` is None."""
        data = {
            "version": record.version,
            "owner": str(record.owner_id or NOBODY),
            "group": str(record.group_id or NOBODY),
        }
        return cls(data=data, **kwargs)

    def values(self) -> dict[str, int | None]:
        """The numbers as they were chosen."""
        return {
            "owner_id": int(self.owner.data) if self.owner.data else None,
            "group_id": int(self.group.data) if self.group.data else None,
        }


def whose(record: Owned) -> tuple[str, str]:
    """The names of the person and the group that a record belongs to; "" for none."""
    known = directory()
    owner = known.person_name(record.owner_id) if record.owner_id else ""
    return owner, known.group_name(record.group_id) if record.group_id else ""
