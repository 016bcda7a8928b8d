"""The rights of the workspaces room: each holds for what one's groups, or a project's visibility, open to somebody."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class WorkspacesPermission(StrEnum):
    """What may be done with workspace groups and their projects. `ALL` needs no membership."""

    READ = "workspaces:projects:read"
    WORK = "workspaces:projects:work"
    FOUND = "workspaces:groups:found"
    ADMINISTER = "workspaces:groups:administer"
    ALL = "workspaces:groups:all"


TITLES = {
    WorkspacesPermission.READ: _l("See workspace groups, join them, and read the projects that are open to them"),
    WorkspacesPermission.WORK: _l("Create and edit projects in one's workspace groups, and run their notebooks"),
    WorkspacesPermission.FOUND: _l("Found workspace groups"),
    WorkspacesPermission.ADMINISTER: _l("Administer the workspace groups that one owns"),
    WorkspacesPermission.ALL: _l("Administer all workspace groups and projects"),
}
