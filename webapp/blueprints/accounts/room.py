"""The accounts room: who signs in, and as what."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.blueprints.accounts.admin import admin_views
from webapp.blueprints.accounts.cli import users
from webapp.blueprints.accounts.demo import load_demo, tell_sign_in
from webapp.blueprints.accounts.permissions import AccountsPermission
from webapp.blueprints.accounts.views.attempts import set_up_attempts
from webapp.blueprints.accounts.views.joining import blueprint as joining
from webapp.blueprints.accounts.views.proof import blueprint as proof
from webapp.blueprints.accounts.views.proof_doors import set_up_proof
from webapp.blueprints.accounts.views.recovery import blueprint as recovery
from webapp.blueprints.accounts.views.sign_in import blueprint, set_up_sign_in
from webapp.blueprints.accounts.views.signed_in import set_up_sessions
from webapp.core.room import Room
from webapp.core.security import CorePermission

ENTER = frozenset({CorePermission.BACKOFFICE_ENTER})


def set_up(app: Flask) -> None:
    """Open the sign-in, and keep track of who is signed in."""
    set_up_sign_in(app)
    set_up_sessions(app)
    set_up_attempts(app)
    set_up_proof(app)


room = Room(
    name="accounts",
    title=_l("Accounts"),
    admin_views=admin_views,
    blueprints=(blueprint, proof, recovery, joining),
    permissions=AccountsPermission,
    grants={"staff": ENTER, "viewer": ENTER},
    commands=(users,),
    setup=set_up,
    demo=load_demo,
    demo_note=tell_sign_in,
)
