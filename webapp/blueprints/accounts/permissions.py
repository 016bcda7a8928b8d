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
    AccountsPermission.USERS_READ: _l("See the users, their roles and sessions"),
    AccountsPermission.USERS_EDIT: _l("Invite and disable users, give them roles, end their sessions"),
    AccountsPermission.USERS_IMPERSONATE: _l("Act as somebody of a lower rank"),
    AccountsPermission.TERMS_EDIT: _l("Publish the terms of use and the privacy policy"),
    AccountsPermission.ROLES_READ: _l("See roles, groups and who has which right"),
    AccountsPermission.ROLES_EDIT: _l("Change roles, groups and rights"),
}
# whoever had one of these could give themselves, or become somebody who has, all others
OWNER_ONLY = frozenset(
    {AccountsPermission.USERS_EDIT, AccountsPermission.USERS_IMPERSONATE, AccountsPermission.ROLES_EDIT}
)
