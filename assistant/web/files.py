"""What is the same for everybody, files and pages: read and compressed once, at start.

Nothing else is compressed: the size of a page that holds a token beside what somebody wrote can give the token away.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
PAGE = "text/html; charset=utf-8"
SMALLEST_SAVING = 0.9  # what hardly becomes smaller is sent as it is


@dataclass(frozen=True)
class File:
    """A body and its media type; `packed` is the body gzipped, empty where that saves little."""

    body: bytes
    kind: str
    packed: bytes


def pack(body: bytes, kind: str) -> File:
    """Return `body` as it is sent."""
    packed = gzip.compress(body, 9, mtime=0)
    return File(body, kind, packed if len(packed) < SMALLEST_SAVING * len(body) else b"")


def files(folder: Path) -> dict[str, File]:
    """Return what may be fetched of `folder`, by path: its scripts, styles and pictures, as they were at start."""
    return {
        path.relative_to(folder).as_posix(): pack(path.read_bytes(), TYPES[path.suffix])
        for path in sorted(folder.rglob("*"))
        if path.suffix in TYPES and path.is_file() and "tests" not in path.parts
    }
