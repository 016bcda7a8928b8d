"""What the room protects."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class AccountsPermission(StrEnum):
    """The rights over people's accounts and over the rights themselves; for a start the owner alone has them."""

    USERS_READ = "accounts:users:read"
    USERS_EDIT = "accounts:users:edit"
    ROLES_READ = "accounts:roles:read"
    ROLES_EDIT = "accounts:roles:edit"
    USERS_IMPERSONATE = "accounts:users:impersonate"
    TERMS_EDIT = "accounts:terms:edit"


TITLES = {
    AccountsPermission.USERS_READ: _l("See the people who sign in"),
    AccountsPermission.USERS_EDIT: _l("Create and change people's accounts"),
    AccountsPermission.USERS_IMPERSONATE: _l("Act as somebody else, with a reason and a trace"),
    AccountsPermission.TERMS_EDIT: _l("Publish terms of use and privacy policy"),
    AccountsPermission.ROLES_READ: _l("See roles, groups and who has which right"),
    AccountsPermission.ROLES_EDIT: _l("Change roles, groups and rights"),
}
# whoever had one of these could give themselves, or become somebody who has, all others
OWNER_ONLY = frozenset(
    {AccountsPermission.USERS_EDIT, AccountsPermission.USERS_IMPERSONATE, AccountsPermission.ROLES_EDIT}
)
