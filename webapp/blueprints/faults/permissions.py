"""The rights of the faults room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class FaultsPermission(StrEnum):
    """What may be done with the errors of the application."""

    READ = "faults:faults:read"
    RESOLVE = "faults:faults:resolve"


TITLES = {
    FaultsPermission.READ: _l("See the errors of the application with their stack traces"),
    FaultsPermission.RESOLVE: _l("Call errors of the application resolved, or open again"),
}
