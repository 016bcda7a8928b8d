"""The rights of the media room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class MediaPermission(StrEnum):
    """What may be done with the images and galleries of the public site."""

    IMAGES_READ = "media:images:read"
    IMAGES_WRITE = "media:images:write"


TITLES = {
    MediaPermission.IMAGES_READ: _l("See images and galleries"),
    MediaPermission.IMAGES_WRITE: _l("Upload, change and delete images and galleries"),
}
