"""Writes what the proxy answers while no assistant can: a page and a JSON body with the numbers of LINDEN_REGION.

    python deploy/down.py FOLDER

makes FOLDER/down.html and FOLDER/down.json, in the words and with the contacts of content/.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def write(folder: Path) -> None:
    """Write both files; the page is whole in itself, since its style sheet may be out of reach."""
    from assistant.settings import Settings
    from assistant.shared import shared_replies
    from assistant.web.pages import Pages
    from assistant.web.service import KINDS
    from assistant.web.words import load_words

    words, replies = load_words(), shared_replies()
    error, contacts = words.refused.not_ready, replies.regions.contacts(None, KINDS)
    folder.mkdir(parents=True, exist_ok=True)
    page = Pages(words, replies, Settings.from_environment().exit).error(error, contacts)
    (folder / "down.html").write_text(page, encoding="utf-8")
    (folder / "down.json").write_text(
        json.dumps({"error": error, "contacts": contacts}, ensure_ascii=False), encoding="utf-8"
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python deploy/down.py FOLDER")
    sys.path.insert(0, str(ROOT))
    write(Path(sys.argv[1]))
