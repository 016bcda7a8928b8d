"""What other rooms may use of tasks: ask for one, and look how it stands."""

from webapp.blueprints.tasks.models import ENDED, Schedule, State, Task
from webapp.blueprints.tasks.permissions import TasksPermission
from webapp.blueprints.tasks.services.asking import ask, get_kind
from webapp.blueprints.tasks.services.steering import TaskEnded, cancel

__all__ = [
    "ENDED",
    "Schedule",
    "State",
    "Task",
    "TaskEnded",
    "TasksPermission",
    "ask",
    "cancel",
    "get_kind",
]
