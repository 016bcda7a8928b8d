"""The rights of the notebooks room: those over the house; what may be done with one notebook, its project says."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class NotebooksPermission(StrEnum):
    """What may be done with notebooks. `RUN` lets in; which notebooks, the projects and their groups decide."""

    RUN = "notebooks:notebooks:run"
    IMAGES_EDIT = "notebooks:images:edit"
    ALL = "notebooks:notebooks:all"


TITLES = {
    NotebooksPermission.RUN: _l("Work in the notebooks of one's projects"),
    NotebooksPermission.IMAGES_EDIT: _l("Say which images notebooks may start from"),
    NotebooksPermission.ALL: _l("See and steer all notebooks"),
}
