"""The rights of the website room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class WebsitePermission(StrEnum):
    """What may be done with the pages of the public site."""

    PAGES_READ = "website:pages:read"
    PAGES_EDIT = "website:pages:edit"
    PAGES_PUBLISH = "website:pages:publish"


TITLES = {
    WebsitePermission.PAGES_READ: _l("See the pages of the site in the back office"),
    WebsitePermission.PAGES_EDIT: _l("Write pages of the site, and create, move and delete them"),
    WebsitePermission.PAGES_PUBLISH: _l("Publish pages of the site and take them off"),
}
