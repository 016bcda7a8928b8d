"""The rights of the pipelines room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class PipelinesPermission(StrEnum):
    """What may be done with the flows that refine the rooms' records into GOLD."""

    READ = "pipelines:flows:read"
    RUN = "pipelines:flows:run"


TITLES = {
    PipelinesPermission.READ: _l("See the flows that refine the records into figures"),
    PipelinesPermission.RUN: _l("Run those flows"),
}
