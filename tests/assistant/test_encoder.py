"""The sentence encoder: the reviewed model, and no text kept beside it."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import numpy as np
import pytest

from assistant.components.safety_screen import HARMLESS
from assistant.content import LEVELS
from assistant.encoder import FOLDER, KEPT, Encoder, EncoderError
from assistant.screen import LONG


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


def test_the_script_that_fine_tunes_goes_by_the_same_names() -> None:
    """It runs in an environment of its own, without the assistant, and so repeats a few of its constants."""
    tree = ast.parse((FOLDER / "finetune.py").read_text(encoding="utf-8"))
    constants = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id in ("LEVELS", "HARMLESS", "LONG")
    }

    assert {"LEVELS": list(LEVELS), "HARMLESS": HARMLESS, "LONG": LONG} == constants
