"""The pictures of the demo company, drawn by the project itself and stored as if somebody had uploaded them."""

from __future__ import annotations

import hashlib
import json
import zlib
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from webapp.blueprints.media.queries import find_by_name
from webapp.blueprints.media.services.demo_texts import (
    GOODS_TEXTS,
    KINDS_BY_WORD,
    LOOKS,
    SCENE_TEXTS,
    SCENES_BY_WORD,
    TAGS,
)
from webapp.blueprints.media.services.files import original_file, write_file
from webapp.blueprints.media.services.images import add_image
from webapp.blueprints.media.services.reading import CleanImage, encoded
from webapp.blueprints.media.settings import drawings_folder
from webapp.core.security import SYSTEM
from webapp.core.settings import Settings, house_settings

if TYPE_CHECKING:
    from PIL import Image as Pictures

EDITION = 1  # to be raised when a drawing changes: those that an installation has are then drawn anew
QUALITY = 90
COLLECTION = "Demo"


def demo_picture(session: Session, name: str) -> int:
    """The number of a demo picture, drawn and stored when it is first asked for.

    `name` is one of SCENE_TEXTS (shop, arcades, workshop, plates, tiles, oil, hills, table, cheese, wine, linen, kiln,
    coffee, vases, pasta, family), or one of GOODS_TEXTS with a look, as in `plate-3`; of other words the one that fits best.
    """
    kind, _sign, look = name.partition("-")
    if name not in SCENE_TEXTS and not (kind in GOODS_TEXTS and look.isdecimal()):
        name = next((scene for word, scene in SCENES_BY_WORD if word in name.lower()), "plates")
        kind, _sign, look = name.partition("-")
    said = SCENE_TEXTS.get(name) or GOODS_TEXTS[kind]
    known = find_by_name(session, f"{name}.jpg", COLLECTION)
    if known is not None:
        return known.id
    settings = house_settings()
    clean = _noted(settings, name)
    if clean is None:
        picture = _drawn(name) if name in SCENE_TEXTS else _drawn_goods(kind, int(look))
        clean = _clean(encoded(picture, "jpg", QUALITY), *picture.size)
    image = add_image(
        session, clean, settings=settings, by=SYSTEM, name=f"{name}.jpg", collection=COLLECTION,
        tags=[tag for tag, kinds in TAGS.items() if kind in kinds.split()], **said._asdict()
    )  # fmt: skip
    facts = {"sha256": clean.sha256, "width": clean.width, "height": clean.height, "byte_count": clean.byte_count}
    write_file(_note(settings, name), json.dumps(facts).encode())
    return image.id


def demo_goods(session: Session, product_name: str) -> int:
    """The number of a picture that fits a product of the demo catalogue by its Italian name; a plate for what is unknown."""
    words = product_name.lower()
    kind = next((kind for word, kind in KINDS_BY_WORD if word in words), "plate")
    look = zlib.crc32(words.encode()) % LOOKS.get(kind, 1)
    return demo_picture(session, f"{kind}-{look}")


def _drawn(name: str) -> Pictures.Image:
    from webapp.blueprints.media.services.drawing.canvas import Canvas
    from webapp.blueprints.media.services.drawing.scenes import SCENES
    from webapp.blueprints.media.services.drawing.tables import HEIGHT, WIDTH

    canvas = Canvas(WIDTH, HEIGHT, seed=7)
    SCENES[name](canvas)
    return canvas.finished()


def _drawn_goods(kind: str, look: int) -> Pictures.Image:
    from webapp.blueprints.media.services.drawing.canvas import Canvas
    from webapp.blueprints.media.services.drawing.goods import GOODS
    from webapp.blueprints.media.services.drawing.grounds import SIDE

    canvas = Canvas(SIDE, SIDE, seed=look)
    GOODS[kind](canvas, look)
    return canvas.finished()


def _note(settings: Settings, name: str) -> Any:
    return drawings_folder(settings) / f"{name}.{EDITION}.json"


def _noted(settings: Settings, name: str) -> CleanImage | None:
    """The picture as it was drawn before in this installation, if its file is still there."""
    try:
        facts = json.loads(_note(settings, name).read_text("utf-8"))
        content = original_file(settings, facts["sha256"], transparent=False).read_bytes()
    except (OSError, ValueError, KeyError):
        return None
    return CleanImage(type="image/jpeg", transparent=False, content=content, **facts)


def _clean(content: bytes, width: int, height: int) -> CleanImage:
    digest = hashlib.sha256(content).hexdigest()
    return CleanImage(digest, "image/jpeg", len(content), width, height, transparent=False, content=content)
