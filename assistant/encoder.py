"""The sentence encoder: our fine-tuned MiniLM as int8 ONNX, and its four heads.

See models/encoder/CARD.md for what it was trained on and how well it does.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

FOLDER = Path(__file__).resolve().parent.parent / "models" / "encoder"
MAX_TOKENS = 160
KEPT = 64  # encodings that are kept: the components of one turn ask for the same few texts

Array = npt.NDArray[np.float32]


class EncoderError(Exception):
    """The encoder's files are missing or are not the ones that were reviewed."""


@dataclass(frozen=True)
class Encoding:
    """What the encoder says of one text; arrays are float32."""

    embedding: Array  # (384,), of length 1
    intent: Array  # probabilities over `labels["intents"]`
    level: Array  # probabilities over `labels["levels"]`
    signs: Array  # one probability for each of `labels["signs"]`
    items: Array  # probabilities over `labels["items"]`, the single facts


class Encoder:
    """Turns texts into encodings; the same text gives the same encoding.

    What was encoded lately is kept under a keyed hash, never under the text itself; training raises `kept`.
    """

    def __init__(self, folder: Path = FOLDER, threads: int = 2) -> None:
        """Load the model of `folder`; raise `EncoderError` unless it has the hash in model.sha256."""
        self.kept, self._threads = KEPT, threads
        self._secret = os.urandom(16)
        try:
            self.digest = _digest(folder / "model.onnx")
            wanted = (folder / "model.sha256").read_text().split()[0]
            self.labels: dict[str, list[str]] = json.loads((folder / "labels.json").read_text())
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except FileNotFoundError as error:
            raise EncoderError(f"the sentence encoder is not there: {error.filename}") from None
        if self.digest != wanted:
            raise EncoderError(f"{folder}/model.onnx has the hash {self.digest}, expected {wanted}")
        options = onnxruntime.SessionOptions()
        # One short text is encoded sooner by one thread (1.7 ms) than by two that wait for each other (2.3 ms); many
        # texts are shared among threads by `encode`.
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()
        self._cache: OrderedDict[bytes, Encoding] = OrderedDict()

    def encode(self, texts: list[str], batch: int = 8) -> list[Encoding]:
        """Return one encoding for each of `texts`, in order.

        Texts of like length share a batch, so that little is spent on padding, and a batch is small enough for the
        processor's cache. Batches run side by side: in 0.6 of the time that larger ones take one after another.
        """
        names = {text: self._name(text) for text in texts}
        unknown = sorted((text for text, name in names.items() if name not in self._cache), key=len)
        parts = [unknown[start : start + batch] for start in range(0, len(unknown), batch)]
        if len(parts) > 1 and self._threads > 1:
            with ThreadPoolExecutor(self._threads) as pool:
                found = [encoding for encodings in pool.map(self._run, parts) for encoding in encodings]
        else:
            found = [encoding for part in parts for encoding in self._run(part)]
        fresh = {names[text]: encoding for text, encoding in zip(unknown, found, strict=True)}
        encodings = [fresh.get(names[text]) or self._cache[names[text]] for text in texts]
        self._cache.update(fresh)
        while len(self._cache) > self.kept:
            self._cache.popitem(last=False)
        return encodings

    def _name(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode("utf-8", "replace"), key=self._secret, digest_size=16).digest()

    def _run(self, texts: list[str]) -> list[Encoding]:
        encoded = self._tokenizer.encode_batch(texts)
        inputs = {
            "input_ids": np.array([e.ids for e in encoded], dtype=np.int64),
            "attention_mask": np.array([e.attention_mask for e in encoded], dtype=np.int64),
        }
        outputs = ["embedding", "intent", "level", "signs", "items"]
        embedding, intent, level, signs, items = self._session.run(outputs, inputs)
        embedding /= np.linalg.norm(embedding, axis=1, keepdims=True) + 1e-9
        signs = 1 / (1 + np.exp(-signs))
        heads = (softmax(intent), softmax(level), signs, softmax(items))
        return [Encoding(*row) for row in zip(embedding, *heads, strict=True)]


def read_learnt(folder: Path = FOLDER) -> frozenset[int]:
    """Return the marks (`assistant.text.mark`) of the messages with their labels that the encoder was fine-tuned on."""
    return frozenset(np.load(folder / "learnt.npy", allow_pickle=False).tolist())


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file; read in parts, since onnxruntime reads it by itself and 23 MB once is enough."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            found.update(part)
    return found.hexdigest()


def softmax(scores: Array) -> Array:
    """Return `scores` of shape (n, classes) as probabilities along the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    probabilities: Array = powers / powers.sum(axis=-1, keepdims=True)
    return probabilities
