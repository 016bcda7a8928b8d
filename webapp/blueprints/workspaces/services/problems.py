"""The facts that stop the services of the room."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.core.errors import DomainError


class GroupSlugTaken(DomainError):
    """Another group has this short name."""

    field = "slug"

    def __init__(self) -> None:
        super().__init__(_("Another workspace group has this short name."))


class ProjectSlugTaken(DomainError):
    """Another project of the group has this short name."""

    field = "slug"

    def __init__(self) -> None:
        super().__init__(_("Another project of this group has this short name."))


class SlugWrong(DomainError):
    """A short name is made of other signs."""

    status = 422
    field = "slug"

    def __init__(self) -> None:
        super().__init__(_("Small letters a to z, digits and single hyphens between them, at most 40 signs."))


class SlugKept(DomainError):
    """A short name stays as it is."""

    field = "slug"

    def __init__(self) -> None:
        super().__init__(_("A short name never changes."))


class OwnerStays(DomainError):
    """The owner of a group does not leave it."""

    def __init__(self) -> None:
        super().__init__(_("The owner hands the group over before leaving it."))


class NotOpen(DomainError):
    """People do not come into this group that way."""

    def __init__(self) -> None:
        super().__init__(_("This group is not joined that way: look at how it says people join."))


class AlreadyMember(DomainError):
    """The person belongs to the group."""

    field = "user"

    def __init__(self) -> None:
        super().__init__(_("This person is a member already."))


class NotMember(DomainError):
    """The person does not belong to the group."""

    field = "user"

    def __init__(self) -> None:
        super().__init__(_("This person is not a member of the group."))


class AlreadyAsked(DomainError):
    """A request of this person waits already."""

    def __init__(self) -> None:
        super().__init__(_("You asked already: the owner has not answered yet."))


class RequestAnswered(DomainError):
    """Somebody answered the request."""

    def __init__(self) -> None:
        super().__init__(_("This request was answered already."))


class GroupsToHandOver(DomainError):
    """Somebody's account cannot end while groups are theirs."""

    def __init__(self, names: Sequence[str]) -> None:
        groups = ", ".join(f"“{name}”" for name in names)
        super().__init__(
            ngettext(
                "You own the workspace group %(groups)s: hand it over to another member, or delete it, before you delete "
                "your account.",
                "You own %(num)s workspace groups, %(groups)s: hand them over to other members, or delete them, before you "
                "delete your account.",
                len(names),
                groups=groups,
            )
        )


class HeirLacksRights(DomainError):
    """Who is to own the group may not administer it."""

    field = "user"

    def __init__(self) -> None:
        super().__init__(_("This person's role does not let them administer a workspace group."))
