"""The rights of the consents room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class ConsentsPermission(StrEnum):
    """What may be done with the register of consents and the pages on privacy."""

    REGISTER_READ = "consents:register:read"
    REGISTER_WITHDRAW = "consents:register:withdraw"
    PEOPLE_EXPORT = "consents:people:export"
    NOTICES_WRITE = "consents:notices:write"


TITLES = {
    ConsentsPermission.REGISTER_READ: _l("See the register of consents"),
    ConsentsPermission.REGISTER_WITHDRAW: _l("Note that a consent was withdrawn"),
    ConsentsPermission.PEOPLE_EXPORT: _l("Export all that is stored about a person"),
    ConsentsPermission.NOTICES_WRITE: _l("Write the company's own words on the privacy and cookie pages"),
}
