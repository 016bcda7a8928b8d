"""The pages of users: what those who run the house do to accounts, and what they may not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import PASSWORD, make_user, read_mail
from tests.rooms.accounts.pages import is_signed_in, send, sign_in_as
from tests.rooms.accounts.test_sessions import browser, rows
from webapp.blueprints.accounts.models import Ending, Passkey, Role, RoleGrant, User
from webapp.blueprints.accounts.permissions import AccountsPermission as May
from webapp.blueprints.accounts.services.people import LastOwner, disable_user, enable_user, set_roles
from webapp.core.clock import utc_now
from webapp.core.errors import NotAllowed
from webapp.core.security import SYSTEM, Actor

SignInAs = Callable[[str], FlaskClient]


def page_of(user: User) -> str:
    return f"/backoffice/users/{user.id}/"


def roles_of(session: Session, user: User) -> list[str]:
    session.expire_all()
    return sorted(role.name for role in user.roles)


@pytest.fixture
def people_keeper(session: Session) -> User:
    """Somebody of the staff's rank whose role lets them edit users."""
    keeper = Role(name="keeper", description="", rank=50)
    session.add(keeper)
    session.flush()
    for permission in (May.USERS_READ, May.USERS_EDIT):
        session.add(RoleGrant(role_id=keeper.id, permission=permission, reach="all"))
    return make_user(session, roles=["keeper", "staff"])


def test_the_list_shows_who_there_is_and_finds_them(sign_in: SignInAs, session: Session) -> None:
    make_user(session, name="Ada Bianchi", roles=["staff"])
    gone = make_user(session, name="Zeno Verdi")
    gone.active = False
    session.commit()
    owner = sign_in("owner")
    page = owner.get("/backoffice/users/").text
    assert "Ada Bianchi" in page
    assert "Zeno Verdi" in page
    only = owner.get("/backoffice/users/?state=disabled").text
    assert "Zeno Verdi" in only
    assert "Ada Bianchi" not in only
    assert "Ada Bianchi" in owner.get("/backoffice/users/?q=bianchi&role=staff&sort=-email").text
    assert "ada bianchi" in owner.get("/backoffice/users/?format=csv").text.lower()


@pytest.mark.parametrize("path", ["", "roles", "act"])
@pytest.mark.parametrize("role", ["staff", "viewer"])
def test_the_pages_of_users_are_the_owners(sign_in: SignInAs, session: Session, role: str, path: str) -> None:
    user = make_user(session)
    assert sign_in(role).get(page_of(user) + path).status_code == 403


@pytest.mark.parametrize(
    "deed", ["disable", "enable", "reset-second-factor", "end-sessions", "sessions/1/end", "roles"]
)
def test_what_is_done_to_users_is_the_owners_alone(
    app: Flask, client: FlaskClient, sign_in: SignInAs, session: Session, deed: str
) -> None:
    user = make_user(session)
    assert send(sign_in("staff"), page_of(user) + deed, at="/account/sessions/").status_code == 403
    assert send(client, page_of(user) + deed, at="/login").status_code == 302
    session.expire_all()
    assert user.active


def test_disabling_somebody_ends_their_sessions_at_once(app: Flask, sign_in: SignInAs, session: Session) -> None:
    user = make_user(session)
    theirs, owner = browser(app, session, user), sign_in("owner")
    assert is_signed_in(theirs)
    assert send(owner, page_of(user) + "disable", at=page_of(user)).status_code == 303
    assert not is_signed_in(theirs)
    assert rows(session, user)[0].ending == Ending.DISABLED
    assert sign_in_as(app.test_client(), user.email, PASSWORD).status_code == 422
    send(owner, page_of(user) + "enable", at=page_of(user))
    assert not is_signed_in(theirs)
    assert sign_in_as(app.test_client(), user.email, PASSWORD).status_code == 302


def test_a_new_role_holds_from_the_next_request_on_and_so_does_the_loss_of_one(
    app: Flask, sign_in: SignInAs, session: Session
) -> None:
    user = make_user(session)
    theirs, owner = browser(app, session, user), sign_in("owner")
    assert theirs.get("/backoffice/customers/new").status_code == 403
    page = owner.get(page_of(user) + "roles").text
    assert 'value="viewer" checked' in page.replace("checked value", "value") or "checked" in page
    answer = send(owner, page_of(user) + "roles", roles="staff", version=str(user.version))
    assert answer.status_code == 303, answer.text
    assert roles_of(session, user) == ["staff"]
    assert theirs.get("/backoffice/customers/new").status_code == 200
    send(owner, page_of(user) + "roles", version=str(user.version))
    assert roles_of(session, user) == []
    assert theirs.get("/backoffice/customers/").status_code == 403


def test_the_second_of_two_who_give_roles_is_told(sign_in: SignInAs, session: Session) -> None:
    user = make_user(session)
    old = str(user.version)
    owner = sign_in("owner")
    send(owner, page_of(user) + "roles", roles="staff", version=old)
    assert send(owner, page_of(user) + "roles", roles="viewer", version=old).status_code == 409
    assert roles_of(session, user) == ["staff"]


def test_the_owner_ends_one_session_of_somebody_and_all_of_them(
    app: Flask, sign_in: SignInAs, session: Session
) -> None:
    user = make_user(session)
    one, two, three = (browser(app, session, user) for _ in range(3))
    owner = sign_in("owner")
    number = rows(session, user)[0].id
    send(owner, page_of(user) + f"sessions/{number}/end", at=page_of(user))
    assert not is_signed_in(one)
    assert is_signed_in(two)
    send(owner, page_of(user) + "end-sessions", at=page_of(user))
    assert not is_signed_in(two)
    assert not is_signed_in(three)
    assert rows(session, user)[0].ending == Ending.BY_OWNER


def test_a_session_is_ended_under_its_own_users_address_only(app: Flask, sign_in: SignInAs, session: Session) -> None:
    user, other = make_user(session), make_user(session)
    theirs = browser(app, session, user)
    number = rows(session, user)[0].id
    owner = sign_in("owner")
    assert send(owner, page_of(other) + f"sessions/{number}/end", at=page_of(other)).status_code == 404
    assert is_signed_in(theirs)


def test_a_second_factor_that_was_lost_is_reset_and_its_holder_told(
    app: Flask, sign_in: SignInAs, session: Session
) -> None:
    user = make_user(session)
    user.tf_primary_method, user.tf_totp_secret = "authenticator", "sealed"
    session.add(
        Passkey(
            user_id=user.id,
            name="Key",
            usage="secondary",
            credential_id=b"1",
            public_key=b"2",
            backup_state=False,
            device_type="single_device",
            lastuse_datetime=utc_now(),
        )
    )
    session.commit()
    theirs = browser(app, session, user)
    send(sign_in("owner"), page_of(user) + "reset-second-factor", at=page_of(user))
    session.expire_all()
    assert not user.has_second_factor
    assert not is_signed_in(theirs)
    assert read_mail(session, user.email)


def test_the_only_owner_stays_one(session: Session) -> None:
    for other in session.scalars(select(User)):
        other.active = False
    owner = make_user(session, roles=["owner"])
    with pytest.raises(LastOwner):
        disable_user(session, by=SYSTEM, user_id=owner.id)
    with pytest.raises(LastOwner):
        set_roles(session, by=SYSTEM, user_id=owner.id, roles=["staff"])
    make_user(session, roles=["owner"])
    set_roles(session, by=SYSTEM, user_id=owner.id, roles=["staff"])


def test_owners_do_not_shut_themselves_out(session: Session) -> None:
    owner = make_user(session, roles=["owner"])
    make_user(session, roles=["owner"])
    myself = Actor("me", user_id=owner.id, everything=True, rank=100)
    with pytest.raises(NotAllowed):
        disable_user(session, by=myself, user_id=owner.id)
    with pytest.raises(NotAllowed):
        set_roles(session, by=myself, user_id=owner.id, roles=["staff"])


def test_nobody_manages_somebody_above_them_or_gives_a_role_above_their_own(
    people_keeper: User, session: Session
) -> None:
    owner, viewer = make_user(session, roles=["owner"]), make_user(session)
    make_user(session, roles=["owner"])
    keeper = Actor("keeper", user_id=people_keeper.id, permissions=frozenset({May.USERS_EDIT}), rank=50)
    with pytest.raises(NotAllowed):
        disable_user(session, by=keeper, user_id=owner.id)
    with pytest.raises(NotAllowed):
        set_roles(session, by=keeper, user_id=viewer.id, roles=["owner"])
    with pytest.raises(NotAllowed):
        set_roles(session, by=keeper, user_id=people_keeper.id, roles=["owner", "keeper"])
    set_roles(session, by=keeper, user_id=viewer.id, roles=["staff"])
    disable_user(session, by=keeper, user_id=viewer.id)
    enable_user(session, by=keeper, user_id=viewer.id)


def test_a_keeper_of_people_sees_no_button_that_acts_as_others(
    app: Flask, people_keeper: User, session: Session
) -> None:
    viewer = make_user(session)
    client = browser(app, session, people_keeper)
    page = client.get(page_of(viewer)).text
    assert f"{page_of(viewer)}disable" in page
    assert "/act" not in page
    assert client.get(page_of(viewer) + "act").status_code == 403


def test_a_user_that_is_not_there_is_told_so(sign_in: SignInAs) -> None:
    assert sign_in("owner").get("/backoffice/users/999999/").status_code == 404
