"""Countries: what a text in an order means, by the territories of CLDR and the aliases that real files use."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import pandas as pd
from babel import Locale

ALIASES = {
    "eire": "IE", "rsa": "ZA", "usa": "US", "u.s.a.": "US", "uk": "GB", "great britain": "GB", "england": "GB",
    "czech republic": "CZ", "hong kong": "HK", "macau": "MO", "holland": "NL", "korea": "KR", "south korea": "KR",
    "russian federation": "RU", "turkey": "TR", "turchia": "TR", "cina": "CN", "stati uniti d'america": "US",
}  # fmt: skip
OTHERS = {
    "": ("Not stated", "Non indicato"),
    "unspecified": ("Unspecified", "Non specificato"),
    "european community": ("European Community", "Comunità europea"),
    "channel islands": ("Channel Islands", "Isole del Canale"),
}


def countries(texts: Iterable[str]) -> pd.DataFrame:
    """The distinct texts with ISO 3166-1 code and names; a text that names no country keeps itself, without code."""
    rows = [(key, *_meaning(key)) for key in sorted(set(texts))]
    return pd.DataFrame(rows, columns=["country_key", "iso_code", "name_en", "name_it"], dtype="str")


def _meaning(key: str) -> tuple[str | None, str, str]:
    word = key.strip().casefold()
    english, italian = _names("en"), _names("it")
    code = ALIASES.get(word) or _codes().get(word)
    if code is None:
        return None, *OTHERS.get(word, (key, key))
    return code, english[code], italian[code]


@cache
def _names(language: str) -> dict[str, str]:
    territories = Locale(language).territories
    return {code: name for code, name in territories.items() if len(code) == 2 and code not in NOT_ISO}


@cache
def _codes() -> dict[str, str]:
    found = {code.casefold(): code for code in _names("en")}
    for language in ("it", "en"):
        found |= {name.casefold(): code for code, name in _names(language).items()}
    return found


# codes of CLDR that ISO 3166-1 does not assign to a country
NOT_ISO = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"})
