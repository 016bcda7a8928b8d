"""The rights of the crm room."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class CrmPermission(StrEnum):
    """What may be done with customers."""

    CUSTOMERS_READ = "crm:customers:read"
    CUSTOMERS_WRITE = "crm:customers:write"
    CUSTOMERS_ASSIGN = "crm:customers:assign"


TITLES = {
    CrmPermission.CUSTOMERS_READ: _l("See customers"),
    CrmPermission.CUSTOMERS_WRITE: _l("Create, change and delete customers"),
    CrmPermission.CUSTOMERS_ASSIGN: _l("Hand customers over to another person or group"),
}
