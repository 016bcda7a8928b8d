"""The words of a new room in the Italian catalogue."""

from __future__ import annotations

from pathlib import Path

CATALOGUE = "webapp/translations/it/LC_MESSAGES/messages.po"
# what the patterns under `files/` say
WORDS = {
    "Name": "Nome",
    "Changed": "Ultima modifica",
    "New record": "Nuova scheda",
    "Edit %(name)s": "Modifica di %(name)s",
    "The record was saved.": "La scheda è stata salvata.",
    "There is a record with this name already.": "Esiste già una scheda con questo nome.",
    "This record does not exist, or does not any more.": "Questa scheda non esiste, o non esiste più.",
}


def add_translations(project: Path, title: str, titolo: str) -> None:
    """Append to the catalogue what the new room says and it lacks."""
    path = project / CATALOGUE
    if not path.exists():
        return
    present = path.read_text()
    missing = {
        said: italian for said, italian in {title: titolo, **WORDS}.items() if f"msgid {_quoted(said)}\n" not in present
    }
    if missing:
        path.write_text(present.rstrip("\n") + "\n" + "".join(_entry(*words) for words in missing.items()))


def _entry(said: str, italian: str) -> str:
    flag = "#, python-format\n" if "%(" in said else ""
    return f"\n{flag}msgid {_quoted(said)}\nmsgstr {_quoted(italian)}\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
