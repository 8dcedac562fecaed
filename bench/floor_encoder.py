"""The second floor: the time in ms of one encoding of each text (arguments: threads, texts), as a JSON list.

The encoder keeps none of its encodings, and has warmed up on all texts once.
"""

from __future__ import annotations

import json
import sys
import time

from assistant.encoder import Encoder


def main(threads: int, texts: list[str]) -> None:
    encoder = Encoder(threads=threads)
    encoder.kept = 0
    spent: list[float] = []
    for text in texts * 2:
        begun = time.perf_counter()
        encoder.encode([text])
        spent.append((time.perf_counter() - begun) * 1000)
    print(json.dumps(spent[len(texts) :]))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
