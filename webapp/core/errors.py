"""The family of problems that the house knows, and nothing else: facts in words, with a status.

A problem that belongs beside a field names it; the form shows it there with 422. `webapp.core.web` translates the rest.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext
from flask_babel.speaklater import LazyString


class DomainError(Exception):
    """A fact that stops a service. Subclasses set `status` and the sentence; `field` names the field it belongs to.

    `retry_after` is in how many seconds another try makes sense, where that is known.
    """

    status = 409
    field: str | None = None
    retry_after: int | None = None

    def __init__(self, sentence: str | LazyString) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


class FieldProblems(DomainError):
    """Several facts at once, each beside its field: sentences by the name that the field has in the form."""

    status = 422

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


class NotFound(DomainError):
    """What was asked for is not there, or not for this actor."""

    status = 404


class NotAllowed(DomainError):
    """The actor has no right to do this."""

    status = 403


class EditConflict(DomainError):
    """Somebody else saved the record after this person opened it."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "Somebody else saved this record while you were editing it. "
                "Your changes are not stored: open it again, look at theirs, and repeat yours."
            )
        )


class InUse(DomainError):
    """The record cannot be deleted because others refer to it."""
