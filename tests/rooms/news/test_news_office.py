"""Those who write do so in the back office; what is public changes only by those who may publish."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.rooms.conftest import Fill, token_of
from tests.rooms.news.makers import make_article, make_author, make_tag
from webapp.blueprints.news.models import Article, ArticleRevision, ArticleTag, Author, State
from webapp.blueprints.news.permissions import NewsPermission as May
from webapp.blueprints.news.queries.office import KEPT_REVISIONS
from webapp.blueprints.news.services.articles import (
    ArticleValues,
    Plan,
    Wording,
    create_article,
    delete_article,
    update_article,
)
from webapp.core.company import get_company
from webapp.core.errors import NotAllowed
from webapp.core.events import listen
from webapp.core.security import SYSTEM, Actor
from webapp.core.site import PageMoved

URL = "/backoffice/site/news/"
WRITER = Actor("writer", permissions=frozenset({May.ARTICLES_READ, May.ARTICLES_WRITE}))
NAMES = ("title", "slug", "summary", "body")


def fields(**changes: str) -> dict[str, Any]:
    blank = {f"{name}_{language}": "" for name in NAMES for language in ("it", "en")}
    plan = {"picture_id": "", "state": "draft", "publish_at": "", "expires_at": ""}
    return blank | plan | {"title_it": "Olio nuovo", "body_it": "Arrivato."} | changes


@pytest.fixture
def moves(app: Flask) -> Any:
    """The pages that were said to have moved."""
    told: list[tuple[str, str]] = []
    listen(app, PageMoved, lambda _session, event: told.append((event.old_path, event.new_path)))
    yield told
    app.extensions["bottega_listeners"][PageMoved].pop()


def test_an_article_is_written_and_published_from_a_local_moment(session: Session, fill: Fill) -> None:
    answer = fill(f"{URL}new", fields(state="published", publish_at="2026-07-01T09:30"))
    article = session.query(Article).one()
    assert answer.status_code == 303
    assert answer.location.endswith(f"{URL}{article.id}/")
    assert article.publish_at.isoformat() == "2026-07-01T07:30:00+00:00"
    assert list(article.words) == ["it"]
    assert article.words["it"].slug == "olio-nuovo"


def test_published_without_a_date_means_now(session: Session, fill: Fill, client: FlaskClient) -> None:
    fill(f"{URL}new", fields(state="published"))
    assert client.get("/it/notizie/olio-nuovo").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"title_it": ""}, "title_it", "A text in this language needs a title too."),
        ({"title_it": "", "body_it": "", "summary_it": ""}, "title_it", "Write a title, in one language at least."),
        ({"title_it": "x" * 201}, "title_it", "Field cannot be longer than 200 characters."),
        ({"slug_it": "!!"}, "slug_it", "Write the address in letters and digits, or leave it empty."),
        ({"slug_it": "taken-it"}, "slug_it", "Another article has this address."),
        ({"body_it": "", "state": "published"}, "body_it", "A published article needs its text."),
        ({"publish_at": "2026-07-02T00:00", "expires_at": "2026-07-01T00:00"}, "expires_at", "It must end after"),
        ({"publish_at": "0001-01-01T00:00"}, "publish_at", "This is not a date."),
        ({"publish_at": "tomorrow"}, "publish_at", "Not a valid datetime value."),
        ({"state": "alien"}, "state", "Not a valid choice."),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    session: Session, fill: Fill, wrong: dict[str, str], field: str, sentence: str
) -> None:
    make_article(session, "Taken")
    answer = fill(f"{URL}new", fields(**{"summary_it": "Kept words"} | wrong))
    assert answer.status_code == 422
    assert sentence in answer.text.split(f'id="{field}-problem"')[1][:300]
    assert ("Kept words" in answer.text) is ("summary_it" not in wrong)
    assert session.query(Article).count() == 1


@pytest.mark.parametrize(
    "wrong", [{"picture_id": "999999"}, {"picture_id": "x"}, {"author_ids": "999999"}, {"tag_ids": "7"}]
)
def test_what_is_not_there_cannot_be_chosen(session: Session, fill: Fill, wrong: dict[str, str]) -> None:
    assert fill(f"{URL}new", fields(**wrong)).status_code == 422
    assert session.query(Article).count() == 0


def test_the_same_title_twice_gives_two_addresses(session: Session, fill: Fill) -> None:
    for _ in range(3):
        assert fill(f"{URL}new", fields()).status_code == 303
    slugs = sorted(article.words["it"].slug for article in session.query(Article))
    assert slugs == ["olio-nuovo", "olio-nuovo-2", "olio-nuovo-3"]


def test_a_form_of_one_language_leaves_the_other_as_it_is(session: Session, fill: Fill) -> None:
    article = make_article(session, "Both", state=State.DRAFT)
    get_company(session).languages = "it"
    session.commit()
    assert "title_en" not in fill(f"{URL}{article.id}/edit", {"title_it": ""}).text
    assert fill(f"{URL}{article.id}/edit", fields(version=str(article.version))).status_code == 303
    session.expire_all()
    assert {language: words.title for language, words in article.words.items()} == {"it": "Olio nuovo", "en": "Both"}


def test_the_second_of_two_editors_is_told_and_loses_nothing(session: Session, fill: Fill) -> None:
    article = make_article(session, "Mine", state=State.DRAFT)
    seen = str(article.version)
    first = fill(f"{URL}{article.id}/edit", fields(title_it="Primo", version=seen))
    second = fill(f"{URL}{article.id}/edit", fields(title_it="Secondo", version=seen))
    assert (first.status_code, second.status_code) == (303, 409)
    assert "Primo" in second.text
    assert 'value="Secondo"' in second.text


def test_who_may_not_publish_touches_drafts_only(session: Session) -> None:
    public, draft = make_article(session, "Public"), make_article(session, "Draft", state=State.DRAFT)
    values = ArticleValues(words={"en": Wording("Changed", body="x")})
    update_article(session, by=WRITER, article_id=draft.id, version=draft.version, values=values)
    with pytest.raises(NotAllowed):
        update_article(session, by=WRITER, article_id=public.id, version=public.version, values=values)
    with pytest.raises(NotAllowed):
        delete_article(session, by=WRITER, article_id=public.id, version=public.version)
    published = ArticleValues(words=values.words, plan=Plan(State.PUBLISHED))
    with pytest.raises(NotAllowed):
        create_article(session, by=WRITER, values=published)
    with pytest.raises(NotAllowed):
        update_article(session, by=WRITER, article_id=draft.id, version=draft.version, values=published)


def test_a_new_address_of_a_published_article_is_told(session: Session, moves: list[tuple[str, str]]) -> None:
    article = make_article(session, "Old name")
    words = {"en": Wording("Old name", slug="new-name", body="x")}
    update_article(session, by=SYSTEM, article_id=article.id, version=article.version, values=ArticleValues(words))
    assert moves == [("/en/news/old-name", "/en/news/new-name")]
    draft = make_article(session, "Draft", state=State.DRAFT)
    update_article(session, by=SYSTEM, article_id=draft.id, version=draft.version, values=ArticleValues(words | {
        "en": Wording("Draft", slug="other", body="x")
    }))  # fmt: skip
    assert len(moves) == 1


def test_versions_are_compared_and_restored(session: Session, fill: Fill, moves: list[tuple[str, str]]) -> None:
    author, tag = make_author(session, "Caterina"), make_tag(session)
    article = make_article(session, "First", author_ids=(author.id,), tag_ids=(tag.id,))
    then = article.version
    words = {"en": Wording("Second", slug="second", body="Other text")}
    update_article(session, by=SYSTEM, article_id=article.id, version=then, values=ArticleValues(words))
    session.commit()
    page = fill(f"{URL}{article.id}/versions/{then}/restore", {"version": "0"})
    assert page.status_code == 409
    moves.clear()
    answer = fill(f"{URL}{article.id}/versions/{then}/restore", {"version": str(article.version)})
    assert answer.status_code == 303
    session.expire_all()
    assert (article.words["en"].title, article.words["en"].body) == ("First", "Some **bold** text.")
    assert article.words["en"].slug == "second"
    assert [byline.author_id for byline in article.bylines] == [author.id]
    assert article.tags == [tag]
    assert moves == []
    assert session.query(ArticleRevision).filter_by(article_id=article.id).count() == 3


def test_a_comparison_names_what_differs(session: Session, sign_in: Any) -> None:
    article = make_article(session, "First")
    then = article.version
    words = {"en": Wording("Second", slug="first", body="<b>Other</b>")}
    update_article(session, by=SYSTEM, article_id=article.id, version=then, values=ArticleValues(words))
    session.commit()
    page = sign_in("viewer").get(f"{URL}{article.id}/versions/{then}", headers={"Accept-Language": "en"}).text
    assert "<del>Some **bold** text.</del><ins>&lt;b&gt;Other&lt;/b&gt;</ins>" in page
    assert "/restore" not in page
    assert sign_in("viewer").get(f"{URL}{article.id}/versions/99").status_code == 404


def test_only_the_last_versions_are_kept(session: Session) -> None:
    article = make_article(session, "First")
    for number in range(KEPT_REVISIONS + 3):
        words = {"en": Wording(f"T{number}", slug="t", body="x")}
        update_article(session, by=SYSTEM, article_id=article.id, version=article.version, values=ArticleValues(words))
    kept = session.query(ArticleRevision).filter_by(article_id=article.id)
    assert kept.count() == KEPT_REVISIONS
    assert max(each.number for each in kept) == article.version


def test_authors_are_written_and_one_with_articles_stays(session: Session, fill: Fill, moves: Any) -> None:
    about = {"about_it": "Dipinge", "about_en": "", "picture_id": ""}
    assert fill(f"{URL}authors/new", {"name": "Ada Rossi", "slug": "", **about}).status_code == 303
    author = session.query(Author).one()
    assert (author.slug, author.about["it"]) == ("ada-rossi", "Dipinge")
    other = fill(f"{URL}authors/new", {"name": "Other", "slug": "ada-rossi", **about})
    assert "Another author has this address." in other.text
    make_article(session, author_ids=(author.id,))
    gone = fill(f"{URL}authors/{author.id}/delete", {"version": str(author.version)})
    assert gone.status_code == 409
    changed = {"name": "Ada Rossi", "slug": "ada", "version": str(author.version), **about}
    assert fill(f"{URL}authors/{author.id}/edit", changed).status_code == 303
    assert ("/it/notizie/autore/ada-rossi", "/it/notizie/autore/ada") in moves


def test_tags_are_written_and_taken_off_articles(session: Session, fill: Fill, moves: Any) -> None:
    names = {"name_it": "Vino", "slug_it": "", "name_en": "", "slug_en": ""}
    assert fill(f"{URL}tags/new", names).status_code == 303
    tag = session.query(ArticleTag).one()
    assert (list(tag.words), tag.words["it"].slug) == (["it"], "vino")
    assert fill(f"{URL}tags/new", names | {"slug_it": "vino"}).status_code == 422
    assert fill(f"{URL}tags/new", names | {"name_it": ""}).status_code == 422
    article = make_article(session, tag_ids=(tag.id,))
    changed = names | {"name_it": "Vini", "slug_it": "vini", "version": str(tag.version)}
    assert fill(f"{URL}tags/{tag.id}/edit", changed).status_code == 303
    assert moves == [("/it/notizie/tema/vino", "/it/notizie/tema/vini")]
    session.expire_all()
    assert fill(f"{URL}tags/{tag.id}/delete", {"version": str(tag.version)}).status_code == 303
    session.expire_all()
    assert article.tags == []


def test_articles_are_found_by_the_words_of_every_language(session: Session, sign_in: Any) -> None:
    make_article(session, "Olive oil")
    make_article(session, "Wine", state=State.DRAFT)
    browser = sign_in("viewer")
    assert "Olive oil it" in browser.get(f"{URL}?q=oil").text
    assert "Wine it" not in browser.get(f"{URL}?q=oil").text
    assert "Wine it" in browser.get(f"{URL}?standing=draft&sort=title").text
    assert "Olive oil it" not in browser.get(f"{URL}?standing=draft").text
    assert browser.get(f"{URL}?format=csv&sort=-publish_at").status_code == 200
    assert browser.get(f"{URL}authors/").status_code == 200
    assert browser.get(f"{URL}tags/").status_code == 200


@pytest.mark.parametrize(
    "path", ["new", "{id}/edit", "{id}/delete", "authors/new", "tags/new", "{id}/versions/1/restore"]
)
def test_writing_is_refused_to_viewers_and_strangers(
    session: Session, sign_in: Any, client: FlaskClient, path: str
) -> None:
    article = make_article(session, "Untouched")
    where, viewer = URL + path.format(id=article.id), sign_in("viewer")
    assert viewer.post(where, data={**fields(), "csrf_token": token_of(viewer)}).status_code == 403
    assert client.post(where, data=fields()).status_code in (302, 303, 400, 401)
    assert client.get(URL).status_code in (302, 303, 401)
    session.expire_all()
    assert session.query(Article).one().title == "Untouched it"
