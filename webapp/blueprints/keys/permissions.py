"""The rights of the keys room."""

from enum import StrEnum


class KeysPermission(StrEnum):
    """What may be done with API keys."""

    OWN = "keys:own:edit"
    ALL_READ = "keys:all:read"
    ALL_EDIT = "keys:all:edit"
