"""Light linear heads over words, letters and meaning; fitted by `rasa train` in seconds."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.svm import LinearSVC

from assistant.encoder import Array, Encoding, softmax
from assistant.text import normalise

WORD_BINS = 2**14
LETTER_BINS = 2**15
SIGN_SHARPNESS = 3.0  # of the sigmoid over a margin
REHEARSED = 5000  # rows at most from which the scores for that are learnt
HELD_BACK = 0.15  # share of the rows on which the sharpness is fitted
# Hashing needs no vocabulary to keep beside the model; signs alternate so that collisions cancel.
WORDS = HashingVectorizer(
    n_features=WORD_BINS, ngram_range=(1, 2), token_pattern=r"(?u)[\w']+", norm="l2", dtype=np.float32
)
LETTERS = HashingVectorizer(n_features=LETTER_BINS, analyzer="char_wb", ngram_range=(2, 5), norm="l2", dtype=np.float32)
RECENT = 64  # rows that are kept: the components of one turn ask for the same few
_SECRET = os.urandom(16)
_RECENT: OrderedDict[bytes, sparse.csr_matrix] = OrderedDict()


def features(texts: Sequence[str], encodings: Sequence[Encoding]) -> sparse.csr_matrix:
    """Return (n, words + letters + 384) features of `texts`, float32, each block of length 1."""
    if len(texts) > RECENT:
        return _joined(surface(texts), encodings)
    rows = [_row(text, encoding) for text, encoding in zip(texts, encodings, strict=True)]
    return rows[0] if len(rows) == 1 else sparse.vstack(rows, format="csr")


def _row(text: str, encoding: Encoding) -> sparse.csr_matrix:
    return _kept((text, encoding.embedding.tobytes()), lambda: _joined(surface([text]), [encoding]))


def surface(texts: Sequence[str]) -> sparse.csr_matrix:
    """Return the words and letters of `texts`, shape (n, words + letters), each block of length 1."""
    if len(texts) == 1:
        return _kept((texts[0], b""), lambda: _surface(texts))
    return _surface(texts)


def _surface(texts: Sequence[str]) -> sparse.csr_matrix:
    plain = [normalise(text).lower() for text in texts]
    if len(plain) == 1:
        return _beside(*(_hashed(block, plain[0]) for block in (WORDS, LETTERS)))
    return sparse.hstack([WORDS.transform(plain), LETTERS.transform(plain)], format="csr")


def _joined(surfaces: sparse.csr_matrix, encodings: Sequence[Encoding]) -> sparse.csr_matrix:
    dense = sparse.csr_matrix(np.stack([e.embedding for e in encodings]))
    return _beside(surfaces, dense) if len(encodings) == 1 else sparse.hstack([surfaces, dense], format="csr")


def _hashed(block: HashingVectorizer, text: str) -> sparse.csr_matrix:
    """Return what `block` makes of one text, in half the time: it builds its reader anew for each."""
    row: sparse.csr_matrix = _hasher(block.n_features).transform([_reader(block)(text)])
    row.data /= np.linalg.norm(row.data) or 1.0
    return row


@lru_cache(maxsize=2)
def _reader(block: HashingVectorizer) -> Callable[[str], list[str]]:
    reader: Callable[[str], list[str]] = block.build_analyzer()
    return reader


@lru_cache(maxsize=2)
def _hasher(bins: int) -> FeatureHasher:
    return FeatureHasher(bins, input_type="string", dtype=np.float32)


def _beside(*rows: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return one row of blocks beside each other, as `hstack` does for any number of rows."""
    starts = np.cumsum([0, *(row.shape[1] for row in rows)])
    indices = np.concatenate([row.indices + start for row, start in zip(rows, starts, strict=False)])
    data = np.concatenate([row.data for row in rows])
    return sparse.csr_matrix((data, indices, [0, len(data)]), shape=(1, starts[-1]))


def _kept(of: tuple[str, bytes], make: Callable[[], sparse.csr_matrix]) -> sparse.csr_matrix:
    """Return what `make` makes of a text and its embedding; the last few are kept, under a keyed hash."""
    name = hashlib.blake2b(of[0].encode("utf-8", "replace") + b"\0" + of[1], key=_SECRET, digest_size=16).digest()
    if name not in _RECENT:
        _RECENT[name] = make()
        if len(_RECENT) > RECENT:
            _RECENT.popitem(last=False)
    return _RECENT[name]


class LinearHead:
    """A linear classifier, one class against the rest, kept as plain arrays.

    A support vector machine: on validation it beat a logistic regression over the same features
    (docs/EVALUATION.md). Its scores become probabilities through a softmax whose sharpness was fitted to
    messages that the scores had not seen (temperature scaling: Guo et al. 2017, arXiv:1706.04599).
    """

    def __init__(self, labels: list[str], weights: Array, bias: Array, sharpness: float) -> None:
        self.labels, self._bias, self._sharpness = labels, bias, sharpness
        self._columns = np.ascontiguousarray(weights.T)  # as a sparse row is multiplied with them, without a copy

    @classmethod
    def fit(cls, x: sparse.csr_matrix, y: Sequence[str], strength: float = 1.0) -> LinearHead:
        """Fit to labels `y`; classes weigh alike, `strength` is the inverse of regularisation."""
        labels = sorted(set(y))
        targets = np.array([labels.index(label) for label in y])
        chance = np.random.default_rng(0).random(len(targets))
        held = chance < HELD_BACK
        learnt = ~held & (chance < HELD_BACK + REHEARSED / len(targets))
        learnt |= ~held & np.isin(np.arange(len(targets)), np.unique(targets, return_index=True)[1])
        rehearsal = _svm(x[learnt], targets[learnt], len(labels), strength)
        scores = x[held] @ rehearsal[0].T + rehearsal[1]

        def surprise(sharpness: float) -> float:
            chosen = softmax(scores * sharpness)[np.arange(held.sum()), targets[held]]
            return float(-np.log(chosen + 1e-9).mean())

        sharpness = min(np.arange(0.5, 12.1, 0.25), key=surprise)
        return cls(labels, *_svm(x, targets, len(labels), strength), float(sharpness))

    def predict(self, x: sparse.csr_matrix) -> Array:
        """Return probabilities of shape (n, labels)."""
        return softmax((x @ self._columns + self._bias) * self._sharpness)

    def save(self, path: Path) -> None:
        np.savez_compressed(
            path, labels=np.array(self.labels), weights=self._columns.T, bias=self._bias, sharpness=self._sharpness
        )

    @classmethod
    def load(cls, path: Path) -> LinearHead:
        with np.load(path, allow_pickle=False) as kept:
            labels = [str(label) for label in kept["labels"]]
            return cls(labels, kept["weights"], kept["bias"], float(kept["sharpness"]))


def _svm(x: sparse.csr_matrix, targets: Array, classes: int, strength: float) -> tuple[Array, Array]:
    model = LinearSVC(C=strength, class_weight="balanced", random_state=0, tol=1e-3)
    model.fit(x, targets)
    weights, bias = model.coef_, model.intercept_
    if classes == 2:  # one row stands for both
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    return weights.astype(np.float32), bias.astype(np.float32)


class SignHead:
    """One yes-or-no classifier a sign, over the same features as `LinearHead`; a text may have several.

    One more says whether a text tells any sign at all, since that is surer than which of two like ones it tells.
    """

    def __init__(self, labels: list[str], weights: Array, bias: Array) -> None:
        """`weights` (labels + 1, features) and `bias` hold a row for each of `labels` and, last, one for any."""
        self.labels, self._bias = labels, bias
        self._columns = np.ascontiguousarray(weights.T)

    @classmethod
    def fit(cls, x: sparse.csr_matrix, y: Sequence[Sequence[str]], strength: float = 1.0) -> SignHead:
        """Fit to the sets of signs `y`, one for each row of `x`."""
        labels = sorted({sign for signs in y for sign in signs})
        targets = [*([sign in signs for signs in y] for sign in labels), [bool(signs) for signs in y]]
        rows = [_svm(x, np.array(target, dtype=int), 2, strength) for target in targets]
        weights = np.stack([weights[1] for weights, _ in rows])
        bias = np.array([bias[1] for _, bias in rows], dtype=np.float32)
        return cls(labels, weights, bias)

    def predict(self, x: sparse.csr_matrix) -> tuple[Array, Array]:
        """Return probabilities of shape (n, labels), each between 0 and 1 by itself, and (n,) that any sign is told."""
        scores: Array = 1 / (1 + np.exp(-SIGN_SHARPNESS * (x @ self._columns + self._bias)))
        return scores[:, :-1], scores[:, -1]

    def save(self, path: Path) -> None:
        np.savez_compressed(path, labels=np.array(self.labels), weights=self._columns.T, bias=self._bias)

    @classmethod
    def load(cls, path: Path) -> SignHead:
        with np.load(path, allow_pickle=False) as kept:
            return cls([str(label) for label in kept["labels"]], kept["weights"], kept["bias"])
