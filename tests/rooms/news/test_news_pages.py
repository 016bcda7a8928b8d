"""The public reads what is live, in its language, at clean addresses, and programs read the feed."""

from __future__ import annotations

import datetime as dt
import json
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.rooms.news.makers import HOUR, make_article, make_author, make_tag
from webapp.blueprints.news.models import State
from webapp.blueprints.news.queries.site import find_story, next_change, opens_path
from webapp.blueprints.news.services.articles import Wording
from webapp.blueprints.news.services.previews import preview_token
from webapp.blueprints.news.views.site import list_public_pages
from webapp.core.clock import utc_now
from webapp.core.company import get_company
from webapp.core.sealing import seal
from webapp.core.site import block_kinds

SECOND = dt.timedelta(seconds=1)


def test_an_article_has_a_page_in_each_of_its_languages(session: Session, client: FlaskClient) -> None:
    make_article(session, "Olive oil")
    page = client.get("/en/news/olive-oil")
    assert page.status_code == 200
    assert "<h1>Olive oil</h1>" in page.text
    assert "Some <strong>bold</strong> text." in page.text
    assert 'hreflang="it"' in page.text
    assert "http://localhost/it/notizie/olive-oil-it" in page.text
    assert client.get("/it/notizie/olive-oil-it").status_code == 200
    assert client.get("/it/notizie/olive-oil").status_code == 404


def test_an_article_in_one_language_is_not_there_in_the_other(session: Session, client: FlaskClient) -> None:
    make_article(session, words={"it": Wording("Solo qui", body="Testo")})
    assert "Solo qui" in client.get("/it/notizie").text
    assert "Solo qui" not in client.get("/en/news").text
    assert client.get("/en/news/solo-qui").status_code == 404
    assert 'hreflang="en"' not in client.get("/it/notizie/solo-qui").text


def test_a_language_that_the_company_has_not_is_not_there(session: Session, client: FlaskClient) -> None:
    make_article(session, "Olive oil")
    get_company(session).languages = "it"
    session.commit()
    assert client.get("/it/notizie").status_code == 200
    assert client.get("/en/news").status_code == 404
    assert client.get("/en/news/rss.xml").status_code == 404
    assert {page.language for page in list_public_pages(session)} == {"it"}


def test_an_article_is_there_from_its_moment_until_before_its_end(session: Session) -> None:
    begin = utc_now() + HOUR
    article = make_article(session, "Later", publish_at=begin, expires_at=begin + HOUR)
    seen = {
        moment: find_story(session, "en", "later", at=moment) is not None
        for moment in (begin - SECOND, begin, begin + HOUR - SECOND, begin + HOUR)
    }
    assert list(seen.values()) == [False, True, True, False]
    assert next_change(session, at=begin - SECOND) == begin
    assert next_change(session, at=begin) == article.expires_at


@pytest.mark.parametrize("changes", [{"state": State.DRAFT}, {"publish_at": utc_now() + 24 * HOUR}])
def test_what_is_not_live_is_nowhere(session: Session, client: FlaskClient, changes: dict[str, object]) -> None:
    make_article(session, "Secret", **changes)
    assert client.get("/en/news/secret").status_code == 404
    assert "Secret" not in client.get("/en/news").text
    assert "Secret" not in client.get("/en/news/rss.xml").text
    assert list(list_public_pages(session)) == []


def test_the_facts_for_search_engines_name_authors_publisher_and_dates(session: Session, client: FlaskClient) -> None:
    author = make_author(session, "Caterina")
    tag = make_tag(session, "Ceramica", "Ceramics")
    article = make_article(session, "Carnation </script>", author_ids=(author.id,), tag_ids=(tag.id,))
    page = client.get("/en/news/carnation-script").text
    graph = json.loads(page.split('<script type="application/ld+json">')[1].split("</script>")[0])["@graph"]
    facts = next(each for each in graph if each["@type"] == "NewsArticle")
    assert facts["headline"] == "Carnation </script>"
    assert facts["author"][0]["url"] == "http://localhost/en/news/author/caterina"
    assert facts["datePublished"] == article.publish_at.isoformat()
    assert facts["publisher"]["name"]
    assert facts["keywords"] == ["Ceramics"]
    assert [each["@type"] for each in graph][-1] == "BreadcrumbList"
    assert 'property="og:type" content="article"' in page


def test_lists_by_tag_author_and_year_hold_their_own_articles(session: Session, client: FlaskClient) -> None:
    author, tag = make_author(session, "Pietro", about={"en": "Knows every maker"}), make_tag(session, "Vino", "Wine")
    make_article(session, "Mine", author_ids=(author.id,), tag_ids=(tag.id,))
    make_article(session, "Other", publish_at=dt.datetime(2019, 12, 31, 23, 30, tzinfo=dt.UTC))
    for path in ("/en/news/topic/wine", "/en/news/author/pietro"):
        page = client.get(path).text
        assert ">Mine</a>" in page
        assert ">Other</a>" not in page
    assert "Knows every maker" in client.get("/en/news/author/pietro").text
    assert client.get("/it/notizie/tema/vino").status_code == 200
    assert ">Other</a>" in client.get("/en/news/year/2020").text  # half past midnight in Faenza
    assert ">Other</a>" not in client.get("/en/news/year/2019").text


@pytest.mark.parametrize(
    "path", ["topic/none", "author/none", "year/0000", "year/9999", "year/20", "none", "preview/none", "%00", "a%00b"]
)
def test_addresses_that_are_none_are_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(f"/en/news/{path}").status_code == 404


@pytest.mark.parametrize("asked", ["0", "-1", "2", "x", "9" * 30, "1.5", "²", ""])
def test_pages_that_are_none_are_not_found(session: Session, client: FlaskClient, asked: str) -> None:
    make_article(session)
    assert client.get(f"/en/news?page={asked}").status_code == 404


def test_long_lists_have_pages(session: Session, client: FlaskClient) -> None:
    for number in range(13):
        make_article(session, f"N{number:02}", publish_at=utc_now() - (number + 1) * HOUR)
    first, second = client.get("/en/news").text, client.get("/en/news?page=2").text
    assert ">N00</a>" in first
    assert ">N12</a>" not in first
    assert 'rel="next" href="/en/news?page=2"' in " ".join(first.split())
    assert ">N12</a>" in second
    assert '<link rel="canonical" href="http://localhost/en/news?page=2" />' in second


def test_the_feed_is_rss_with_whole_addresses(session: Session, client: FlaskClient) -> None:
    author = make_author(session, "Pietro & co")
    body = "See [our oils](/en/products), a <b>tag</b> and info@example.org \x0b"
    words = {"en": Wording("A & B <c>", summary="Short", body=body)}
    article = make_article(session, words=words, author_ids=(author.id,))
    answer = client.get("/en/news/rss.xml")
    assert answer.content_type == "application/rss+xml; charset=utf-8"
    root = ET.fromstring(answer.text)  # noqa: S314 - our own
    channel = root.find("channel")
    assert root.attrib == {"version": "2.0"}
    assert [channel.findtext(each) for each in ("link", "language")] == ["http://localhost/en/news", "en-gb"]
    assert channel.findtext("description")
    item = channel.find("item")
    assert item.findtext("title") == "A & B <c>"
    assert item.findtext("link") == "http://localhost/en/news/a-b-c"
    assert parsedate_to_datetime(item.findtext("pubDate")) == article.publish_at.replace(microsecond=0)
    content = item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded")
    assert 'href="http://localhost/en/products"' in content
    assert "info@example.org" in content
    assert "<b>" not in content
    assert item.findtext("{http://purl.org/dc/elements/1.1/}creator") == "Pietro & co"


def test_every_page_of_the_site_names_the_feed_and_keeps_no_stranger(client: FlaskClient) -> None:
    answer = client.get("/it/notizie")
    assert 'type="application/rss+xml"' in answer.text
    assert "http://localhost/it/notizie/rss.xml" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_a_preview_shows_a_draft_to_whoever_has_the_link_until_it_expires(
    session: Session, client: FlaskClient
) -> None:
    article = make_article(session, "Secret", state=State.DRAFT)
    page = client.get(f"/en/news/preview/{preview_token(article.id)}")
    assert page.status_code == 200
    assert "Some <strong>bold</strong> text." in page.text
    assert "noindex" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    over = seal(f"{article.id} {int((utc_now() - SECOND).timestamp())}", purpose="preview of an article")
    assert client.get(f"/en/news/preview/{over}").status_code == 404
    other = seal(f"{article.id} 99999999999", purpose="something else")
    assert client.get(f"/en/news/preview/{other}").status_code == 404


def test_pages_are_listed_for_those_who_find_them(session: Session, client: FlaskClient) -> None:
    author, tag = make_author(session, "Pietro"), make_tag(session, "Vino", "Wine")
    make_article(session, "Mine", author_ids=(author.id,), tag_ids=(tag.id,))
    pages = {page.path: page for page in list_public_pages(session)}
    assert pages["/en/news/mine"].kind == "article"
    assert pages["/en/news/mine"].others["it"] == "/it/notizie/mine-it"
    assert pages["/en/news/mine"].text == "Some bold text."
    assert len(pages) == 10
    assert {path: client.get(path).status_code for path in pages} == dict.fromkeys(pages, 200)


def test_a_path_is_looked_up_by_itself(session: Session) -> None:
    author, tag = make_author(session, "Pietro"), make_tag(session, "Vino", "Wine")
    make_article(session, "Mine", author_ids=(author.id,), tag_ids=(tag.id,))
    make_tag(session, "Olio", "Oil")
    make_author(session, "Nobody")
    make_article(session, "Later", publish_at=utc_now() + HOUR)
    listed = {page.path for page in list_public_pages(session)}
    assert {path for path in listed if opens_path(session, path)} == listed
    others = (
        "later",
        "topic/oil",
        "author/nobody",
        "year/1970",
        "year/1969",
        "year/٢٠٢٦",
        "topic",
        "topic/wine/x",
        "",
        "mine-it",
    )
    assert [path for path in others if opens_path(session, f"/en/news/{path}")] == []
    assert [path for path in ("/en/newspaper", "/en", "/", "", "/de/news") if opens_path(session, path)] == []


def test_without_articles_there_is_no_list_of_them(session: Session) -> None:
    make_article(session, "Draft", state=State.DRAFT)
    assert not opens_path(session, "/en/news")


def test_a_page_with_a_block_of_news_says_until_when_it_is_true(app: Flask, session: Session) -> None:
    make_article(session, "There")
    coming = utc_now() + HOUR
    make_article(session, "Coming", publish_at=coming)
    block = block_kinds()["news"]
    with app.test_request_context("/en"):
        assert block.context
        shown = block.context(session, {"count": 3}, "en")["stories"]
        assert [story.title for story in shown] == ["There"]
        assert g.bottega_holds == coming
