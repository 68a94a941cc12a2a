"""The Russian catalogue is complete, and holds nothing else.

To translate something new: run this test, copy the message ids it lists into locales/ru/LC_MESSAGES/app.po, write their `msgstr`.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from lab.i18n import CATALOGUE, LANGUAGES, language_of, translator
from lab.scenes import scenes

ROOT = Path(__file__).parents[2]
MARKED = ("optim_core", "surfaces", "lab", "pages", "app.py")
KEYWORDS = ("_", "N_", "translate")
MODERN = {"AdaBelief", "AdaDelta", "AdaMax", "AdamW", "Adan", "AMSGrad", "BFGS", "Lion", "NAdam", "RAdam", "SAM", "Schedule-Free SGD", "Yogi"}
NOT_CYRILLIC = {"AdaGrad", "Adam", "GD", "RMSprop", "3-D", *MODERN}
"""Names that the lectures leave in Latin letters, and messages made of placeholders only."""


def sources() -> Iterator[Path]:
    for name in MARKED:
        yield from [ROOT / name] if name.endswith(".py") else sorted((ROOT / name).rglob("*.py"))


@cache
def messages() -> dict[str, str]:
    """Every text a reader may see → where it stands."""
    found: dict[str, str] = {}
    for file in sources():
        for line, message, _, _ in extract_from_file("python", str(file), keywords=dict.fromkeys(KEYWORDS)):
            assert isinstance(message, str)
            found.setdefault(message, f"{file.relative_to(ROOT)}:{line}")
    for scene in scenes():
        for text in (scene.title, scene.question, scene.notice):
            found.setdefault(text, f"lab/scenes/{scene.id}.toml")
    return found


@cache
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="ru", abort_invalid=True)


def translations() -> dict[str, str]:
    return {message.id: message.string for message in catalogue() if message.id}


def placeholders(text: str) -> list[str]:
    return sorted(f"{name}:{form}" for _, name, form, _ in Formatter().parse(text) if name is not None)


def listing(items: list[str]) -> str:
    return f"\n{len(items)} in {CATALOGUE.relative_to(ROOT)}:\n" + "\n".join(items)


def test_extraction_finds_the_marked_texts() -> None:
    """Else the tests below would be empty."""
    assert {"Momentum", "learning rate", "Rosenbrock", "allowed are {options}", "What to notice", scenes()[0].question} <= set(messages())
    assert len(messages()) > 200


def test_everything_is_translated() -> None:
    known = translations()
    missing = [f'msgid "{text}"    ({where})' for text, where in messages().items() if not known.get(text, "").strip()]
    assert not missing, "to be translated" + listing(missing)


def test_nothing_is_left_over() -> None:
    old = [text for text in translations() if text not in messages()]
    assert not old, "no longer in the program" + listing(old)
    assert not catalogue().obsolete
    assert not [message.id for message in catalogue() if message.fuzzy and message.id]


def test_placeholders_agree() -> None:
    wrong = [f"{text}  →  {russian}" for text, russian in translations().items() if placeholders(text) != placeholders(russian)]
    assert not wrong, "other placeholders" + listing(wrong)


def test_russian_is_russian() -> None:
    latin = [text for text, russian in translations().items() if not any("а" <= letter <= "я" for letter in russian.lower()) and text not in NOT_CYRILLIC]
    assert not latin, "without a Cyrillic letter" + listing(latin)
    assert set(NOT_CYRILLIC) <= set(translations()), "the list of exceptions names something that is gone"


def test_no_blanks_around_and_same_end() -> None:
    """A sentence stays a sentence; labels end as bare as in English."""
    wrong = [text for text, russian in translations().items() if russian != russian.strip() or ((text[-1] in ".?:") != (russian[-1] in ".?:"))]
    assert not wrong, listing(wrong)


def test_charset_is_declared() -> None:
    assert b"charset=UTF-8" in CATALOGUE.read_bytes()


def test_translators() -> None:
    assert set(LANGUAGES) == {"en", "ru"}
    english, russian = translator("en"), translator("ru")
    assert english("Momentum") == "Momentum" == translator("tlh")("Momentum")
    assert russian("Momentum") == "Инерция"
    assert russian("A text that nobody marked") == "A text that nobody marked"


@pytest.mark.parametrize(
    ("locale", "language"),
    [("ru", "ru"), ("ru-RU", "ru"), ("RU", "ru"), ("en-GB", "en"), ("de", "en"), ("rue", "en"), ("", "en"), (None, "en")],
)
def test_language_of_a_browser(locale: str | None, language: str) -> None:
    assert language_of(locale) == language
