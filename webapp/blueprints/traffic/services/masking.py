"""What nobody may read in a log of visits: values of secret names, keys in addresses, people's mail addresses.

The values of parameters whose name has a word of `HOUSE_NAMES`, or one of the setting's, become `***`, whatever they are
(of an attack, what the rules look for stays); mail addresses, JSON web tokens and pieces of a path that look drawn by lot,
as in links that open an account, wherever they stand. Names of browsers are left: robots tell there whom to write to.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from itertools import pairwise
from urllib.parse import unquote_plus

from webapp.blueprints.traffic.services.house_rules import ATTACKS

MASK = "***"
HOUSE_NAMES = frozenset({
    "access", "apikey", "assertion", "auth", "authorization", "bearer", "captcha", "card", "cf", "cid", "code",
    "credential", "credentials", "csrf", "cvv", "email", "hash", "iban", "id_token", "jwt", "key", "login", "mail",
    "nonce", "otp", "pass", "passcode", "passphrase", "passwd", "password", "phone", "pin", "pwd", "secret",
    "session", "sessionid", "sid", "sig", "sign", "signature", "sso", "tel", "telefono", "telephone", "ticket",
    "token", "user", "username", "utente", "verifier",
})  # fmt: skip
WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
PARAMETER = re.compile(r"(?<![^?&;#\s\"])([^=&;#?\s\"]{1,200})=([^&;#\s\"]+)")
AT = "(?:@|%(?:25)*40)"
MAIL = re.compile(rf"(?<![\w.+~'-])(?:[\w.+~'-]|%(?:25)*2[bB]){{1,100}}{AT}[\w-]+(?:\.[\w-]+)+")
JWT = re.compile(r"(?<![\w-])eyJ[\w-]{6,}(?:\.|%2[eE])[\w-]{6,}(?:(?:\.|%2[eE])[\w-]*)?")
PIECE = re.compile(r"(?<=/)[A-Za-z0-9_.~-]{20,}(?=[/?\s\"]|$)")
LINK = re.compile(
    r"(?<=/)(address|confirm|invitation|login|magic|recover|reset|share|unsubscribe|verify)/([^/?#\s\"]{12,})"
)
ATTACK = re.compile(ATTACKS, re.IGNORECASE)
FILE = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,5}$")
KINDS = str.maketrans(
    {chr(at): kind for kind, first, last in (("a", "a", "z"), ("A", "A", "Z"), ("0", "0", "9"))
     for at in range(ord(first), ord(last) + 1)}
)  # fmt: skip
LOOKED_AT = 2000  # letters of a value
REMEMBERED = 16_384
SHORT = 512
DRAWN = 0.36  # of a text drawn by lot, about six of ten letters are followed by one of another kind; of words, two


class Masking:
    """Masks texts of lines. `names` are further words that make a parameter's name a secret one."""

    def __init__(self, names: Collection[str] = ()) -> None:
        self._names = HOUSE_NAMES | {name.casefold() for name in names}
        self._is_secret = lru_cache(maxsize=4096)(self._told_secret)
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._masked)

    def text(self, said: str) -> str:
        """A text of any kind, with what stands in addresses in it masked; the same ones come in block after block."""
        return self._remembered(said) if len(said) <= SHORT else self._masked(said)

    def _masked(self, said: str) -> str:
        if "=" in said:
            said = PARAMETER.sub(self._parameter, said)
        if "@" in said or "40" in said:
            said = MAIL.sub(MASK, said)
        if "eyJ" in said:
            said = JWT.sub(MASK, said)
        return PIECE.sub(_piece, LINK.sub(rf"\1/{MASK}", said)) if "/" in said and len(said) > 12 else said

    def _parameter(self, found: re.Match[str]) -> str:
        if not self._is_secret(found[1]):
            return found[0]
        attack = ATTACK.search(found[2][:LOOKED_AT])
        return f"{found[1]}={MASK}" + (f"{attack[0]}{MASK}" if attack else "")

    def _told_secret(self, name: str) -> bool:
        plain = unquote_plus(unquote_plus(name))
        words = [word.casefold() for word in WORDS.findall(plain)]
        return plain.casefold() in self._names or not self._names.isdisjoint(words)


def _piece(found: re.Match[str]) -> str:
    return MASK if looks_drawn(found[0]) else found[0]


def looks_drawn(piece: str) -> bool:
    """Whether a piece of a path looks drawn by lot, as keys and the numbers of requests do; names of files do not."""
    if FILE.search(piece):
        return False
    kinds = re.sub(r"[^aA0]", "", piece.translate(KINDS))
    changes = sum(one != other for one, other in pairwise(kinds))
    return len(kinds) >= 20 and changes >= DRAWN * len(kinds)
