"""The group that the room's commands belong to."""

from __future__ import annotations

import click


@click.group("notebooks")
def notebooks_commands() -> None:
    """Notebooks: containers in which the analysts of a project work."""
