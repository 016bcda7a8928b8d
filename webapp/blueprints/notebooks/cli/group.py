"""The group that the room's commands belong to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from webapp.core.commands import Refusal
from webapp.core.errors import DomainError


@click.group("notebooks")
def notebooks_commands() -> None:
    """Notebooks: containers in which the analysts of a project work."""


@contextmanager
def refusals() -> Iterator[None]:
    """A fact that stops a service, as a sentence on standard error and exit code 2."""
    try:
        yield
    except DomainError as problem:
        raise Refusal(str(problem.sentence)) from None
