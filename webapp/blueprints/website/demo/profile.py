"""The demo company's profile: a shop of ceramics and good food in Faenza."""

from __future__ import annotations

import struct
import zlib

from sqlalchemy.orm import Session

from webapp.core.company import get_company, update_company
from webapp.core.security import SYSTEM

SIZE = 256  # pixels: sharp on a dense screen too
BLUE, AMBER, WHITE = (0x1F, 0x4E, 0x8C), (0xD9, 0x7B, 0x0B), (0xFF, 0xFF, 0xFF)


def write_profile(session: Session) -> None:
    """Write the profile over the one that stands there."""
    update_company(
        session,
        by=SYSTEM,
        version=get_company(session).version,
        logo=draw_logo(),
        name="Bottega Manfredi",
        tagline="Ceramiche di Faenza e sapori di Romagna dal 1974",
        about=(
            "Da tre generazioni scegliamo le ceramiche dei maestri faentini e i sapori delle colline romagnole: "
            "piatti dipinti a mano, tele stampate a ruggine, olio di Brisighella, formaggi e vini di chi conosciamo "
            "per nome. Il negozio è in corso Mazzini, a due passi da piazza del Popolo; spediamo in tutta Europa."
        ),
        tagline_en="Faenza ceramics and the tastes of Romagna since 1974",
        about_en=(
            "For three generations we have chosen the ceramics of Faenza's masters and the tastes of the hills of Romagna: "
            "hand-painted plates, rust-printed linen, Brisighella olive oil, cheeses and wines of makers whom we know "
            "by name. The shop is in corso Mazzini, a few steps from piazza del Popolo; we ship all over Europe."
        ),
        street="Corso Mazzini 61",
        postcode="48018",
        city="Faenza (RA)",
        country="Italia",
        vat_number="IT99012340396",
        email="negozio@demo.bottega.it",
        phone="+39 0546 555 0174",
        time_zone="Europe/Rome",
        currency="EUR",
        languages="it,en",
        primary_colour="#1f4e8c",
        accent_colour="#d97b0b",
    )


def draw_logo() -> bytes:
    """A painted plate seen from above, as a PNG: a blue rim, an amber ring, a blue heart."""
    rows = b"".join(b"\x00" + b"".join(bytes(_pixel(x, y)) for x in range(SIZE)) for y in range(SIZE))
    header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def _pixel(x: int, y: int) -> tuple[int, int, int, int]:
    middle = (SIZE - 1) / 2
    distance = ((x - middle) ** 2 + (y - middle) ** 2) ** 0.5 / middle
    if distance > 1:
        return (0, 0, 0, 0)
    rings = ((0.22, BLUE), (0.45, WHITE), (0.55, AMBER), (0.74, WHITE), (1.0, BLUE))
    colour = next(colour for edge, colour in rings if distance <= edge)
    return (*colour, 255)
