"""The accounts room: who signs in, and as what."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.blueprints.accounts.admin import admin_views
from webapp.blueprints.accounts.cli import users
from webapp.blueprints.accounts.demo import load_demo, tell_sign_in
from webapp.blueprints.accounts.permissions import AccountsPermission
from webapp.blueprints.accounts.queries.privacy import tell_personal
from webapp.blueprints.accounts.views.attempts import set_up_attempts
from webapp.blueprints.accounts.views.impersonation import blueprint as impersonation
from webapp.blueprints.accounts.views.impersonation import set_up_impersonation
from webapp.blueprints.accounts.views.joining import blueprint as joining
from webapp.blueprints.accounts.views.privacy import blueprint as privacy
from webapp.blueprints.accounts.views.proof import blueprint as proof
from webapp.blueprints.accounts.views.proof_doors import set_up_proof
from webapp.blueprints.accounts.views.recovery import blueprint as recovery
from webapp.blueprints.accounts.views.sessions import blueprint as sessions
from webapp.blueprints.accounts.views.sign_in import blueprint, set_up_sign_in
from webapp.blueprints.accounts.views.signed_in import set_up_sessions
from webapp.blueprints.accounts.views.terms import blueprint as terms
from webapp.blueprints.accounts.views.terms import set_up_terms
from webapp.blueprints.accounts.views.users import blueprint as users_pages
from webapp.core.room import MenuEntry, Room
from webapp.core.security import CorePermission

ENTER = frozenset({CorePermission.BACKOFFICE_ENTER})
TITLES = {
    AccountsPermission.USERS_READ: _l("See the users, their roles and sessions"),
    AccountsPermission.USERS_EDIT: _l("Invite and disable users, give them roles, end their sessions"),
    AccountsPermission.USERS_IMPERSONATE: _l("Act as somebody of a lower rank"),
    AccountsPermission.TERMS_EDIT: _l("Publish the terms of use and the privacy policy"),
}


def set_up(app: Flask) -> None:
    """Open the sign-in, and keep track of who is signed in."""
    set_up_sign_in(app)
    set_up_sessions(app)
    set_up_attempts(app)
    set_up_proof(app)
    set_up_impersonation(app)
    set_up_terms(app)


room = Room(
    name="accounts",
    title=_l("Accounts"),
    admin_views=admin_views,
    blueprints=(blueprint, proof, recovery, joining, sessions, privacy, users_pages, impersonation, terms),
    permissions=AccountsPermission,
    titles=TITLES,
    owner_only=frozenset({AccountsPermission.USERS_IMPERSONATE}),
    grants={"staff": ENTER, "viewer": ENTER},
    commands=(users,),
    account=(
        MenuEntry(_l("How I sign in"), "proof.overview", "", "lock", 10),
        MenuEntry(_l("My sessions"), "sessions.sessions", "", "device-desktop", 20),
        MenuEntry(_l("My data"), "privacy.data", "", "file-text", 90),
    ),
    menu=(
        MenuEntry(_l("Users"), "users.users", AccountsPermission.USERS_READ, "users-group", 85),
        MenuEntry(_l("Terms and privacy"), "terms.documents", AccountsPermission.TERMS_EDIT, "file-text", 89),
    ),
    personal=tell_personal,
    setup=set_up,
    demo=load_demo,
    demo_note=tell_sign_in,
)
