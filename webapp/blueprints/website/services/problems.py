"""The facts that stop a change of the site."""

from __future__ import annotations

from flask_babel import gettext as _

from webapp.core.errors import DomainError


class AddressTaken(DomainError):
    """Another page, or a page of another part of the house, has this address."""

    field = "slug"

    def __init__(self, path: str) -> None:
        super().__init__(_("Another page has the address %(path)s already: choose another word.", path=path))


class AddressWrong(DomainError):
    """This cannot be a part of an address."""

    status = 422
    field = "slug"

    def __init__(self) -> None:
        super().__init__(
            _("Use small letters without accents, digits and hyphens, as in our-workshop; at most 80 signs.")
        )


class AddressTooLong(DomainError):
    """The whole address is longer than what is stored."""

    status = 422
    field = "slug"

    def __init__(self) -> None:
        super().__init__(
            _("The whole address would be too long: choose shorter words, or fewer pages above each other.")
        )


class HomeStays(DomainError):
    """The start page cannot be moved, deleted or given another address."""

    def __init__(self) -> None:
        super().__init__(_("The start page stays where it is."))


class CannotMoveThere(DomainError):
    """A page cannot lie below itself."""

    def __init__(self) -> None:
        super().__init__(_("A page cannot lie below itself or below one of its own pages."))


class HasPagesBelow(DomainError):
    """There are pages below the one that shall be deleted, and nobody said that they shall go too."""

    def __init__(self, count: int) -> None:
        super().__init__(
            _("%(count)s pages lie below this one: move them away first, or say that they shall go too.", count=count)
        )


class PageIncomplete(DomainError):
    """The draft cannot be published as it is; `places` say where something lacks."""

    status = 422

    def __init__(self, places: list[str]) -> None:
        self.places = places
        super().__init__(_("Not published yet: %(what)s", what=" ".join(places)))


class TimesWrong(DomainError):
    """The times of a plan cannot be."""

    status = 422

    def __init__(self, sentence: str, field: str) -> None:
        self.field = field
        super().__init__(sentence)
