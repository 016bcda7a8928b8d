"""The page on which the owner edits the company profile, and closes the public site for a while."""

from __future__ import annotations

from typing import Any

from babel import Locale
from flask import Blueprint, Flask, g, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.wrappers import Response
from wtforms import (
    BooleanField,
    ColorField,
    EmailField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.core.company import LANGUAGES, LOGO_BYTES, ProfileWrong, currencies, time_zones, update_company
from webapp.core.contrast_advice import advise
from webapp.core.db import transaction
from webapp.core.errors import EditConflict
from webapp.core.forms import AmountField, Between, LinesField, RecordForm, choices_of, submit
from webapp.core.maintenance import LONGEST_MINUTES, LONGEST_WORDS, close_site, end_after, open_site
from webapp.core.security import CorePermission, current_actor, public, requires
from webapp.core.shell import LANGUAGE_NAMES
from webapp.core.typography import FONTS, SCALES
from webapp.core.web import done, show

pages = Blueprint("company", __name__, url_prefix="/backoffice/company")
TEXTS = (
    "name",
    "tagline",
    "about",
    "tagline_en",
    "about_en",
    "street",
    "postcode",
    "city",
    "country",
    "vat_number",
    "email",
    "phone",
    "time_zone",
    "currency",
    "primary_colour",
    "accent_colour",
    "type_scale",
    "heading_font",
    "text_font",
)


class LanguagesField(SelectMultipleField):
    """Checkboxes for the languages; the value is the list of their codes in the house's order."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class CompanyForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """The company profile as the owner edits it; what is right is known by `webapp.core.company`."""

    class Meta:
        """The application protects every write itself."""

        csrf = False

    version = HiddenField()
    name = StringField(_l("Name"))
    tagline = StringField(_l("Tagline"))
    about = TextAreaField(_l("About the company"))
    tagline_en = StringField(_l("Tagline in English"))
    about_en = TextAreaField(_l("About the company in English"))
    street = StringField(_l("Street and number"))
    postcode = StringField(_l("Postcode"))
    city = StringField(_l("City"))
    country = StringField(_l("Country"))
    vat_number = StringField(_l("VAT number"))
    email = EmailField(_l("E-mail"))
    phone = TelField(_l("Phone"))
    time_zone = StringField(_l("Time zone"))
    currency = SelectField(_l("Currency"), validate_choice=False)
    languages = LanguagesField(_l("Languages of the pages"), validate_choice=False)
    first_language = SelectField(_l("Language for browsers that ask for none of them"), validate_choice=False)
    primary_colour = ColorField(_l("Main colour"))
    accent_colour = ColorField(_l("Second colour"))
    type_scale = SelectField(_l("Size of the type"), choices=choices_of(SCALES), validate_choice=False)
    heading_font = SelectField(_l("Face of the titles"), choices=choices_of(FONTS), validate_choice=False)
    text_font = SelectField(_l("Face of the texts"), choices=choices_of(FONTS), validate_choice=False)
    logo = FileField(_l("New logo"))
    remove_logo = BooleanField(_l("Remove the logo"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = Locale.parse(str(get_locale())).currencies
        self.currency.choices = choices_of({code: f"{code} · {names.get(code, code)}" for code in currencies()})
        self.languages.choices = choices_of({code: LANGUAGE_NAMES[code] for code in LANGUAGES})
        self.first_language.choices = self.languages.choices

    def values(self) -> dict[str, str]:
        """The profile's columns as they were typed, without those that the page did not ask for."""
        first = self.first_language.data
        languages = sorted(self.languages.data or (), key=lambda code: code != first)
        sent = {name: self[name].data or "" for name in TEXTS if self[name].raw_data}
        return sent | {"languages": ",".join(languages)}


class ClosingForm(RecordForm):
    """What visitors read while the site is closed, and for how long it is meant to be."""

    words = LinesField(_l("What visitors read"), longest=LONGEST_WORDS)
    minutes = AmountField(_l("For how many minutes"), [Between(1, LONGEST_MINUTES)], places=0)


def set_up_company_pages(app: Flask) -> None:
    """Open the company profile's page, and let everybody read the static files."""
    public(app.view_functions["static"])
    app.register_blueprint(pages)


@pages.get("/")
@requires(CorePermission.COMPANY_EDIT)
def profile() -> Response:
    """The form."""
    return _page(_stored())


def _stored() -> CompanyForm:
    company = g.company
    stored = {name: getattr(company, name) for name in ("version", *TEXTS)}
    codes = company.language_codes
    return CompanyForm(formdata=None, data={**stored, "languages": list(codes), "first_language": codes[0]})


@pages.post("/")
@requires(CorePermission.COMPANY_EDIT)
def save_profile() -> Response:
    """Store the form, or show what is wrong with it."""
    form = CompanyForm()
    version = form.version.data or ""
    picture = _uploaded(form)
    try:
        with transaction() as session:
            update_company(
                session,
                by=current_actor(),
                version=int(version) if version.isdecimal() else -1,
                logo=picture,
                remove_logo=form.remove_logo.data,
                **form.values(),
            )
    except ProfileWrong as wrong:
        for name, problem in wrong.problems.items():
            form[name].errors = [problem]
        return _page(form, status=422)
    except EditConflict as conflict:
        form.form_errors.append(str(conflict.sentence))
        return _page(form, status=409)
    return done(url_for("company.profile"), _("The company profile was saved."))


@pages.post("/closing")
@requires(CorePermission.COMPANY_EDIT)
def close() -> Response:
    """Close the public site for visitors, or show what is wrong."""
    form, by = ClosingForm(), current_actor()
    words, minutes = form.words.data or "", form.minutes
    if not submit(form, lambda s: close_site(s, by=by, words=words, until=end_after(minutes.data))):
        return _page(_stored(), status=422, closing=form)
    return done(url_for("company.profile", _anchor="top"), _("The public site is closed to visitors."))


@pages.post("/opening")
@requires(CorePermission.COMPANY_EDIT)
def reopen() -> Response:
    """Let visitors in again."""
    with transaction() as session:
        open_site(session, by=current_actor())
    return done(url_for("company.profile", _anchor="top"), _("Visitors see the site again."))


def _uploaded(form: CompanyForm) -> bytes | None:
    """The bytes of the chosen file, one more than allowed at most; None when none was chosen."""
    if not form.logo.data:
        return None
    content: bytes = form.logo.data.read(LOGO_BYTES + 1)
    form.logo.data.close()
    return content or None


def _page(form: CompanyForm, status: int = 200, closing: ClosingForm | None = None) -> Response:
    return show(
        "company/profile.html",
        status=status,
        form=form,
        closing=closing or ClosingForm(formdata=None),
        time_zones=time_zones(),
        logo_kilobytes=LOGO_BYTES // 1024,
        advice={name: advise(form[name].data or "") for name in ("primary_colour", "accent_colour")},
    )
