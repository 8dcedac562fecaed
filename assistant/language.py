"""Recognises a message that is not in English, so that it is not mistaken for an English one.

Two kinds of evidence: common words of each language (`content/languages/`), which decide short messages, and
py3langid's guess from letters (Lui and Baldwin 2012, langid.py), which decides longer ones. Words known to English
stand against both, since English is typed here in every spelling, with names of places and people in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import simplemma
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from assistant.text import normalise, words

SURE = 0.95  # probability from which the guess from letters counts
FEWEST = 3  # words that it needs
MOST_ENGLISH = 0.34  # share of English words above which a message counts as English
FOREIGN_LETTERS = 0.5  # share of letters in another script above which no words are asked


class LanguageGuesser:
    """Says which language a message is in, of those that `content/languages/` answers."""

    def __init__(self, common: Mapping[str, Sequence[str]], english: frozenset[str] = frozenset()) -> None:
        """`common` holds common words for each language code; `english`, words that no dictionary knows ("idk")."""
        self._common = {code: frozenset(word.lower() for word in listed) for code, listed in common.items()}
        self._english = english
        self._letters = LanguageIdentifier.from_pickled_model(MODEL_FILE, norm_probs=True)
        known = set(self._letters.nb_classes)
        self._letters.set_languages(["en", *(code for code in common if code in known and code != "en")])

    def guess(self, text: str) -> str:
        """Return the code of the language of `text`, or an empty string where it is English or cannot be told."""
        plain = normalise(text).lower()
        letters = [c for c in plain if c.isalpha()]
        if not letters:
            return ""
        said = [word for word in words(plain) if word[0].isalpha()]
        if sum(ord(c) > 0x24F for c in letters) / len(letters) > FOREIGN_LETTERS:
            likely, foreign = Counter(
                {code: len({*said} & listed) for code, listed in self._common.items()}
            ).most_common(1)[0]
            code = likely if foreign else self._letters.classify(plain)[0]
            return "" if code == "en" else str(code)
        english = [word for word in said if self._is_english(word)]
        found = Counter({code: len({*said} & listed - {*english}) for code, listed in self._common.items()})
        for code, foreign in found.most_common(1):
            if foreign > sum(word not in self._common[code] for word in english):
                return code
        code, probability = self._letters.classify(plain)
        against = sum(word not in self._common.get(code, ()) for word in english)
        if code != "en" and len(said) >= FEWEST and probability >= SURE and against <= MOST_ENGLISH * len(said):
            return str(code)
        return ""

    def _is_english(self, word: str) -> bool:
        bare = word.replace("'", "")
        return bare in self._english or simplemma.is_known(word, lang="en") or simplemma.is_known(bare, lang="en")
