"""The carrier of this installation."""

from __future__ import annotations

from webapp.blueprints.tasks.ports import Carrier
from webapp.core.jobs import task_carrier


def current_carrier() -> Carrier:
    """What carries tasks to workers here; the room's gateway sets it up."""
    carrier: Carrier = task_carrier()
    return carrier
