"""What anybody may read: the installation's own page, and public projects where the house says so, without an address."""

from __future__ import annotations

import re
from importlib.metadata import version

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.rooms.accounts.makers import make_user
from tests.rooms.workspaces.conftest import Visit
from tests.rooms.workspaces.makers import make_group, make_project
from webapp.blueprints.workspaces.models import Project
from webapp.core.company import get_company
from webapp.core.settings import Settings, SettingsError

ADDRESS = re.compile(r"[\w.+-]+(@|%40|&#64;)[\w-]+\.[\w.-]+")


def public_project(session: Session, **changes: object) -> Project:
    owner = make_user(session, name="Ada Neri", roles=["staff"])
    group = make_group(session, owner=owner, members=[make_user(session), make_user(session, name="b@c.example")])
    text = "Write to ada@shop.bottega.it, [or](mailto:ada@shop.bottega.it) *ask*@shop.bottega.it"
    project = make_project(session, group=group, **({"visibility": "public", "description": text} | changes))
    session.commit()
    return project


def address_of(project: Project) -> str:
    return f"/workspaces/{project.group.slug}/{project.slug}/"


def test_anybody_reads_what_the_installation_is(client: FlaskClient, session: Session) -> None:
    company = get_company(session)
    company.name, company.tagline = "Bottega Manfredi", "Ceramics since 1961"
    company.email = "info@manfredi.example"
    session.commit()
    page = client.get("/workspaces/about", headers={"Accept-Language": "en"}).text
    for words in ("Bottega Manfredi", "Ceramics since 1961", company.primary_colour, f"Bottega {version('bottega')}"):
        assert words in page
    assert "/workspaces/about" in client.get("/en").text
    assert "Set-Cookie" not in client.get("/workspaces/about").headers


def test_strangers_find_no_project_where_the_house_says_nothing(client: FlaskClient, session: Session) -> None:
    project = public_project(session)
    assert client.get(address_of(project)).status_code == 404
    listed = client.get("/workspaces/")
    assert listed.status_code == 200
    assert project.name not in listed.text


@pytest.mark.usefixtures("strangers_read")
def test_strangers_read_public_projects_where_the_house_says_so(client: FlaskClient, session: Session) -> None:
    project = public_project(session)
    hidden = [public_project(session, visibility=each) for each in ("internal", "private")]
    listed = client.get("/workspaces/").text
    assert project.name in listed
    page = client.get(address_of(project))
    assert page.status_code == 200
    assert "Ada Neri" in page.text
    assert "no-store" in page.headers["Cache-Control"]
    for each in hidden:
        assert each.name not in listed
        assert client.get(address_of(each)).status_code == 404


@pytest.mark.usefixtures("strangers_read")
def test_strangers_never_see_an_e_mail_address(client: FlaskClient, session: Session) -> None:
    project = public_project(session)
    for path in ("/workspaces/", address_of(project), "/workspaces/about"):
        page = client.get(path).text
        body = page[page.index("<main") : page.index("</main>")]
        assert not ADDRESS.search(body), ADDRESS.search(body)
        assert not ADDRESS.search(re.sub(r"<[^>]+>", "", body))


@pytest.mark.usefixtures("strangers_read")
def test_signed_in_people_see_the_addresses(visit: Visit, session: Session) -> None:
    project, reader = public_project(session), visit("viewer")
    page = reader.browser.get(address_of(project)).text
    assert "ada@shop.bottega.it" in page
    assert "person" in page


def test_a_stranger_meets_the_same_at_a_private_project_and_at_none(client: FlaskClient, session: Session) -> None:
    project = public_project(session, visibility="private")
    there, nowhere = client.get(address_of(project)), client.get("/workspaces/no/thing/")
    assert (there.status_code, nowhere.status_code) == (404, 404)
    strip = re.compile(r'nonce="[^"]+"|value="[^"]+"|content="[^"]+"|/workspaces/[^"<]*')
    assert strip.sub("", there.text) == strip.sub("", nowhere.text)


@pytest.mark.parametrize("text", ["yes", "2", "-1"])
def test_the_setting_is_nought_or_one(settings: Settings, text: str) -> None:
    environment = {"BOTTEGA_ENV": "test", "BOTTEGA_INSTANCE": str(settings.instance)}
    assert Settings.from_environment(environment).public_projects is False
    assert Settings.from_environment(environment | {"WORKSPACES_PUBLIC": "1"}).public_projects is True
    with pytest.raises(SettingsError, match="WORKSPACES_PUBLIC"):
        Settings.from_environment(environment | {"WORKSPACES_PUBLIC": text})
