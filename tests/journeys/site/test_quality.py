"""All that the public site of the demo company must be: valid, accessible, well described, and of this host alone."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import House, Visitor
from tests.rooms.website.makers import show, write
from webapp.blueprints.discovery.services.indexing import make_index
from webapp.blueprints.website.queries.pages import find_home, get_page
from webapp.blueprints.website.services.pages import begin_text, create_page, delete_page
from webapp.core.db import db, transaction
from webapp.core.security import SYSTEM
from webapp.core.settings import PROJECT
from webapp.core.site import PublicPage, block_kinds, public_pages

VALIDATE = PROJECT / "node_modules/html-validate/bin/html-validate.mjs"
LINKED = re.compile(r'<link\s+rel="(canonical|alternate)"([^>]*)>')
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
META = re.compile(r'<meta\s+(?:name|property)="([^"]+)"\s+content="([^"]*)"')
DATA = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
BLOCK = re.compile(r'class="block block-([a-z]+)')
LONGEST_TITLE, LONGEST_DESCRIPTION = 80, 320
BLACK, WHITE = "rgb(0, 0, 0)", "rgb(255, 255, 255)"
# the colours of all texts that are seen, each with what it stands on
INKS = """() => {
  const seen = new Map();
  const behind = (each) => {
    if (!each) return "rgb(255, 255, 255)";
    const colour = getComputedStyle(each).backgroundColor;
    return colour === "rgba(0, 0, 0, 0)" ? behind(each.parentElement) : colour;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const each = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !each.checkVisibility()) continue;
    const pair = [getComputedStyle(each).color, behind(each)];
    seen.set(pair.join(), pair);
  }
  return [...seen.values()];
}"""
# what no list of pages names: found and not found, what comes after a form was sent, and no page at all
BESIDE: Mapping[str, Mapping[str, int]] = {
    "it": {"/it/cerca?q=piatto": 200, "/it/cerca?q=zzz": 200, "/it/moduli/su-misura/grazie": 200, "/it/zzz": 404},
    "en": {"/en/search?q=plate": 200, "/en/search?q=zzz": 200, "/en/forms/made-to-order/thanks": 200, "/en/zzz": 404},
}
DESCRIBED = {"og:title", "og:description", "og:image", "og:type", "og:url", "og:locale"}
TOLD = {
    "LocalBusiness",
    "PostalAddress",
    "OpeningHoursSpecification",
    "BreadcrumbList",
    "Product",
    "Offer",
    "NewsArticle",
}
Visit = Callable[..., Visitor]

# what search engines want of each type (schema.org; Google's required and recommended ones that we always know)
WANTED: Mapping[str, frozenset[str]] = {
    "LocalBusiness": frozenset({"name", "address"}),
    "Store": frozenset({"name", "address"}),
    "Product": frozenset({"name"}),
    "Offer": frozenset({"price", "priceCurrency"}),
    "Article": frozenset({"headline", "datePublished"}),
    "NewsArticle": frozenset({"headline", "datePublished"}),
    "BlogPosting": frozenset({"headline", "datePublished"}),
    "BreadcrumbList": frozenset({"itemListElement"}),
    "ListItem": frozenset({"position"}),
    "OpeningHoursSpecification": frozenset({"opens", "closes"}),
    "PostalAddress": frozenset({"addressLocality"}),
    "ImageObject": frozenset({"url"}),
    "Organization": frozenset({"name"}),
    "Person": frozenset({"name"}),
    "WebSite": frozenset({"name", "url"}),
}


@dataclass(frozen=True)
class Sent:
    """A page as it was sent."""

    page: PublicPage
    html: str

    @property
    def metas(self) -> dict[str, str]:
        return dict(META.findall(self.html))

    @property
    def links(self) -> dict[str, str]:
        """The canonical address, and those of the languages."""
        found = [(kind, dict(ATTRIBUTE.findall(rest))) for kind, rest in LINKED.findall(self.html)]
        return {each.get("hreflang", kind): each["href"] for kind, each in found if "type" not in each}

    @property
    def facts(self) -> list[dict[str, Any]]:
        graphs = [json.loads(each) for each in DATA.findall(self.html)]
        return [fact for graph in graphs for fact in graph.get("@graph", [graph])]


@pytest.fixture(scope="module")
def rare_blocks(house: House) -> Iterator[None]:
    """A page with the kinds of blocks that the demo company has no use for; the index knows all pages."""
    image, title = house.query("SELECT min(id) FROM media_images"), {"it": "Blocchi rari", "en": "Rare blocks"}

    def blocks(language: str) -> list[dict[str, Any]]:
        links = [
            {"text": f"{title[language]} {style}", "link": f"/{language}", "style": style}
            for style in ("main", "plain")
        ]
        notices = [{"title": tone, "text": "1 **2** [3](/it)", "tone": tone} for tone in ("info", "success", "warning")]
        rare = [
            *(("notice", notice) for notice in notices),
            ("image", {"title": title[language], "image": image, "caption": "**1**", "width": "narrow"}),
            ("image", {"title": "", "image": image, "caption": "", "width": "full"}),
            ("buttons", {"title": title[language], "buttons": links}),
            ("map", {"title": "", "picture": image}),
        ]
        return [{"id": f"b{number}", "kind": kind, "values": values} for number, (kind, values) in enumerate(rare)]

    with house.app.app_context(), transaction() as session:
        home = find_home(session)
        assert home
        page = create_page(session, by=SYSTEM, parent_id=home.id, language="it", title=title["it"])
        begin_text(session, by=SYSTEM, page=page, language="en", title=title["en"], blocks=[])
        for language in title:
            write(session, page, language, description="What stands on no other page.", blocks=blocks(language))
            show(session, page, language)
        make_index(session)
        number = page.id
    yield
    with house.app.app_context(), transaction() as session:
        page = get_page(session, number)
        delete_page(session, by=SYSTEM, page_id=page.id, version=page.version, with_below=True)
        make_index(session)


@pytest.fixture(scope="module")
def sent(house: House, rare_blocks: None) -> list[Sent]:
    """All public pages of the demo company, and one with the blocks that it has no use for."""
    with house.app.app_context():
        pages = list(public_pages(db.session()))
        db.session.remove()
    browser = house.app.test_client(use_cookies=False)
    answers = []
    for page in pages:
        answer = browser.get(page.path, base_url=house.address)
        assert answer.status_code == 200, f"{page.path}: {answer.status_code}"
        answers.append(Sent(page, answer.text))
    assert answers
    return answers


def one_of_each(house: House, sent: list[Sent], language: str) -> list[Sent]:
    """The fewest first pages of a language with every view and every kind of block, the start page first."""
    views = house.app.url_map.bind("")
    found, seen = [], set[str]()
    for each in sorted(sent, key=lambda each: each.page.path != f"/{language}"):
        parts = {str(views.match(each.page.path)[0]), *BLOCK.findall(each.html)}
        if each.page.language == language and not parts <= seen:
            seen |= parts
            found.append(each)
    with house.app.app_context():
        assert set(block_kinds()) <= seen, "put the kind of block that stands on no page into rare_blocks"
    return found


def test_the_html_of_every_public_page_is_valid(house: House, sent: list[Sent], tmp_path: Path) -> None:
    browser = house.app.test_client(use_cookies=False)
    htmls = {each.page.path: each.html for each in sent}
    for path, status in (BESIDE["it"] | BESIDE["en"]).items():
        answer = browser.get(path, base_url=house.address)
        assert answer.status_code == status, path
        htmls[path] = answer.text
    assert ["search-results" in htmls[path] for path in BESIDE["it"]] == [True, False, False, False]
    paths = list(htmls)
    for number, path in enumerate(paths):
        (tmp_path / f"{number:03}.html").write_text(htmls[path], "utf-8")
    report = tmp_path / "report.json"
    done = subprocess.run(
        ["node", str(VALIDATE), "--config", str(PROJECT / ".htmlvalidate.json"), "--formatter", f"json={report}", str(tmp_path)],
        capture_output=True, text=True, check=False, cwd=PROJECT,
    )  # fmt: skip
    assert report.exists(), done.stderr
    wrong = [
        f"{paths[int(Path(file['filePath']).stem)]}:{each['line']} {each['ruleId']}: {each['message']}"
        for file in json.loads(report.read_text("utf-8"))
        for each in file["messages"]
    ]
    assert not wrong, "\n".join(wrong[:60])


def test_every_public_page_says_what_it_is(sent: list[Sent]) -> None:
    wrong = defaultdict(list)
    for each in sent:
        path, metas, links = each.page.path, each.metas, each.links
        title = re.search(r"<title>(.*?)</title>", each.html, re.DOTALL)
        if not title or not 3 <= len(title[1].strip()) <= LONGEST_TITLE:
            wrong[path].append(f"title {title and title[1]!r}")
        if not 20 <= len(metas.get("description", "")) <= LONGEST_DESCRIPTION:
            wrong[path].append(f"description {metas.get('description')!r}")
        if "noindex" in metas.get("robots", ""):
            wrong[path].append("kept out of search engines though it is listed")
        if urlsplit(links.get("canonical", "")).path != path:
            wrong[path].append(f"canonical {links.get('canonical')!r}")
        if missing := DESCRIBED - metas.keys():
            wrong[path].append(f"without {sorted(missing)}")
        if len(re.findall(r"<h1[\s>]", each.html)) != 1:
            wrong[path].append("not one h1")
        if f'<html lang="{each.page.language}"' not in each.html:
            wrong[path].append("another language")
    assert dict(wrong) == {}


def test_no_two_pages_of_a_language_have_one_title(sent: list[Sent]) -> None:
    titles = Counter((each.page.language, each.page.title) for each in sent)
    assert {title: number for title, number in titles.items() if number > 1} == {}


def test_translations_name_each_other(sent: list[Sent]) -> None:
    by_path = {each.page.path: each for each in sent}
    wrong = []
    for path, each in by_path.items():
        for language, address in each.links.items():
            other = urlsplit(address).path
            if language in ("canonical", "x-default") or other == path:
                continue
            if other not in by_path:
                wrong.append(f"{path}: {language} leads to {other}, which is no public page")
            elif path not in {urlsplit(back).path for back in by_path[other].links.values()}:
                wrong.append(f"{path}: {other} does not lead back")
    assert not wrong, "\n".join(wrong[:60])


def things(fact: Any) -> Iterator[dict[str, Any]]:
    """All objects with a type inside a fact."""
    if isinstance(fact, list):
        for each in fact:
            yield from things(each)
    elif isinstance(fact, dict):
        if "@type" in fact:
            yield fact
        for each in fact.values():
            yield from things(each)


def part_addresses(thing: Mapping[str, Any]) -> list[str]:
    """The addresses of a fact that lack scheme and host."""
    named = [thing.get(name) for name in ("url", "item", "image", "logo")]
    found = [each for value in named for each in (value if isinstance(value, list) else [value])]
    return [each for each in found if isinstance(each, str) and not urlsplit(each).scheme]


def test_structured_data_have_what_search_engines_want(sent: list[Sent]) -> None:
    wrong, seen = [], set()
    for each in sent:
        for thing in things(each.facts):
            kinds = [thing["@type"]] if isinstance(thing["@type"], str) else thing["@type"]
            seen.update(kinds)
            wanted = frozenset().union(*(WANTED.get(kind, frozenset()) for kind in kinds))
            if missing := {name for name in wanted if thing.get(name) in (None, "", [])}:
                wrong.append(f"{each.page.path}: {kinds} without {sorted(missing)}")
            wrong += [
                f"{each.page.path}: {address} of {kinds} is no whole address" for address in part_addresses(thing)
            ]
    assert not wrong, "\n".join(wrong[:60])
    assert seen >= TOLD


def test_the_start_page_says_when_the_company_is_open(sent: list[Sent]) -> None:
    (start,) = (each for each in sent if each.page.path == "/it")
    (company,) = (fact for fact in start.facts if fact["@type"] == "LocalBusiness")
    assert {each["@type"] for each in company["openingHoursSpecification"]} == {"OpeningHoursSpecification"}


def test_the_pictures_that_stand_for_pages_are_pictures(house: House, sent: list[Sent]) -> None:
    browser = house.app.test_client(use_cookies=False)
    for address in {each.metas["og:image"] for each in one_of_each(house, sent, "en")}:
        with browser.get(address.removeprefix(house.address), base_url=house.address) as answer:
            assert (answer.status_code, answer.mimetype.partition("/")[0]) == (200, "image"), address


def test_breadcrumbs_are_counted_from_one(sent: list[Sent]) -> None:
    for each in sent:
        for fact in each.facts:
            if fact.get("@type") == "BreadcrumbList":
                places = fact["itemListElement"]
                assert [place["position"] for place in places] == list(range(1, len(places) + 1)), each.page.path
                assert urlsplit(places[-1]["item"]).path == each.page.path


@pytest.mark.parametrize(("phone", "language"), [(False, "en"), (True, "it")], ids=["desk", "phone"])
def test_one_of_each_is_accessible_fits_the_screen_and_asks_this_host_alone(
    visit: Visit, house: House, sent: list[Sent], phone: bool, language: str
) -> None:
    visitor = visit(phone=phone)
    visitor.refusals.add(404)
    hosts: set[str] = set()
    visitor.page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    wrong = []
    for path in [*(each.page.path for each in one_of_each(house, sent, language)), *BESIDE[language]]:
        visitor.go(path)
        if visitor.overflow > 0:
            wrong.append(f"{path} is {visitor.overflow} pixels wider than the screen")
        for theme, rules in (("light", ()), ("dark", ("color-contrast", "link-in-text-block"))):
            visitor.turn(theme)
            wrong += [f"{theme}: {each}" for each in visitor.violations(*rules)]
    assert not wrong, "\n".join(wrong[:60])
    assert hosts <= {urlsplit(house.address).netloc, ""}


def test_no_page_names_another_host_for_what_it_loads(sent: list[Sent]) -> None:
    loaded = re.compile(
        r'<(?:script|img|source|iframe|video|audio|use)\b[^>]*?\s(?:src|srcset|href)="((?:https?:)?//[^"]+)"'
    )
    assert {each.page.path: found for each in sent if (found := loaded.findall(each.html))} == {}


def test_a_page_is_printed_dark_on_white_without_the_menu_and_with_the_addresses_of_its_links(
    visit: Visit, sent: list[Sent]
) -> None:
    reader = visit(dark=True)
    reader.go(next(each.page.path for each in sent if (each.page.kind, each.page.language) == ("article", "en")))
    menu, link = reader.page.locator(".site-menu"), reader.page.locator("main p a[href^='/']").first
    expect(menu).to_be_visible()
    assert reader.page.evaluate(INKS) != [[BLACK, WHITE]]
    reader.page.emulate_media(media="print")
    expect(menu).to_be_hidden()
    for theme in ("auto", "dark"):
        reader.page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
        assert reader.page.evaluate(INKS) == [[BLACK, WHITE]], theme
    assert link.evaluate("link => getComputedStyle(link, '::after').content") == f'" ({link.get_attribute("href")})"'
