"""The files of images: what was uploaded, cleaned, and the renditions made of it. Their names come from the content."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from webapp.blueprints.media.models import SiteImage, plain_format, rendition_name
from webapp.blueprints.media.settings import originals_folder, renditions_folder
from webapp.core.settings import Settings


def original_file(settings: Settings, sha256: str, *, transparent: bool) -> Path:
    """Where the original of an image lies."""
    return originals_folder(settings) / sha256[:2] / f"{sha256}.{plain_format(transparent=transparent)}"


def rendition_file(settings: Settings, sha256: str, width: int, ending: str) -> Path:
    """Where a rendition lies."""
    return renditions_folder(settings) / rendition_name(sha256, width, ending)


def write_file(path: Path, content: bytes) -> None:
    """Put a file there as a whole or not at all, readable for the server in front."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{secrets.token_hex(8)}")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def files_of(settings: Settings, sha256: str) -> Iterator[Path]:
    """All files that were made of an uploaded one."""
    yield from (originals_folder(settings) / sha256[:2]).glob(f"{sha256}.*")
    yield from (renditions_folder(settings) / sha256[:2]).glob(f"{sha256[:32]}-*")


def remove_files(settings: Settings, sha256: str) -> None:
    """Remove all that was made of an uploaded file."""
    for path in files_of(settings, sha256):
        path.unlink(missing_ok=True)


def stray_files(settings: Settings, known: Collection[str], *, older_than: float) -> Iterator[Path]:
    """The files of no known original (`known` are SHA-256), unchanged for so many seconds."""
    beginnings = {sha256[:32] for sha256 in known}
    before = time.time() - older_than
    for folder in (originals_folder(settings), renditions_folder(settings)):
        for path in folder.glob("??/*"):
            if path.name[:32] not in beginnings and path.stat().st_mtime < before:
                yield path


def is_kept(settings: Settings, image: SiteImage) -> bool:
    """Whether the original of an image is there and can be read."""
    return os.access(original_file(settings, image.sha256, transparent=image.transparent), os.R_OK)
