"""The rights of the tasks room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class TasksPermission(StrEnum):
    """What may be done with tasks. Who asked for a task may see and stop it with `OWN` alone."""

    OWN = "tasks:tasks:own"
    ALL = "tasks:tasks:all"
    SCHEDULES_READ = "tasks:schedules:read"
    SCHEDULES_WRITE = "tasks:schedules:write"


TITLES = {
    TasksPermission.OWN: _l("See and stop the tasks that one asked for"),
    TasksPermission.ALL: _l("See and steer all tasks"),
    TasksPermission.SCHEDULES_READ: _l("See schedules and their alarms"),
    TasksPermission.SCHEDULES_WRITE: _l("Create and change schedules"),
}
