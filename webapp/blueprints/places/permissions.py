"""The rights of the places room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class PlacesPermission(StrEnum):
    """What may be done with sites, opening hours and contacts."""

    SITES_READ = "places:sites:read"
    SITES_WRITE = "places:sites:write"


TITLES = {
    PlacesPermission.SITES_READ: _l("See sites, opening hours and contacts in the back office"),
    PlacesPermission.SITES_WRITE: _l("Change sites, opening hours and contacts of the public site"),
}
