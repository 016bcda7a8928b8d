"""The forms of roles and groups, and of the question why somebody may do something."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from webapp.blueprints.accounts.models import Group, Role, User
from webapp.blueprints.accounts.services.groups import GroupValues
from webapp.blueprints.accounts.services.roles import RoleValues, version_of
from webapp.core.forms import CleanField, RecordForm

A_YEAR = 366 * 24
NOBODY = ""


class RoleForm(RecordForm):
    """A role as people edit it."""

    name = CleanField(_l("Name"), [DataRequired(), Length(max=40)])
    description = CleanField(_l("Description"), [Length(max=200)])
    rank = IntegerField(_l("Rank"), [InputRequired(), NumberRange(0, 100)], default=10)
    second_factor = BooleanField(_l("A second factor is required"))
    idle_minutes = IntegerField(
        _l("A session ends after so many idle minutes"), [Optional(), NumberRange(1, 60 * A_YEAR)]
    )
    absolute_hours = IntegerField(
        _l("A session ends after so many hours in any case"), [Optional(), NumberRange(1, A_YEAR)]
    )

    @classmethod
    def of(cls, role: Role, **kwargs: Any) -> RoleForm:
        """The form of a stored role; what was submitted goes before what is stored unless `formdata` is None."""
        names = ("name", "description", "rank", "second_factor", "idle_minutes", "absolute_hours")
        return cls(data={name: getattr(role, name) for name in names} | {"version": version_of(role)}, **kwargs)

    def values(self) -> RoleValues:
        """The role as it was typed."""
        return RoleValues(**{field.short_name: field.data for field in self.own_fields()})


class GroupForm(RecordForm):
    """A group as people edit it: where it stands, the roles given on it, and who belongs to it."""

    name = CleanField(_l("Name"), [DataRequired(), Length(max=80)])
    parent = SelectField(_l("Below the group"))
    roles = SelectMultipleField(_l("Roles given on this group"), coerce=int)
    members = SelectMultipleField(_l("Members"), coerce=int)

    def offer(self, groups: Iterable[tuple[Group, str]], roles: Iterable[Role], people: Iterable[User]) -> None:
        """Fill in what can be chosen."""
        above = [(str(group.id), path) for group, path in groups]
        self.parent.choices = [(NOBODY, _l("None: at the top")), *above]
        self.roles.choices = [(role.id, role.name) for role in roles]
        self.members.choices = [(user.id, user.name or user.email) for user in people]

    @classmethod
    def of(cls, group: Group, **kwargs: Any) -> GroupForm:
        """The form of a stored group; what was submitted goes before what is stored unless `formdata` is None."""
        return cls(
            data={
                "version": group.version,
                "name": group.name,
                "parent": str(group.parent_id or NOBODY),
                "roles": [role.id for role in group.roles],
                "members": [user.id for user in group.members],
            },
            **kwargs,
        )

    def values(self) -> GroupValues:
        """The group as it was typed."""
        parent = int(self.parent.data) if self.parent.data else None
        return GroupValues(self.name.data, parent, tuple(self.roles.data or ()), tuple(self.members.data or ()))
