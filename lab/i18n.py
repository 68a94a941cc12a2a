"""English and Russian. English strings are the message ids; Russian lives in locales/ru/LC_MESSAGES/app.po.

The catalogue is compiled in memory by Babel, so there is no build step, and `gettext.install` is never called: it is process-wide and would mix the
languages of two readers.
"""

from __future__ import annotations

import functools
import gettext
import io
from collections.abc import Callable
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Translate = Callable[[str], str]
LANGUAGES = {"en": "English", "ru": "Русский"}
CATALOGUE = Path(__file__).parent.parent / "locales" / "ru" / "LC_MESSAGES" / "app.po"


@functools.cache
def translator(language: str) -> Translate:
    """The function that turns an English message into one of `language`; an unknown language is English."""
    if language != "ru":
        return str
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="ru", abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled).gettext


def language_of(locale: str | None) -> str:
    """The app's language for a browser locale such as ru-RU."""
    return "ru" if (locale or "").lower().split("-")[0] == "ru" else "en"
