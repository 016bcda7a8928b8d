"""The rights of the navigation room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class NavigationPermission(StrEnum):
    """What may be done with the ways through the public site."""

    MENUS_WRITE = "navigation:menus:write"
    NOTICE_WRITE = "navigation:notice:write"


TITLES = {
    NavigationPermission.MENUS_WRITE: _l("Change the menus of the public site"),
    NavigationPermission.NOTICE_WRITE: _l("Change the notice above the public site"),
}
