"""Branches of the site are kept for those who are named on them; elsewhere everybody's rights hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import make_user
from tests.rooms.conftest import ENGLISH
from tests.rooms.editorial.makers import send
from tests.rooms.media.makers import make_image
from tests.rooms.website.makers import make_home, make_page, show
from webapp.blueprints.editorial.models import BranchRight
from webapp.blueprints.editorial.services import refuse_change, refuse_keeping
from webapp.blueprints.media.public import MayKeep
from webapp.blueprints.website.public import MayChange, Page, PageText, WebsitePermission
from webapp.blueprints.website.services.pages import put_page
from webapp.core.errors import NotAllowed
from webapp.core.security import SYSTEM, Actor, Reach

SignIn = Callable[[str], FlaskClient]
URL = "/backoffice/site/rights"
IMAGES = "/backoffice/site/images/"
EDIT, PUBLISH = WebsitePermission.PAGES_EDIT, WebsitePermission.PAGES_PUBLISH
BOTH = frozenset({EDIT, PUBLISH})


def person(user_id: int) -> Actor:
    return Actor("Ada", user_id, BOTH, reaches=dict.fromkeys(BOTH, Reach.ALL))


def refused(session: Session, by: Actor, permission: str, *branch: int) -> bool:
    return bool(list(refuse_change(session, MayChange(by, permission, branch))))


def give(session: Session, page: Page, **who: object) -> None:
    session.add(BranchRight(page_id=page.id, **{"deed": "edit"} | who))
    session.commit()


def path_of(session: Session, page: Page) -> str:
    return session.scalars(select(PageText.path).where(PageText.page_id == page.id)).first() or ""


@pytest.fixture
def branch(session: Session) -> Sequence[Page]:
    """A page below a page below the start page, the start page last."""
    home = make_home(session)
    above = make_page(session, "News")
    return make_page(session, "Inside", below=above), above, home


def test_a_site_on_which_nobody_is_named_is_everybodys(session: Session, branch: Sequence[Page]) -> None:
    assert not refused(session, person(41), PUBLISH, *(page.id for page in branch))


def test_a_right_holds_for_the_page_and_all_below_and_shuts_others_out(
    session: Session, branch: Sequence[Page]
) -> None:
    inside, above, home = (page.id for page in branch)
    give(session, branch[1], user_id=41)
    assert not refused(session, person(41), EDIT, above, home)
    assert not refused(session, person(41), EDIT, inside, above, home)
    assert refused(session, person(41), PUBLISH, inside, above, home)
    assert refused(session, person(42), EDIT, inside, above, home)
    assert not refused(session, person(42), EDIT, home)


def test_rights_add_up_from_the_root(session: Session, branch: Sequence[Page]) -> None:
    inside, above, home = (page.id for page in branch)
    give(session, branch[2], user_id=40, deed="publish")
    give(session, branch[1], user_id=41)
    assert not refused(session, person(40), PUBLISH, inside, above, home)
    assert not refused(session, person(40), EDIT, inside, above, home)
    assert refused(session, person(41), EDIT, home)


def test_a_role_is_a_right_of_all_who_have_it(session: Session, branch: Sequence[Page]) -> None:
    ids = [page.id for page in branch]
    colleague, guest = make_user(session, roles=["staff"]), make_user(session, roles=["viewer"])
    give(session, branch[1], role="staff", deed="publish")
    assert not refused(session, person(colleague.id), PUBLISH, *ids)
    assert refused(session, person(guest.id), EDIT, *ids)


def test_the_house_and_owners_are_never_refused(session: Session, branch: Sequence[Page]) -> None:
    give(session, branch[2], user_id=41)
    ids = [page.id for page in branch]
    assert not refused(session, SYSTEM, PUBLISH, *ids)
    owner = Actor("Owner", 1, BOTH | {"core:admin:use"})
    assert not refused(session, owner, PUBLISH, *ids)


def test_an_editor_meets_the_refusal_where_pages_are_written(
    session: Session, sign_in: SignIn, branch: Sequence[Page]
) -> None:
    staff = sign_in("staff")
    where = f"/backoffice/site/pages/{branch[0].id}/en/"
    assert staff.get(where).status_code == 200
    give(session, branch[1], user_id=10**9)
    answer = send(staff, where, title="Mine", version="1")
    assert answer.status_code == 403
    assert "kept by others" in answer.text


@pytest.mark.parametrize("right", [{"user_id": 10**9, "deed": "publish"}, {"role": "staff", "deed": "edit"}], ids=str)
def test_nobody_deletes_with_a_page_what_others_keep_below_it(
    session: Session, sign_in: SignIn, branch: Sequence[Page], right: dict[str, object]
) -> None:
    inside, above, _home = branch
    show(session, inside)
    give(session, inside, **right)
    where = f"/backoffice/site/pages/{above.id}/delete"
    answer = send(sign_in("staff"), where, version=str(above.version), with_below="y")
    assert answer.status_code == 409
    session.expire_all()
    assert session.get(Page, inside.id)


def test_who_only_writes_on_a_branch_takes_nothing_out_of_it_that_strangers_see(
    session: Session, sign_in: SignIn, branch: Sequence[Page]
) -> None:
    inside, above, home = branch
    path = show(session, inside)
    give(session, above, role="staff", deed="edit")
    staff = sign_in("staff")
    assert send(staff, "/backoffice/site/pages/arrange", put=f"{inside.id}:{home.id}").status_code == 403
    answer = send(staff, f"/backoffice/site/pages/{inside.id}/en/address", slug="elsewhere")
    assert answer.status_code == 403
    assert "others publish" in answer.text
    session.expire_all()
    assert path_of(session, inside) == path


def test_the_owner_gives_a_right_and_takes_it_back(session: Session, sign_in: SignIn, branch: Sequence[Page]) -> None:
    owner, colleague = sign_in("owner"), make_user(session, name="Bruno")
    session.commit()
    path = path_of(session, branch[1])
    given = send(owner, URL, path=f"{path}/", user_id=colleague.id, role="", deed="publish")
    assert given.status_code == 303, given.text
    right = session.scalars(select(BranchRight)).one()
    assert (right.page_id, right.user_id, right.deed) == (branch[1].id, colleague.id, "publish")
    assert "Bruno" in owner.get(URL).text
    again = send(owner, URL, path=path, user_id=colleague.id, role="", deed="edit")
    assert again.status_code == 422
    assert "already" in again.text
    assert send(owner, f"{URL}/{right.id}/delete", version="7").status_code == 409
    assert send(owner, f"{URL}/{right.id}/delete", version="1").status_code == 303
    assert session.scalars(select(BranchRight)).all() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"path": "/en/never-there"},
        {"path": ""},
        {"collection": "Fair"},
        {"user_id": "", "role": ""},
        {"role": "owner"},
        {"user_id": "999999999"},
        {"user_id": "", "role": "nobody-has-it"},
        {"deed": "rule"},
    ],
)
def test_what_names_no_page_or_nobody_is_refused(
    session: Session, sign_in: SignIn, branch: Sequence[Page], changes: dict[str, str]
) -> None:
    owner, colleague = sign_in("owner"), make_user(session)
    session.commit()
    typed = {"path": path_of(session, branch[2]), "user_id": str(colleague.id), "role": "", "deed": "edit"}
    assert send(owner, URL, **(typed | changes)).status_code == 422
    assert session.scalars(select(BranchRight)).all() == []


def test_a_collection_of_images_is_kept_for_those_who_are_named(session: Session, sign_in: SignIn) -> None:
    image, free = make_image(session, collection="Fair"), make_image(session, collection="Shop", colour=(1, 1, 1))
    owner, staff, colleague = sign_in("owner"), sign_in("staff"), make_user(session, name="Bruno")
    session.commit()
    assert send(owner, URL, collection="Fair", user_id=colleague.id, role="", deed="edit").status_code == 303
    assert "images of “Fair”" in owner.get(URL, headers=ENGLISH).text
    typed = {"version": image.version, "focal_x": 1, "focal_y": 1, "collection": "Fair", "credit": "Me"}
    page = f"{IMAGES}{image.id}/"
    assert "kept by others" in staff.get(page, headers=ENGLISH).text
    refused_change = send(staff, page, **typed)
    assert (refused_change.status_code, "kept by others" in refused_change.text) == (422, True)
    assert send(staff, f"{page}delete", version=image.version).status_code == 403
    assert send(staff, f"{IMAGES}list", tags="x", chosen=image.id).status_code == 422
    assert send(staff, f"{IMAGES}{free.id}/", **typed).status_code == 422
    assert send(staff, f"{IMAGES}{free.id}/", **typed | {"collection": "Other"}).status_code == 303
    assert send(owner, page, **typed).status_code == 303
    assert list(refuse_keeping(session, MayKeep(person(colleague.id), "Fair"))) == []
    right = session.scalars(select(BranchRight)).one()
    assert send(owner, f"{URL}/{right.id}/delete", version="1").status_code == 303


def test_a_page_that_is_deleted_takes_its_rights_along(session: Session, branch: Sequence[Page]) -> None:
    give(session, branch[0], user_id=41)
    session.delete(branch[0])
    session.commit()
    assert session.scalars(select(BranchRight)).all() == []


@pytest.mark.parametrize("role", ["staff", "viewer"])
def test_others_do_not_decide(session: Session, sign_in: SignIn, branch: Sequence[Page], role: str) -> None:
    give(session, branch[0], user_id=41)
    right = session.scalars(select(BranchRight)).one()
    browser = sign_in(role)
    assert browser.get(URL).status_code == 403
    assert send(browser, URL, path="/en", user_id="1", role="", deed="edit").status_code == 403
    assert send(browser, f"{URL}/{right.id}/delete", version="1").status_code == 403
    assert len(session.scalars(select(BranchRight)).all()) == 1


def test_strangers_are_sent_to_sign_in(client: FlaskClient) -> None:
    for path in (URL, "/backoffice/site/reports/", "/backoffice/site/reports/links"):
        assert client.get(path).status_code in (302, 303, 401)


def test_nobody_publishes_or_gains_a_branch_by_moving_pages(session: Session, branch: Sequence[Page]) -> None:
    inside, above, home = branch
    mine, public = make_page(session, "Mine"), make_page(session, "Public")
    give(session, mine, user_id=41)
    put_page(session, by=person(41), page_id=make_page(session, "Draft").id, parent_id=mine.id)
    show(session, public)
    with pytest.raises(NotAllowed):  # published elsewhere, it would be public where others publish
        put_page(session, by=person(41), page_id=public.id, parent_id=mine.id)
    give(session, inside, user_id=42)
    with pytest.raises(NotAllowed):  # what others keep would be ours too
        put_page(session, by=person(41), page_id=above.id, parent_id=mine.id)
    show(session, inside)
    with pytest.raises(NotAllowed):  # who may only write takes nothing public away
        put_page(session, by=person(42), page_id=inside.id, parent_id=home.id)
