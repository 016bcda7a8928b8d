"""The forms of articles, authors and tags: what is said in words, once in each language of the company."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateTimeLocalField, Field, SelectField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from webapp.blueprints.news.models import (
    LONGEST_BODY,
    LONGEST_NAME,
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    Article,
    ArticleTag,
    Author,
    State,
)
from webapp.blueprints.news.queries.office import STATES
from webapp.blueprints.news.services.articles import ArticleValues, Plan, Wording
from webapp.blueprints.news.services.bylines import AuthorValues, TagName
from webapp.core.company import LANGUAGES
from webapp.core.forms import CleanField, LinesField, NumbersField, RecordForm, choices_of
from webapp.core.slugs import LONGEST_SLUG

LONGEST_ABOUT = 600


class ManyField(NumbersField):
    """Several of the offered records, by their numbers; what is not offered (any more) cannot be chosen."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.choices: list[tuple[int, str]] = []

    def pre_validate(self, form: Any) -> None:
        """Raise ValidationError for what is not offered."""
        del form
        if set(self.data or ()) - {number for number, _label in self.choices}:
            raise ValidationError(_("Not a valid choice."))

    def _value(self) -> str:
        return labels_of(self.choices, self.data or ())


class ArticleForm(RecordForm):
    """An article as people edit it. The times are the company's; who may not publish finds no plan."""

    title_it = CleanField(_l("Title in Italian"), [Length(max=LONGEST_TITLE)])
    slug_it = CleanField(_l("Address in Italian"), [Length(max=LONGEST_SLUG)])
    summary_it = LinesField(_l("Summary in Italian"), LONGEST_SUMMARY)
    body_it = LinesField(_l("Text in Italian"), LONGEST_BODY)
    title_en = CleanField(_l("Title in English"), [Length(max=LONGEST_TITLE)])
    slug_en = CleanField(_l("Address in English"), [Length(max=LONGEST_SLUG)])
    summary_en = LinesField(_l("Summary in English"), LONGEST_SUMMARY)
    body_en = LinesField(_l("Text in English"), LONGEST_BODY)
    picture_id = NumbersField(_l("Picture"))
    author_ids = ManyField(_l("Authors"))
    tag_ids = ManyField(_l("Tags"))
    state = SelectField(_l("State"), choices=choices_of(STATES), default=State.DRAFT.value)
    publish_at = DateTimeLocalField(_l("Published from"), [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
    expires_at = DateTimeLocalField(_l("Until"), [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])

    def __init__(
        self,
        *,
        languages: tuple[str, ...],
        zone: ZoneInfo,
        authors: list[tuple[int, str]],
        tags: list[tuple[int, str]],
        publishing: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.languages, self.zone = languages, zone
        self.author_ids.choices, self.tag_ids.choices = authors, tags
        for language in set(LANGUAGES) - set(languages):
            for name in ("title", "slug", "summary", "body"):
                delattr(self, f"{name}_{language}")
        if not publishing:
            for name in ("state", "publish_at", "expires_at"):
                delattr(self, name)

    @classmethod
    def of(cls, article: Article, *, zone: ZoneInfo, **kwargs: Any) -> ArticleForm:
        """The form of a stored article; what was submitted goes before what is stored unless `formdata` is None."""
        stored: dict[str, Any] = {
            "version": article.version,
            "picture_id": [article.picture_id] if article.picture_id else [],
            "author_ids": [byline.author_id for byline in article.bylines],
            "tag_ids": [tag.id for tag in article.tags],
            "state": article.state,
            "publish_at": _local(article.publish_at, zone),
            "expires_at": _local(article.expires_at, zone),
        }
        for language, words in article.words.items():
            for name in ("title", "slug", "summary", "body"):
                stored[f"{name}_{language}"] = getattr(words, name)
        return cls(zone=zone, data=stored, **kwargs)

    def validate_publish_at(self, field: Field) -> None:
        """A year that people write."""
        _check_year(field)

    def validate_expires_at(self, field: Field) -> None:
        """A year that people write."""
        _check_year(field)

    def values(self) -> ArticleValues:
        """The article as it was typed."""
        plan = None
        if "state" in self:
            times = (self._moment(self.publish_at.data), self._moment(self.expires_at.data))
            plan = Plan(State(self.state.data), *times)
        return ArticleValues(
            words={
                language: Wording(
                    **{name: self[f"{name}_{language}"].data or "" for name in ("title", "slug", "summary", "body")}
                )
                for language in self.languages
            },
            picture_id=self.picture_id.number,
            author_ids=self.author_ids.numbers,
            tag_ids=self.tag_ids.numbers,
            plan=plan,
        )

    def _moment(self, typed: dt.datetime | None) -> dt.datetime | None:
        return typed.replace(tzinfo=self.zone).astimezone(dt.UTC) if typed else None


class AuthorForm(RecordForm):
    """An author as people edit them."""

    name = CleanField(_l("Name"), [DataRequired(), Length(max=LONGEST_NAME)])
    slug = CleanField(_l("Address"), [Length(max=LONGEST_SLUG)])
    about_it = LinesField(_l("A few words in Italian"), LONGEST_ABOUT)
    about_en = LinesField(_l("A few words in English"), LONGEST_ABOUT)
    picture_id = NumbersField(_l("Picture"))

    def __init__(self, *, languages: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.languages = languages
        for language in set(LANGUAGES) - set(languages):
            delattr(self, f"about_{language}")

    @classmethod
    def of(cls, author: Author, **kwargs: Any) -> AuthorForm:
        """The form of a stored author; what was submitted goes before what is stored unless `formdata` is None."""
        stored = {
            "version": author.version,
            "name": author.name,
            "slug": author.slug,
            "picture_id": [author.picture_id] if author.picture_id else [],
        }
        return cls(data=stored | {f"about_{code}": words for code, words in author.about.items()}, **kwargs)

    def values(self) -> AuthorValues:
        """The author as they were typed."""
        return AuthorValues(
            name=self.name.data,
            slug=self.slug.data or "",
            about={language: self[f"about_{language}"].data or "" for language in self.languages},
            picture_id=self.picture_id.number,
        )


class TagForm(RecordForm):
    """A tag as people edit it."""

    name_it = CleanField(_l("Name in Italian"), [Length(max=LONGEST_NAME)])
    slug_it = CleanField(_l("Address in Italian"), [Length(max=LONGEST_SLUG)])
    name_en = CleanField(_l("Name in English"), [Length(max=LONGEST_NAME)])
    slug_en = CleanField(_l("Address in English"), [Length(max=LONGEST_SLUG)])

    def __init__(self, *, languages: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.languages = languages
        for language in set(LANGUAGES) - set(languages):
            delattr(self, f"name_{language}")
            delattr(self, f"slug_{language}")

    @classmethod
    def of(cls, tag: ArticleTag, **kwargs: Any) -> TagForm:
        """The form of a stored tag; what was submitted goes before what is stored unless `formdata` is None."""
        stored: dict[str, Any] = {"version": tag.version}
        for language, words in tag.words.items():
            stored |= {f"name_{language}": words.name, f"slug_{language}": words.slug}
        return cls(data=stored, **kwargs)

    def values(self) -> Mapping[str, TagName]:
        """The names as they were typed."""
        return {
            language: TagName(self[f"name_{language}"].data or "", self[f"slug_{language}"].data or "")
            for language in self.languages
        }


def labels_of(choices: Iterable[tuple[int, str]], numbers: Iterable[int]) -> str:
    """The names of the chosen ones among the offered, in words."""
    wanted = set(numbers)
    return ", ".join(label for number, label in choices if number in wanted)


def _local(moment: dt.datetime | None, zone: ZoneInfo) -> dt.datetime | None:
    return moment.astimezone(zone).replace(tzinfo=None) if moment else None


def _check_year(field: Field) -> None:
    if field.data and not 1970 <= field.data.year < 3000:
        raise ValidationError(_("This is not a date."))
