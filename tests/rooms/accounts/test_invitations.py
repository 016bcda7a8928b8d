"""How people come in: by invitation, by registration where it is open, and not at all where the house is closed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import PASSWORD, count_mails, link_in, make_user, read_mail
from tests.rooms.accounts.pages import send, sign_in_as
from webapp.blueprints.accounts.models import Invitation, User
from webapp.blueprints.accounts.queries.people import find_user
from webapp.blueprints.accounts.services.invitations import accept_invitation, invite
from webapp.blueprints.accounts.services.links import LinkDead
from webapp.core.errors import NotAllowed
from webapp.core.security import SYSTEM, Actor

pytestmark = pytest.mark.usefixtures("english")

SignIn = Callable[[str], FlaskClient]
GUEST = "ospite@client.it"


@pytest.fixture
def registration(app: Flask) -> Iterator[Callable[[str], None]]:
    """Say who may come in, for this test: `registration("open")`."""
    before = app.extensions["settings"]

    def say(how: str) -> None:
        app.extensions["settings"] = replace(before, registration=how)

    yield say
    app.extensions["settings"] = before


def invite_guest(owner: FlaskClient, **more: str) -> None:
    assert send(owner, "/backoffice/invitations/new", email=GUEST, name="Ospite", **more).status_code == 303


def join(client: FlaskClient, link: str, **changes: str) -> int:
    assert client.get(link).location == "/invitation"
    return send(
        client, "/invitation", **({"name": "Ospite", "username": "", "password": PASSWORD} | changes)
    ).status_code


def test_the_owner_invites_and_the_guest_makes_the_account(
    sign_in: SignIn, client: FlaskClient, session: Session
) -> None:
    owner = sign_in("owner")
    invite_guest(owner, roles="staff")
    assert GUEST in owner.get("/backoffice/invitations/").text
    mail = read_mail(session, GUEST)
    assert "The owner invites you" in mail
    assert join(client, link_in(mail), username="Ospite.1") == 303
    guest = find_user(session, GUEST)
    assert guest is not None
    assert [role.name for role in guest.roles] == ["staff"]
    assert guest.confirmed_at is not None
    assert sign_in_as(client, "ospite.1", PASSWORD).location == "/enter"
    assert GUEST not in owner.get("/backoffice/invitations/").text


def test_an_invitation_opens_once_and_its_secret_is_not_stored(
    sign_in: SignIn, client: FlaskClient, session: Session
) -> None:
    invite_guest(sign_in("owner"))
    link = link_in(read_mail(session, GUEST))
    token = link.rpartition("/")[2]
    assert session.scalar(select(func.count()).where(Invitation.token_hash == token)) == 0
    assert join(client, link) == 303
    assert client.get(link, follow_redirects=True).status_code == 410
    with pytest.raises(LinkDead):
        accept_invitation(session, token=token, name="Altro", username="", password=PASSWORD)


def test_a_bad_password_is_told_beside_its_field_and_the_invitation_waits(
    sign_in: SignIn, client: FlaskClient, session: Session
) -> None:
    invite_guest(sign_in("owner"))
    link = link_in(read_mail(session, GUEST))
    assert join(client, link, password="ospite-ospite") == 422
    assert find_user(session, GUEST) is None
    assert join(client, link) == 303


def test_an_invitation_is_withdrawn_sent_again_and_out_of_date(
    sign_in: SignIn, client: FlaskClient, session: Session
) -> None:
    owner = sign_in("owner")
    invite_guest(owner)
    first = link_in(read_mail(session, GUEST))
    number = session.scalars(select(Invitation.id).where(Invitation.email == GUEST)).one()
    send(owner, f"/backoffice/invitations/{number}/resend", at="/backoffice/invitations/")
    second = link_in(read_mail(session, GUEST))
    assert client.get(first, follow_redirects=True).status_code == 410
    assert client.get(second, follow_redirects=True).status_code == 200
    newest = session.scalars(select(Invitation).order_by(Invitation.id.desc()).limit(1)).one()
    newest.expires_at -= dt.timedelta(days=7, seconds=1)
    session.commit()
    assert client.get(second, follow_redirects=True).status_code == 410
    assert "Out of date since" in owner.get("/backoffice/invitations/").text
    send(owner, f"/backoffice/invitations/{newest.id}/withdraw", at="/backoffice/invitations/")
    assert GUEST not in owner.get("/backoffice/invitations/").text


def test_who_has_an_account_is_not_invited(sign_in: SignIn, session: Session) -> None:
    answer = send(sign_in("owner"), "/backoffice/invitations/new", email=make_user(session).email)
    assert answer.status_code == 422
    assert "There is a user with this e-mail address already." in answer.text


def test_only_who_may_edit_users_invites(sign_in: SignIn, client: FlaskClient) -> None:
    for role in ("staff", "viewer"):
        assert sign_in(role).get("/backoffice/invitations/new").status_code == 403
    assert client.get("/backoffice/invitations/").status_code == 302


def test_nobody_gives_a_role_above_their_own(session: Session) -> None:
    make_user(session, roles=["owner", "staff"])
    chief = Actor("chief", user_id=None, permissions=frozenset({"accounts:users:edit"}), rank=50)
    given = {"email": GUEST, "name": "", "registration": "invitation", "language": None}
    with pytest.raises(NotAllowed, match="above their own"):
        invite(session, by=chief, roles=["owner"], **given)
    assert invite(session, by=chief, roles=["staff"], **given).roles == ["staff"]


def test_a_closed_house_takes_nobody(
    sign_in: SignIn, client: FlaskClient, session: Session, registration: Callable[[str], None]
) -> None:
    registration("closed")
    owner = sign_in("owner")
    assert "closed to new people" in owner.get("/backoffice/invitations/").text
    assert send(owner, "/backoffice/invitations/new", email=GUEST).status_code == 403
    assert client.get("/register").status_code == 404
    with pytest.raises(NotAllowed):
        invite(session, by=SYSTEM, email=GUEST, name="", roles=[], registration="closed", language=None)


def test_by_invitation_nobody_registers(client: FlaskClient) -> None:
    assert client.get("/register").status_code == 404
    assert "/register" not in client.get("/login").text


def test_where_registration_is_open_an_account_comes_after_the_link(
    client: FlaskClient, session: Session, registration: Callable[[str], None]
) -> None:
    registration("open")
    assert 'href="/register"' in client.get("/login").text
    send(client, "/register", email="Nuovo@Client.it")
    assert find_user(session, "nuovo@client.it") is None
    assert join(client, link_in(read_mail(session, "nuovo@client.it"))) == 303
    user = find_user(session, "nuovo@client.it")
    assert user is not None
    assert user.roles == []
    assert sign_in_as(client, "nuovo@client.it", PASSWORD).location == "/enter"
    assert client.get("/enter").location == "/"
    assert client.get("/account/security").status_code == 200
    assert client.get("/backoffice/customers/").status_code == 403


def test_nobody_learns_by_registering_who_has_an_account(
    client: FlaskClient, session: Session, registration: Callable[[str], None]
) -> None:
    registration("open")
    user = make_user(session)
    taken, free = (send(client, "/register", email=address) for address in (user.email, "libero@client.it"))
    assert taken.status_code == free.status_code == 200
    assert _main(taken.text) == _main(free.text)
    assert "There is one already" in read_mail(session, user.email)
    assert link_in(read_mail(session, "libero@client.it"))
    assert session.scalar(select(func.count()).select_from(User).where(User.email == "libero@client.it")) == 0


def test_who_is_invited_keeps_the_invitation_when_asking_to_register(
    sign_in: SignIn, client: FlaskClient, session: Session, registration: Callable[[str], None]
) -> None:
    registration("open")
    invite_guest(sign_in("owner"), roles="viewer")
    link = link_in(read_mail(session, GUEST))
    send(client, "/register", email=GUEST)
    assert count_mails(session, GUEST) == 1
    assert join(client, link) == 303


def _main(page: str) -> str:
    return re.sub(r'(value|content)="[^"]*"', "", page.partition("<main")[2].partition("</main>")[0])
