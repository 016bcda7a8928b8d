"""The rights of the installed room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class InstalledPermission(StrEnum):
    """What may be done with the site as an app."""

    SETTINGS_EDIT = "installed:settings:edit"


TITLES = {InstalledPermission.SETTINGS_EDIT: _l("Say how the public site is installed on phones")}
