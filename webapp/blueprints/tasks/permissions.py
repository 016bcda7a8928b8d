"""The rights of the tasks room."""

from enum import StrEnum


class TasksPermission(StrEnum):
    """What may be done with tasks. Who asked for a task may see and stop it with `OWN` alone."""

    OWN = "tasks:tasks:own"
    ALL = "tasks:tasks:all"
    SCHEDULES_READ = "tasks:schedules:read"
    SCHEDULES_WRITE = "tasks:schedules:write"
