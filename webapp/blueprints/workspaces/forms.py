"""The forms of workspace groups and projects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from webapp.blueprints.workspaces.models import LONGEST_NAME, Joining, Project, Visibility, WorkspaceGroup
from webapp.blueprints.workspaces.queries.groups import JOINING
from webapp.blueprints.workspaces.queries.projects import VISIBILITIES
from webapp.core.forms import CleanField, RecordForm, choices_of, clean


class DescriptionField(TextAreaField):
    """A text in Markdown of several lines."""

    data: Any

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, [Length(max=20_000)], filters=[clean], **kwargs)


class GroupForm(RecordForm):
    """A workspace group as its owner edits it."""

    name = CleanField(_l("Name"), [DataRequired(), Length(max=LONGEST_NAME)])
    joining = SelectField(_l("Joining"), choices=choices_of(JOINING), default=Joining.BY_HAND.value)
    description = DescriptionField(_l("Description"))

    def values(self) -> dict[str, Any]:
        """The columns as they were typed."""
        return {field.short_name: field.data or "" for field in self.own_fields()}


class NewGroupForm(GroupForm):
    """A workspace group that is founded: its short name can be said now, and never again."""

    slug = CleanField(_l("Short name"), [Length(max=40)])


class ProjectForm(RecordForm):
    """A project as the members of its group edit it."""

    name = CleanField(_l("Name"), [DataRequired(), Length(max=LONGEST_NAME)])
    description = DescriptionField(_l("Description"))

    def values(self) -> dict[str, Any]:
        """The columns as they were typed."""
        return {"name": self.name.data, "description": self.description.data or ""}


class NewProjectForm(ProjectForm):
    """A new project: its group and its short name are said now."""

    group = SelectField(_l("Workspace group"))
    slug = CleanField(_l("Short name"), [Length(max=40)])

    def offer(self, groups: Iterable[WorkspaceGroup]) -> None:
        """Fill in the groups that can be chosen."""
        self.group.choices = [(str(group.id), group.name) for group in groups]

    def values(self) -> dict[str, Any]:
        """The project as it was typed."""
        return super().values() | {"group_id": int(self.group.data), "slug": self.slug.data or ""}


class VisibilityForm(RecordForm):
    """Who reads a project."""

    visibility = SelectField(_l("Visibility"), choices=choices_of(VISIBILITIES), default=Visibility.PRIVATE.value)


class MoveForm(RecordForm):
    """The group in which a project lies from now on."""

    group = SelectField(_l("Workspace group"))

    @classmethod
    def of(cls, project: Project, groups: Iterable[WorkspaceGroup], **kwargs: Any) -> MoveForm:
        """The form of a stored project."""
        form = cls(data={"version": project.version, "group": str(project.group_id)}, **kwargs)
        form.group.choices = [(str(group.id), group.name) for group in groups]
        return form


class PersonForm(RecordForm):
    """One of several people."""

    user = SelectField(_l("Person"))

    @classmethod
    def among(cls, people: Iterable[tuple[int, str]], **data: Any) -> PersonForm:
        """The form with those who can be chosen."""
        form = cls(data=data)
        form.user.choices = [(str(number), name) for number, name in people]
        return form


class RequestForm(RecordForm):
    """What somebody says who asks to be taken in."""

    words = TextAreaField(_l("A few words to the owner"), [Length(max=1000)], filters=[clean])
