"""The demo company's customers: people and firms of Italy and of the countries it ships to."""

from __future__ import annotations

from random import Random

from sqlalchemy.orm import Session

from webapp.blueprints.crm.models import Customer, CustomerKind

SEED = 48018
PEOPLE, FIRMS = 205, 95

GIVEN = (
    "Giulia Marco Francesca Alessandro Chiara Luca Elena Matteo Sara Davide Martina Andrea Silvia Paolo Laura Stefano "
    "Valentina Giovanni Federica Roberto Anna Simone Paola Antonio Marta Riccardo Ilaria Enrico Beatrice Tommaso"
)
FAMILY = (
    "Rossi Montanari Casadei Ravaioli Bandini Fabbri Zauli Liverani Savini Ricci Gatti Bianchi Ferrari Esposito Romano "
    "Conti Valgimigli Melandri Tampieri Dalmonte Bertoni Spada Zoli Lombardi Guerra Monti Moretti Barbieri Galli Neri"
)
# country: weight, given names, family names, kinds of firm, legal forms
COUNTRIES = {
    "Italia": (
        78,
        GIVEN,
        FAMILY,
        "Trattoria,Osteria,Enoteca,Hotel,Gastronomia,Agriturismo,Ristorante,Pasticceria,Bottega,Casa & Regalo",
        "S.r.l.,S.n.c.,S.a.s.,S.p.A.",
    ),
    "Germania": (
        8, "Anna Lukas Katharina Jonas Sabine Thomas", "Müller Schneider Weber Hoffmann Krüger Vogel",
        "Feinkost,Weinhaus,Café,Tischkultur", "GmbH,OHG",
    ),
    "Francia": (
        5, "Camille Julien Sophie Antoine Claire", "Martin Dubois Laurent Moreau Girard",
        "Épicerie,Maison,Cave,Bistrot", "SARL,SAS",
    ),
    "Austria": (
        3, "Johanna Florian Magdalena Stefan", "Gruber Huber Steiner Leitner", "Vinothek,Gasthof,Delikatessen", "GmbH,OG"
    ),
    "Paesi Bassi": (2, "Sanne Daan Lotte", "de·Vries Jansen Bakker", "Delicatessen,Wijnhuis", "B.V."),
    "Spagna": (2, "Lucía Javier Carmen", "García Navarro Ortega", "Bodega,Mantelería", "S.L."),
    "Belgio": (2, "Élise Wout Marie", "Peeters Lambert Claes", "Traiteur,Comptoir", "SRL"),
}  # fmt: skip
PLACES = (
    "della Pieve", "al Torrione", "Vecchia Romagna", "dei Manfredi", "del Borgo", "San Rocco", "La Filanda", "Il Melograno",
    "Due Torri", "Ca' Bianca", "al Canale", "La Pergola", "del Mercato", "La Rocca", "Montefiore", "Santa Lucia",
    "Le Colline", "al Vicolo", "Porta Ponte", "La Ghirlanda",
)  # fmt: skip
PROVINCES = ("039", "037", "036", "040", "048", "015", "058", "001", "063", "028")
EVERYDAY = ("gmail", "libero", "posta", "casa")


def load_demo(session: Session) -> None:
    """Store the customers, numbered C0001 and on."""
    dice = Random(SEED)  # noqa: S311 - made-up names guard nothing
    kinds = [CustomerKind.PERSON] * PEOPLE + [CustomerKind.ORGANISATION] * FIRMS
    dice.shuffle(kinds)
    names: set[str] = set()
    for number, kind in enumerate(kinds, 1):
        country = dice.choices(list(COUNTRIES), [weight for weight, *_ in COUNTRIES.values()])[0]
        name = _fresh_name(dice, country, kind, names)
        session.add(
            Customer(
                number=f"C{number:04d}",
                kind=kind.value,
                name=name,
                email=_email(dice, name, kind),
                country=country,
                vat_number=_vat_number(dice, country, number) if kind == CustomerKind.ORGANISATION else None,
            )
        )


def partita_iva(serial: int, office: str) -> str:
    """An Italian VAT number: seven digits of serial, three of the issuing office, the check digit of DPR 605/1976."""
    digits = f"{serial:07d}{office}"
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[1::2])
    return f"{digits}{-(doubled + sum(map(int, digits[::2]))) % 10}"


def _fresh_name(dice: Random, country: str, kind: CustomerKind, taken: set[str]) -> str:
    _, given, family, trades, forms = COUNTRIES[country]
    while True:
        first = dice.choice(given.split())
        last = dice.choice(family.split()).replace("·", " ")
        if kind == CustomerKind.PERSON:
            name = f"{first} {last}"
        elif country == "Italia":
            name = f"{dice.choice(trades.split(','))} {dice.choice((*PLACES, last))} {dice.choice(forms.split(','))}"
        else:
            name = f"{dice.choice(trades.split(','))} {last} {dice.choice(forms.split(','))}"
        if name not in taken or len(taken) > 10 * (PEOPLE + FIRMS):
            taken.add(name)
            return name


def _email(dice: Random, name: str, kind: CustomerKind) -> str:
    """An address under a domain that is reserved for examples, so that no demo letter ever reaches anybody."""
    plain = name.translate(str.maketrans("áéèíìóòúùüöäçÉ", "aeeiioouuuoacE")).lower()
    words = ["".join(letter for letter in word if letter.isalpha()) for word in plain.split()]
    words = [word for word in words if len(word) > 1]
    if kind == CustomerKind.PERSON:
        return f"{'.'.join(words)}@{dice.choice(EVERYDAY)}.example.com"
    return f"ordini@{'-'.join(words[:-1] or words)}.example.com"


def _vat_number(dice: Random, country: str, number: int) -> str | None:
    """Valid in form and check digit, with a serial that no office gives out; only Italy and Germany are made up here."""
    if country == "Italia":
        return partita_iva(9_900_000 + number, dice.choice(PROVINCES))
    if country == "Germania":
        return f"DE{_german(f'99{number:06d}')}"
    return None


def _german(digits: str) -> str:
    """Eight digits and their check digit by ISO 7064, MOD 11,10."""
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = 2 * total % 11
    return f"{digits}{(11 - product) % 10}"
