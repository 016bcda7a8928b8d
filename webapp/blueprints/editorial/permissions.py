"""The rights of the editorial room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class EditorialPermission(StrEnum):
    """What may be done with the rights on branches and with the reports."""

    RIGHTS_MANAGE = "editorial:rights:manage"
    REPORTS_READ = "editorial:reports:read"
    REPORTS_RUN = "editorial:reports:run"


TITLES = {
    EditorialPermission.RIGHTS_MANAGE: _l("Decide who may write and publish on which branch of the site"),
    EditorialPermission.REPORTS_READ: _l("Read who did what on the site, and what there needs care"),
    EditorialPermission.REPORTS_RUN: _l("Have the links of the site checked"),
}
