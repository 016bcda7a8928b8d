"""The demo company's people: one for each role, with a password that everybody may know."""

from __future__ import annotations

from flask_security import verify_password
from sqlalchemy.orm import Session

from webapp.blueprints.accounts.queries.people import find_user
from webapp.blueprints.accounts.services.users import create_user
from webapp.core.security import SYSTEM

PASSWORD = "bottega-demo-2026"  # noqa: S105 - the demo's password is told to everybody
PEOPLE = {
    "owner": ("owner@demo.bottega.it", "Caterina Manfredi"),
    "staff": ("staff@demo.bottega.it", "Matteo Zauli"),
    "viewer": ("viewer@demo.bottega.it", "Elena Ravaioli"),
}


def load_demo(session: Session) -> None:
    """Store an owner, a member of the staff and a viewer."""
    for role, (email, name) in PEOPLE.items():
        create_user(session, by=SYSTEM, email=email, name=name, password=PASSWORD, roles=[role], known_to_all=True)


def tell_sign_in(session: Session) -> str:
    """How to sign in, while the demo's owner is there and has kept the demo's password; else nothing."""
    owner = find_user(session, PEOPLE["owner"][0])
    if owner is None or not owner.password or not verify_password(PASSWORD, owner.password):
        return ""
    people = "\n".join(f"  {email:24} {role}" for role, (email, _) in PEOPLE.items())
    return f"Demo sign-in, password {PASSWORD}:\n{people}"
