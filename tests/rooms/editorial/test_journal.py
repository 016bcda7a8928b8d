"""What people change in the other rooms of the site stands in the journal; what the house does by itself does not."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from flask import Flask
from flask_babel import force_locale
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.rooms.catalogue.makers import make_product
from tests.rooms.forms.makers import make_form
from tests.rooms.media.makers import file_of, make_image
from tests.rooms.news.makers import make_article
from tests.rooms.places.makers import make_site
from tests.rooms.push.conftest import make_message
from tests.rooms.shopfront.makers import make_good
from tests.rooms.website.makers import draft_of, make_home, make_page, show
from webapp.blueprints.consents.models import NoticeKind
from webapp.blueprints.consents.services import publish_notice
from webapp.blueprints.discovery.models import IndexedPage
from webapp.blueprints.discovery.services.promoting import promote_page, take_back_promotion
from webapp.blueprints.discovery.services.redirecting import delete_redirect, import_rows, save_redirect
from webapp.blueprints.editorial.models import JournalEntry
from webapp.blueprints.editorial.queries import DONE, PARTS
from webapp.blueprints.forms.models import FieldKind, Submission
from webapp.blueprints.forms.services.answering import delete_submission
from webapp.blueprints.forms.services.building import add_field, sort_fields, update_field
from webapp.blueprints.installed.queries import get_setting
from webapp.blueprints.installed.services.changing import update_setting
from webapp.blueprints.media.services.galleries import add_pictures, create_gallery, delete_gallery
from webapp.blueprints.media.services.images import tag_images, update_image
from webapp.blueprints.news.models import State
from webapp.blueprints.news.services.articles import ArticleValues, Plan, Wording, delete_article, update_article
from webapp.blueprints.news.services.bylines import AuthorValues, create_author
from webapp.blueprints.places.models import Site
from webapp.blueprints.places.services.hours import close_today, save_week
from webapp.blueprints.places.services.sites import delete_part, order_parts, save_site
from webapp.blueprints.push.models import MessageState
from webapp.blueprints.push.services.messages import stop_message
from webapp.blueprints.push.services.topics import delete_topic, save_topic
from webapp.blueprints.shopfront.queries.office import list_shelves
from webapp.blueprints.shopfront.services import (
    GoodValues,
    Text,
    arrange_product,
    hide_products,
    order_shelves,
    show_products,
)
from webapp.blueprints.website.services.drafts import begin_translation
from webapp.blueprints.website.services.pages import (
    arrange_pages,
    change_address,
    create_page,
    delete_page,
    move_page,
    put_page,
)
from webapp.core.clock import utc_now
from webapp.core.security import SYSTEM, Actor

ADA = Actor("Ada", 41, everything=True)
Fill = Callable[..., TestResponse]


def told(session: Session) -> list[tuple[str, str, str]]:
    """The journal from its beginning; what it calls things has words."""
    lines = list(session.scalars(select(JournalEntry).order_by(JournalEntry.id)))
    assert {line.by_name for line in lines} <= {"Ada"}
    assert all(line.part in PARTS and line.deed in DONE for line in lines)
    return [(line.part, line.deed, line.title) for line in lines]


def test_pages_that_strangers_do_not_see(session: Session) -> None:
    home = make_home(session)
    page = create_page(session, by=ADA, parent_id=home.id, language="en", title="Cups")
    begin_translation(session, by=ADA, page_id=page.id, language="it", title="Tazze", copy_from="en")
    other = make_page(session, "Plates")
    for slug in ("mugs", "mugs"):  # the second time it is there already
        change_address(session, by=ADA, page_id=page.id, language="en", slug=slug)
    for _again in range(2):
        arrange_pages(session, by=ADA, order=[other.id, page.id])
    move_page(session, by=ADA, page_id=page.id, direction="in")
    move_page(session, by=ADA, page_id=page.id, direction="out")
    put_page(session, by=ADA, page_id=page.id, parent_id=other.id, order=[other.id, page.id])
    delete_page(session, by=ADA, page_id=other.id, version=other.version, with_below=True)
    assert told(session) == [
        ("page", "created", "Cups"),
        ("page", "created", "Tazze"),
        ("page", "moved", "Cups"),
        ("page", "ordered", "Home"),
        *[("page", "moved", "Tazze")] * 3,
        ("page", "deleted", "Plates, Tazze"),
    ]
    paths = list(session.scalars(select(JournalEntry.path).order_by(JournalEntry.id)))
    assert paths == ["/en/cups", "/it/tazze", "/en/mugs", "/en", "/it/tazze", "/it/tazze", "/it/tazze", "/en/plates"]


def test_pages_that_strangers_see_move_from_one_address_to_another_and_are_deleted_in_one_line(
    session: Session,
) -> None:
    page, other = make_page(session, "Cups"), make_page(session, "Plates")
    show(session, page)
    session.execute(delete(JournalEntry))
    change_address(session, by=ADA, page_id=page.id, language="en", slug="mugs")
    put_page(session, by=ADA, page_id=page.id, parent_id=other.id)
    page = draft_of(session, page).page
    delete_page(session, by=ADA, page_id=page.id, version=page.version, with_below=False)
    assert told(session) == [
        ("page", "moved", "/en/cups"),
        ("page", "moved", "/en/mugs"),
        ("page", "deleted", "Cups"),
    ]


def test_addresses_that_move_with_an_article_or_a_product_have_a_person_beside_them(session: Session) -> None:
    article, good = make_article(session, "Kiln"), make_good(session)
    values = ArticleValues(words={"it": Wording("Forno", "forno", body="Testo.")})
    update_article(session, by=ADA, article_id=article.id, version=article.version, values=values)
    words = {"it": Text(slug="tazza")}
    arrange_product(session, by=ADA, product_id=good.product_id, version=good.version, values=GoodValues(words=words))
    assert [(part, deed) for part, deed, _title in told(session)] == [
        ("page", "moved"),
        ("article", "changed"),
        ("page", "moved"),
        ("product", "changed"),
    ]


def test_images_and_galleries(session: Session) -> None:
    image = make_image(session)
    update_image(session, by=ADA, image_id=image.id, version=image.version, values={"alt_en": "A cup"})
    gallery = create_gallery(session, by=ADA, name="Summer")
    for _again in range(2):  # the second time all of them are there
        add_pictures(session, by=ADA, gallery_id=gallery.id, images=[image.id])
    delete_gallery(session, by=ADA, gallery_id=gallery.id, version=gallery.version)
    assert told(session) == [
        ("image", "changed", "photo.png"),
        ("gallery", "created", "Summer"),
        ("gallery", "changed", "Summer"),
        ("gallery", "deleted", "Summer"),
    ]


def test_many_images_that_are_tagged_at_once_are_one_line(session: Session) -> None:
    images = [make_image(session, name=f"{name}.png", colour=(name, 1, 1)).id for name in (1, 2)]
    tag_images(session, by=ADA, image_ids=images, put=["blue"])
    tag_images(session, by=ADA, image_ids=images[:1], take=["blue"])
    tag_images(session, by=ADA, image_ids=[10**15], put=["blue"])
    assert told(session) == [("image", "changed", "2 images were changed."), ("image", "changed", "1.png")]


def test_files_that_are_sent_together_into_a_gallery_change_it_once(session: Session, fill: Fill) -> None:
    gallery = create_gallery(session, by=SYSTEM, name="Summer")
    session.commit()
    files = [(io.BytesIO(file_of((8, 8), colour=(shade, 1, 1))), f"{shade}.png") for shade in (1, 2, 3)]
    assert fill(f"/backoffice/site/images/upload?gallery={gallery.id}", {"files": files}).status_code == 303
    lines = session.execute(select(JournalEntry.part, JournalEntry.title).order_by(JournalEntry.id)).all()
    assert lines == [("image", "1.png"), ("gallery", "Summer"), ("image", "2.png"), ("image", "3.png")]


def test_articles_and_authors(session: Session) -> None:
    article = make_article(session, "Kiln", state=State.DRAFT)
    for plan in (Plan(State.PUBLISHED), None, Plan(State.DRAFT)):
        values = ArticleValues(words={}, plan=plan)
        article = update_article(session, by=ADA, article_id=article.id, version=article.version, values=values)
    delete_article(session, by=ADA, article_id=article.id, version=article.version)
    create_author(session, by=ADA, values=AuthorValues("Elena"))
    deeds = ("published", "changed", "taken off", "deleted")
    assert told(session) == [*(("article", deed, "Kiln it") for deed in deeds), ("author", "created", "Elena")]


def test_sites_and_their_hours(session: Session) -> None:
    first = make_site(session, main=True)
    site = save_site(session, by=ADA, values={"name_it": "Laboratorio", "name_en": "Workshop"})
    save_week(session, by=ADA, site_id=site.id, version=site.version, week=((),) * 7)
    closed = close_today(session, by=ADA, site_id=site.id, words={})
    order_parts(session, by=ADA, kind=Site, order=[site.id, first.id])
    number, version, day = site.id, site.version, closed.first
    session.flush()
    session.expunge_all()
    delete_part(session, by=ADA, kind=Site, number=number, version=version)
    assert told(session) == [
        ("site", "created", "Laboratorio"),
        ("hours", "changed", "Laboratorio"),
        ("hours", "created", f"Laboratorio: {day}"),
        ("site", "ordered", "Laboratorio, Bottega"),
        ("site", "deleted", "Laboratorio"),
    ]


def test_forms_with_their_fields(session: Session) -> None:
    form = make_form(session)
    words = {"it": {"label": "Nome"}, "en": {"label": "Name"}}
    field = add_field(session, by=ADA, form_id=form.id, kind=FieldKind.LINE, values={}, words=words)
    update_field(
        session, by=ADA, form_id=form.id, field_id=field.id, version=field.version, values={"required": True}, words=words
    )  # fmt: skip
    sort_fields(session, by=ADA, form_id=form.id, order=[field.id])
    assert told(session) == [("form", deed, form.name) for deed in ("changed", "changed", "ordered")]


def test_a_message_that_is_deleted_is_told_without_its_writer(session: Session) -> None:
    form = make_form(session)
    sent = Submission(form_id=form.id, language="it", sender_email="anna@people.example.com", answers=[])
    session.add(sent)
    session.flush()
    delete_submission(session, by=ADA, submission_id=sent.id, version=sent.version)
    assert told(session) == [("message", "deleted", f"{form.name} #{sent.id}")]


def test_products_that_are_shown_and_hidden(session: Session) -> None:
    product = make_product(session)
    show_products(session, by=ADA, product_ids=[product.id])
    show_products(session, by=ADA, product_ids=[product.id])
    hide_products(session, by=ADA, product_ids=[product.id])
    order_shelves(session, by=ADA, order=[shelf.id for shelf in list_shelves(session)])
    assert [(part, deed) for part, deed, _title in told(session)] == [
        ("product", "published"),
        ("product", "taken off"),
        ("category", "ordered"),
    ]


def test_redirects(session: Session) -> None:
    made = save_redirect(session, by=ADA, source="/old", target="/it/new", kind=301)
    delete_redirect(session, by=ADA, redirect_id=made.id, version=made.version)
    import_rows(session, by=ADA, content="from,to\n/a,/it/b\n/c,/it/d\n")
    assert told(session) == [
        ("redirect", "created", "/old → /it/new"),
        ("redirect", "deleted", "/old"),
        ("redirect", "created", "2 redirects"),
    ]


def test_promoted_results(session: Session) -> None:
    session.add(
        IndexedPage(path="/it", language="it", title="Home", kind="page", modified=utc_now(), fingerprint="", search="")
    )
    made = promote_page(session, by=ADA, words="Natale orari", path="/it")
    words = str(made)
    take_back_promotion(session, by=ADA, promotion_id=made.id)
    assert told(session) == [("promotion", "created", words), ("promotion", "deleted", words)]


def test_words_on_privacy_and_how_the_site_is_installed(session: Session) -> None:
    publish_notice(session, by=ADA, kind=NoticeKind.PRIVACY, texts={"it": "Poco."})
    update_setting(session, by=ADA, version=get_setting(session).version, values={})
    assert told(session) == [("words", "published", "privacy 1"), ("installed", "changed", "")]


def test_push_messages(session: Session) -> None:
    message = make_message(session)
    message.state = MessageState.SENDING.value
    stop_message(session, by=ADA, message_id=message.id)
    assert told(session) == [("push", "stopped", str(message))]


def test_topics_of_notifications(session: Session) -> None:
    topic = save_topic(session, by=ADA, values={"names": {"it": "Offerte"}})
    save_topic(session, by=ADA, values={"offered": False}, topic_id=topic.id, version=topic.version)
    delete_topic(session, by=ADA, topic_id=topic.id, version=topic.version)
    assert told(session) == [("topic", deed, "Offerte") for deed in ("created", "changed", "deleted")]


def test_in_italian_a_deed_has_no_gender_as_it_stands_beside_parts_of_both(app: Flask) -> None:
    with app.test_request_context("/"), force_locale("it"):
        words = [str(word) for word in DONE.values()]
    assert [word for word in words if re.search(r"[aiu]t[ao]$", word.split()[0])] == []


def test_what_the_house_does_by_itself_is_nobodys_deed(session: Session) -> None:
    create_gallery(session, by=SYSTEM, name="Summer")
    save_redirect(session, by=SYSTEM, source="/old", target="/it/new", kind=301)
    assert told(session) == []
