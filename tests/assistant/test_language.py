"""Messages that are not in English are recognised, and odd English is not taken for one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assistant.content import ROOT, ContentError, load
from assistant.language import LanguageGuesser
from assistant.rules import typed_words

GUESSER = LanguageGuesser({code: known.words.split() for code, known in load().languages.items()}, typed_words())


@pytest.mark.parametrize(
    ("text", "language"),
    [
        # short
        ("hola", "es"),
        ("tengo miedo", "es"),
        ("aidez moi svp", "fr"),
        ("danke", "de"),
        # without accents, or in Latin letters
        ("boje sie go, co robic", "pl"),
        ("toi so chong toi", "vi"),
        ("mujhe dar lag raha hai", "hi"),
        # longer
        ("ele me bate quando bebe e depois pede desculpa", "pt"),
        ("mi dice che sono pazza e poi mi compra i fiori", "it"),
        ("natatakot ako sa asawa ko", "tl"),
        # another script
        ("我很害怕他", "zh"),
        ("أنا خائفة من زوجي", "ar"),
        ("мій чоловік мене б'є", "uk"),
    ],
)
def test_another_language_is_recognised(text: str, language: str) -> None:
    """As people type it."""
    assert language == GUESSER.guess(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "🙂",
        "911",
        "umbrella",
        "idk what 2 do",
        "wat shud i do",
        "hes scary",
        "im in łódź",
        "he calls me mi amor",
        "my abuela says stay",
        "abeg wetin i go do",
        "smh idgaf anymore",
        "no",
        "me to",
        "hlep me plese",
    ],
)
def test_english_in_any_spelling_is_english(text: str) -> None:
    """Slang, slips, names of places, a word of another language."""
    assert "" == GUESSER.guess(text)


def test_a_language_under_another_name_than_its_code_is_named(tmp_path: Path) -> None:
    """It could never be recognised."""
    shutil.copytree(ROOT, tmp_path / "content")
    (tmp_path / "content/languages/es.yml").rename(tmp_path / "content/languages/spanish.yml")
    with pytest.raises(ContentError, match=r"languages/spanish\.yml: 'spanish' is not a language's ISO 639-1 code"):
        load(tmp_path / "content")
