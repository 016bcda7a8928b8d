"""Reading what a visitor wrote in a form: every value checked, every problem a sentence beside its field."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from flask_babel import format_date, format_decimal
from flask_babel import gettext as _

from webapp.blueprints.forms.models import Check, FieldKind, FormField
from webapp.core.company import is_italian_vat_number
from webapp.core.forms import read_amount

Posted = Mapping[str, Sequence[str]]
LONGEST = {FieldKind.LINE: 300, FieldKind.TEXT: 5000}
MOST_TEXT = 20_000
SUMMARY = 200
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
ODD = {
    **dict(zip("0123456789", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21), strict=True)),
    **dict(
        zip(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
            strict=True,
        )
    ),
}


class Wrong(Exception):
    """A value cannot be taken; the message is the sentence for its writer."""


@dataclass
class Reading:
    """What was written: `answers` to be stored, `problems` by key of the field, `consents` that were given."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    consents: list[FormField] = field(default_factory=list)
    sender_name: str = ""
    sender_email: str = ""
    summary: str = ""
    text: str = ""


def read_answers(fields: Iterable[FormField], posted: Posted, *, language: str, today: dt.date) -> Reading:
    """Read the values of all fields. `today` is the company's day."""
    reading = Reading()
    texts: list[str] = []
    for each in fields:
        if each.kind == FieldKind.HEADING:
            continue
        given = [clean_text(text, lines=each.kind == FieldKind.TEXT) for text in posted.get(each.key, ())]
        given = [text for text in given if text]
        try:
            value, shown = _read(each, given, language, today)
        except Wrong as problem:
            reading.problems[each.key] = str(problem)
            continue
        answer: dict[str, Any] = {
            "key": each.key,
            "kind": each.kind,
            "label": each.label(language),
            "value": value,
            "shown": shown,
        }
        if each.kind == FieldKind.CONSENT:
            answer["version"] = each.text_version
            answer["purpose"] = each.purpose
            if value:
                reading.consents.append(each)
        reading.answers.append(answer)
        if each.kind == FieldKind.EMAIL and not reading.sender_email:
            reading.sender_email = shown
        if each.check == Check.NAME and not reading.sender_name:
            reading.sender_name = shown[:200]
        if each.kind in (FieldKind.LINE, FieldKind.TEXT) and shown and each.check == Check.NONE:
            texts.append(shown)
    reading.text = "\n".join(texts)
    longest = max(texts, key=len, default="")
    reading.summary = " ".join(longest.split())[:SUMMARY]
    return reading


def clean_text(text: str, *, lines: bool = False) -> str:
    """A text without blanks around it, without control signs and those that turn the direction of what follows."""
    plain = CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return (plain if lines else " ".join(plain.split("\n"))).strip()


def is_italian_tax_code(text: str) -> bool:
    """Whether sixteen signs are a codice fiscale, by its check letter (D.M. 23 December 1976, art. 11); omocodia is understood.

    The signs in odd places count by a table, those in even places by their own rank; the sum modulo 26 is the letter.
    """
    if not re.fullmatch(
        r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]", text
    ):
        return False
    odd = sum(ODD[sign] for sign in text[0:15:2])
    even = sum(int(sign) if sign.isdigit() else ord(sign) - ord("A") for sign in text[1:15:2])
    return chr((odd + even) % 26 + ord("A")) == text[15]


def _read(each: FormField, given: list[str], language: str, today: dt.date) -> tuple[Any, str]:
    kind = FieldKind(each.kind)
    if kind in (FieldKind.CHECKBOX, FieldKind.CONSENT):
        if each.required and not given:
            raise Wrong(_("This is needed: tick it to go on."))
        if given and kind == FieldKind.CONSENT and given[0] != str(each.text_version):  # nobody agrees to words unseen
            raise Wrong(_("These words have changed since you ticked them: read them, and tick again if you agree."))
        return bool(given), _("Yes") if given else _("No")
    if not given:
        if each.required:
            raise Wrong(_("Choose one.") if kind in (FieldKind.SELECT, FieldKind.RADIO) else _("This is needed."))
        return ([] if kind == FieldKind.SEVERAL else ""), ""
    if kind == FieldKind.SEVERAL:
        return _several(each, given, language)
    return READERS[kind](each, given[0], language, today)


def _several(each: FormField, given: list[str], language: str) -> tuple[Any, str]:
    offered = each.choices(language)
    if set(given) - set(offered):
        raise Wrong(_("Choose among what is offered."))
    chosen = [choice for choice in offered if choice in given]
    if each.least is not None and len(chosen) < each.least:
        raise Wrong(_("Choose at least %(count)s.", count=each.least))
    if each.most is not None and len(chosen) > each.most:
        raise Wrong(_("Choose at most %(count)s.", count=each.most))
    return chosen, ", ".join(chosen)


def _text(each: FormField, text: str, _language: str, _today: dt.date) -> tuple[Any, str]:
    most = min(each.most or LONGEST.get(FieldKind(each.kind), 300), MOST_TEXT)
    if len(text) > most:
        raise Wrong(_("At most %(count)s characters: these are %(found)s.", count=most, found=len(text)))
    if each.least is not None and len(text) < each.least:
        raise Wrong(_("At least %(count)s characters.", count=each.least))
    check = NAMED.get(Check(each.check))
    kept = check(text) if check else text
    return kept, kept


def _email(_each: FormField, text: str, _language: str, _today: dt.date) -> tuple[Any, str]:
    try:
        address = validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        address = ""
    if not address or len(address) > 254:
        raise Wrong(_("This is not an e-mail address. Write it like name@example.com."))
    return address, address


def _phone(_each: FormField, text: str, _language: str, _today: dt.date) -> tuple[Any, str]:
    digits = re.sub(r"\D", "", text)
    if not re.fullmatch(r"\+?[0-9 ()./-]{5,40}", text) or not 5 <= len(digits) <= 15:  # 15: ITU-T E.164
        raise Wrong(_("This is not a phone number. Write it like +39 0546 123456."))
    return text, text


def _number(each: FormField, text: str, _language: str, _today: dt.date) -> tuple[Any, str]:
    try:
        number = read_amount(text, 4)
    except ValueError as problem:
        raise Wrong(str(problem)) from None
    if abs(number) > Decimal(10) ** 12:
        raise Wrong(_("This number is too large."))
    if each.least is not None and number < each.least:
        raise Wrong(_("It must be %(least)s or more.", least=format_decimal(each.least)))
    if each.most is not None and number > each.most:
        raise Wrong(_("It must be %(most)s or less.", most=format_decimal(each.most)))
    return str(number), str(format_decimal(number, format="#,##0.####"))


def _date(each: FormField, text: str, _language: str, today: dt.date) -> tuple[Any, str]:
    parts = re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", text)
    try:
        day = dt.date(int(parts[3]), int(parts[2]), int(parts[1])) if parts else dt.date.fromisoformat(text)
    except ValueError:
        raise Wrong(_("This is not a date. Write it like 24/12/2026.")) from None
    if not 1900 <= day.year <= 2200:
        raise Wrong(_("This is not a date. Write it like 24/12/2026."))
    if each.check == Check.FUTURE and day < today:
        raise Wrong(_("This day is over: choose today or a later one."))
    if each.check == Check.PAST and day > today:
        raise Wrong(_("This day is still to come: choose today or an earlier one."))
    return day.isoformat(), str(format_date(day, "medium"))


def _choice(each: FormField, text: str, language: str, _today: dt.date) -> tuple[Any, str]:
    if text not in each.choices(language):
        raise Wrong(_("Choose among what is offered."))
    return text, text


def _digits(text: str) -> str:
    if not (text.isascii() and text.isdigit()):
        raise Wrong(_("Write digits alone."))
    return text


def _postcode(text: str) -> str:
    if not re.fullmatch(r"[0-9]{5}", text):
        raise Wrong(_("An Italian postcode has five digits."))
    return text


def _vat(text: str) -> str:
    number = re.sub(r"[\s.-]", "", text).upper().removeprefix("IT")
    if not is_italian_vat_number(number):
        raise Wrong(_("This is not an Italian VAT number: it has 11 digits, the last of which checks the others."))
    return number


def _tax_code(text: str) -> str:
    code = re.sub(r"\s", "", text).upper()
    if not is_italian_tax_code(code):
        raise Wrong(
            _("This is not an Italian tax code: it has 16 letters and digits, the last of which checks the others.")
        )
    return code


def _web(text: str) -> str:
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host or "." not in host or parts.scheme not in ("http", "https") or re.search(r"[\s<>\"]", address):
        raise Wrong(_("This is not the address of a web page. Write it like https://example.com."))
    return address


def _name(text: str) -> str:
    if len(text) > 200 or re.search(r"https?://|www\.|[<>@]", text, re.IGNORECASE):
        raise Wrong(_("Write a name here, without addresses."))
    return text


NAMED: Mapping[Check, Callable[[str], str]] = {
    Check.NAME: _name,
    Check.DIGITS: _digits,
    Check.POSTCODE: _postcode,
    Check.VAT: _vat,
    Check.TAX_CODE: _tax_code,
    Check.WEB: _web,
}
READERS: Mapping[FieldKind, Callable[[FormField, str, str, dt.date], tuple[Any, str]]] = {
    FieldKind.LINE: _text,
    FieldKind.TEXT: _text,
    FieldKind.EMAIL: _email,
    FieldKind.PHONE: _phone,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _date,
    FieldKind.SELECT: _choice,
    FieldKind.RADIO: _choice,
}
