"""The accounts room: who signs in, and as what."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.blueprints.accounts.admin import admin_views
from webapp.blueprints.accounts.cli import roles, users
from webapp.blueprints.accounts.demo import load_demo, tell_sign_in
from webapp.blueprints.accounts.permissions import OWNER_ONLY, TITLES, AccountsPermission
from webapp.blueprints.accounts.queries.privacy import tell_account, tell_personal
from webapp.blueprints.accounts.tasks import SCHEDULES, TASKS
from webapp.blueprints.accounts.views.attempts import set_up_attempts
from webapp.blueprints.accounts.views.groups import blueprint as groups_pages
from webapp.blueprints.accounts.views.impersonation import blueprint as impersonation
from webapp.blueprints.accounts.views.impersonation import set_up_impersonation
from webapp.blueprints.accounts.views.joining import blueprint as joining
from webapp.blueprints.accounts.views.privacy import blueprint as privacy
from webapp.blueprints.accounts.views.proof import blueprint as proof
from webapp.blueprints.accounts.views.proof_doors import set_up_proof
from webapp.blueprints.accounts.views.recovery import blueprint as recovery
from webapp.blueprints.accounts.views.rights import blueprint as rights_pages
from webapp.blueprints.accounts.views.rights import set_up_directory
from webapp.blueprints.accounts.views.roles import blueprint as roles_pages
from webapp.blueprints.accounts.views.sessions import blueprint as sessions
from webapp.blueprints.accounts.views.sign_in import blueprint, set_up_sign_in
from webapp.blueprints.accounts.views.signed_in import set_up_sessions
from webapp.blueprints.accounts.views.terms import blueprint as terms
from webapp.blueprints.accounts.views.terms import render_links, set_up_terms
from webapp.blueprints.accounts.views.users import blueprint as users_pages
from webapp.core.room import MenuEntry, Panel, Room
from webapp.core.security import CorePermission
from webapp.core.stored import A_YEAR, Stored

ENTER = frozenset({CorePermission.BACKOFFICE_ENTER})


def set_up(app: Flask) -> None:
    """Open the sign-in, and keep track of who is signed in."""
    set_up_sign_in(app)
    set_up_directory(app)
    set_up_sessions(app)
    set_up_attempts(app)
    set_up_proof(app)
    set_up_impersonation(app)
    set_up_terms(app)


room = Room(
    name="accounts",
    title=_l("Accounts"),
    admin_views=admin_views,
    blueprints=(
        blueprint,
        proof,
        recovery,
        joining,
        sessions,
        privacy,
        users_pages,
        impersonation,
        terms,
        roles_pages,
        groups_pages,
        rights_pages,
    ),
    permissions=AccountsPermission,
    titles=TITLES,
    owner_only=OWNER_ONLY,
    grants={"staff": ENTER, "viewer": ENTER},
    commands=(users, roles),
    account=(
        MenuEntry(_l("How I sign in"), "proof.overview", "", "lock", 10),
        MenuEntry(_l("My sessions"), "sessions.sessions", "", "device-desktop", 20),
        MenuEntry(_l("My data"), "privacy.data", "", "file-text", 90),
    ),
    menu=(
        MenuEntry(_l("Rights"), "roles.matrix", AccountsPermission.ROLES_READ, "shield-lock", 86),
        MenuEntry(_l("Users"), "users.users", AccountsPermission.USERS_READ, "users-group", 85),
        MenuEntry(_l("Terms and privacy"), "terms.documents", AccountsPermission.TERMS_EDIT, "file-text", 89),
    ),
    panels=(Panel("site.foot", "", render_links),),
    stores=(
        Stored(
            "device",
            _l("Tells a person's own device from a new one, of which its owner is told by mail."),
            A_YEAR,
            office=True,
        ),
        Stored(
            "tf_validity",
            _l("Spares the second proof of who one is on a device that was trusted."),
            _l("30 days"),
            office=True,
        ),
    ),
    shows=("accounts_documents",),
    personal=tell_personal,
    of_address=tell_account,
    tasks=TASKS,
    schedules=SCHEDULES,
    setup=set_up,
    demo=load_demo,
    demo_note=tell_sign_in,
)
