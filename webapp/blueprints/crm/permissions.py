"""The rights of the crm room."""

from enum import StrEnum


class CrmPermission(StrEnum):
    """What may be done with customers."""

    CUSTOMERS_READ = "crm:customers:read"
    CUSTOMERS_WRITE = "crm:customers:write"
