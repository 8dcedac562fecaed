"""The sentence encoder: the reviewed model, and no text kept beside it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from assistant.encoder import FOLDER, KEPT, Encoder, EncoderError


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


def test_the_same_text_means_the_same_in_any_company(encoder: Encoder) -> None:
    """Alone, in a batch, and once it was forgotten."""
    alone = Encoder().encode(["he shouts"])[0].embedding
    texts = [f"message {i}" for i in range(KEPT + 5)]
    together = encoder.encode(["he shouts", *texts])[0].embedding

    assert np.allclose(alone, together, atol=0.05)
    assert np.linalg.norm(alone) == pytest.approx(1)


def test_no_text_is_kept_and_few_encodings(encoder: Encoder) -> None:
    """Only keyed hashes stand beside what was computed (R5)."""
    encoder.encode(["my name is zanzibella", *(f"text {i}" for i in range(KEPT * 2))])

    assert len(encoder._cache) == KEPT
    assert all(isinstance(name, bytes) and len(name) == 16 for name in encoder._cache)


def test_a_model_that_is_not_the_reviewed_one_is_refused(tmp_path: Path) -> None:
    """A changed file, or a missing one."""
    shutil.copytree(FOLDER, tmp_path / "encoder")
    with (tmp_path / "encoder" / "model.onnx").open("ab") as model:
        model.write(b"x")
    with pytest.raises(EncoderError, match="has the hash"):
        Encoder(tmp_path / "encoder")

    (tmp_path / "encoder" / "model.onnx").unlink()
    with pytest.raises(EncoderError, match="is not there"):
        Encoder(tmp_path / "encoder")
