"""The demo company's forms: write to us, and something made to order; with a few messages in them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from webapp.blueprints.forms.models import FieldKind, Form, FormField
from webapp.blueprints.forms.services.answering import add_note
from webapp.blueprints.forms.services.building import add_field, create_form
from webapp.blueprints.forms.services.reading import read_answers
from webapp.blueprints.forms.services.receiving import Circumstances, receive
from webapp.core.clock import utc_now
from webapp.core.security import SYSTEM

CONSENT = {
    "it": "Ho letto l'informativa sulla privacy e chiedo di essere ricontattato per la mia richiesta.",
    "en": "I have read the privacy notice and ask to be answered.",
}
NEWS = {
    "it": "Vorrei ricevere due o tre volte l'anno le novità della bottega per e-mail.",
    "en": "I would like to get the shop's news by e-mail two or three times a year.",
}
CONTACT = {
    "it": {
        "title": "Scrivici",
        "intro": "Una domanda su un piatto, un vino, una spedizione? Rispondiamo di solito **entro un giorno lavorativo**.",
        "button": "Invia il messaggio",
        "thanks": "Il tuo messaggio è arrivato. Ti rispondiamo di solito entro un giorno lavorativo, la domenica siamo in "
        "laboratorio e non guardiamo la posta.",
        "answer_subject": "Abbiamo ricevuto il tuo messaggio",
        "answer": "Buongiorno,\n\ngrazie per averci scritto: abbiamo ricevuto il messaggio e rispondiamo presto.\n\n"
        "La bottega",
    },
    "en": {
        "title": "Write to us",
        "intro": "A question about a plate, a wine, a parcel? We usually answer **within one working day**.",
        "button": "Send the message",
        "thanks": "Your message has arrived. We usually answer within one working day; on Sundays we are in the workshop "
        "and do not read mail.",
        "answer_subject": "We have got your message",
        "answer": "Hello,\n\nthank you for writing: we have got your message and will answer soon.\n\nThe shop",
    },
}
ORDER = {
    "it": {
        "title": "Ordine su misura",
        "slug": "su-misura",
        "intro": "Servizi da tavola, targhe, bomboniere: dipingiamo a mano sul tuo disegno. Raccontaci che cosa hai in mente "
        "e ti mandiamo un preventivo. Per un servizio da sei servono **da quattro a sei settimane**.",
        "button": "Chiedi un preventivo",
        "thanks": "Abbiamo ricevuto la tua richiesta e prepariamo il preventivo: lo riceverai per e-mail entro tre giorni.",
    },
    "en": {
        "title": "Made to order",
        "slug": "made-to-order",
        "intro": "Table services, plaques, wedding favours: we paint by hand after your drawing. Tell us what you have in mind "
        "and we will send you an offer. A service for six takes **four to six weeks**.",
        "button": "Ask for an offer",
        "thanks": "We have got your request and are working on the offer: it will reach you by e-mail within three days.",
    },
}
NAME = {"it": "Nome e cognome", "en": "Your name"}
EMAIL = {"it": "E-mail", "en": "E-mail"}
Field = tuple[FieldKind, dict[str, Any], dict[str, str], dict[str, Any]]
CONTACT_FIELDS: tuple[Field, ...] = (
    (FieldKind.LINE, {"required": True, "check": "name"}, NAME, {}),
    (FieldKind.EMAIL, {"required": True}, EMAIL, {}),
    (FieldKind.PHONE, {}, {"it": "Telefono", "en": "Phone"}, {"help": {"it": "Se preferisci una chiamata.", "en": "If you would rather be called."}}),
    (
        FieldKind.SELECT,
        {},
        {"it": "Di che cosa si tratta?", "en": "What is it about?"},
        {
            "choices": {
                "it": ["Un prodotto", "Una spedizione", "Una visita in laboratorio", "Altro"],
                "en": ["A product", "A parcel", "A visit to the workshop", "Something else"],
            }
        },
    ),
    (FieldKind.TEXT, {"required": True, "least": 5, "most": 4000}, {"it": "Messaggio", "en": "Message"}, {}),
    (FieldKind.CONSENT, {"required": True, "purpose": "Risposta alle richieste"}, CONSENT, {}),
    (FieldKind.CONSENT, {"purpose": "Novità per e-mail"}, NEWS, {}),
)  # fmt: skip
ORDER_FIELDS: tuple[Field, ...] = (
    (FieldKind.LINE, {"required": True, "check": "name"}, NAME, {}),
    (FieldKind.EMAIL, {"required": True}, EMAIL, {}),
    (FieldKind.HEADING, {}, {"it": "Il tuo pezzo", "en": "Your piece"}, {}),
    (
        FieldKind.RADIO,
        {"required": True},
        {"it": "Che cosa facciamo?", "en": "What shall we make?"},
        {
            "choices": {
                "it": ["Servizio da tavola", "Piatto o vassoio", "Targa o numero civico", "Bomboniere"],
                "en": ["Table service", "Plate or tray", "Plaque or house number", "Wedding favours"],
            }
        },
    ),
    (
        FieldKind.SEVERAL,
        {"most": 3},
        {"it": "Decori che ti piacciono", "en": "Patterns that you like"},
        {
            "choices": {
                "it": ["Garofano", "Palmetta persiana", "Occhio di penna di pavone", "A modo tuo"],
                "en": ["Carnation", "Persian palmette", "Peacock feather", "Your own"],
            }
        },
    ),
    (FieldKind.NUMBER, {"least": 1, "most": 500}, {"it": "Quanti pezzi?", "en": "How many pieces?"}, {}),
    (FieldKind.DATE, {"check": "future"}, {"it": "Entro quando?", "en": "By when?"}, {}),
    (FieldKind.TEXT, {"required": True}, {"it": "Raccontaci la tua idea", "en": "Tell us your idea"}, {}),
    (FieldKind.CONSENT, {"required": True, "purpose": "Risposta alle richieste"}, CONSENT, {}),
)
MESSAGES = (
    (2, "it", "Elena Ricci", "elena.ricci@posta.example.com", ("Spedite anche in Sardegna? Vorrei sei bottiglie di Sangiovese "
     "e un vassoio, sono per un regalo del 12 dicembre.")),
    (26, "en", "Lukas Weber", "lukas.weber@gmail.example.com", ("We are in Faenza next week. Can we visit the workshop on "
     "Thursday afternoon, with two children?")),
    (51, "it", "Tommaso Fabbri", "tommaso.fabbri@libero.example.com", ("La zuppiera con il garofano è tornata disponibile? "
     "Ne cercavo una grande, da almeno tre litri.")),
)  # fmt: skip


def load_demo(session: Session) -> None:
    """Store the forms, and a few messages that came in the last days."""
    contact = _make(session, "Scrivici", CONTACT, CONTACT_FIELDS)
    order = _make(session, "Ordine su misura", ORDER, ORDER_FIELDS)
    now = utc_now()
    for hours, language, name, email, text in MESSAGES:
        _write(session, contact, language, [name, email, "", "", text, "1", ""], now - dt.timedelta(hours=hours))
    contact.answers_itself = True  # from now on: nobody made up is written to
    asked = ["Chiara Zauli", "chiara.zauli@casa.example.com", "Bomboniere", "Garofano", "60", "2027-05-15"]
    idea = "Sessanta piattini da matrimonio con le iniziali C e A, sul blu. Si può avere una prova di colore prima?"
    written = _write(session, order, "it", [*asked, idea, "1"], now - dt.timedelta(hours=7))
    add_note(session, by=SYSTEM, submission_id=written, words="Sentire il laboratorio per la prova di colore.")


def _make(session: Session, name: str, words: dict[str, Any], fields: tuple[Field, ...], **settings: Any) -> Form:
    values = {"name": name, "notify": "", "keep_months": 24, "makes_contact": True, **settings}
    form = create_form(session, by=SYSTEM, values=values, words=words)
    for kind, given, labels, more in fields:
        texts = {
            language: {"label": label, **{part: by_language[language] for part, by_language in more.items()}}
            for language, label in labels.items()
        }
        add_field(session, by=SYSTEM, form_id=form.id, kind=kind, values=given, words=texts)
    return form


def _write(session: Session, form: Form, language: str, values: list[str], at: dt.datetime) -> int:
    asked: list[FormField] = [field for field in form.fields if field.kind != FieldKind.HEADING]
    posted = {field.key: [value] for field, value in zip(asked, values, strict=True)}
    reading = read_answers(form.fields, posted, language=language, today=at.date())
    how = Circumstances(address=f"192.0.2.{form.id % 250}", seconds=60, marked=True)
    source = f"/{language}"
    return receive(session, form=form, language=language, reading=reading, how=how, source=source, now=at).id
