"""The rights of the discovery room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class DiscoveryPermission(StrEnum):
    """What may be done with searches and redirects."""

    REPORTS_READ = "discovery:reports:read"
    REDIRECTS_WRITE = "discovery:redirects:write"


TITLES = {
    DiscoveryPermission.REPORTS_READ: _l("See what visitors searched for, missing addresses and redirects"),
    DiscoveryPermission.REDIRECTS_WRITE: _l("Change redirects and promoted results of the site's search"),
}
