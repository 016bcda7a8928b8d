"""What the room protects."""

from enum import StrEnum


class AccountsPermission(StrEnum):
    """The rights over people's accounts; the owner alone has them."""

    USERS_READ = "accounts:users:read"
    USERS_EDIT = "accounts:users:edit"
