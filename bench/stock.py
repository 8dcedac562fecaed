"""What is added to the assistant of `rasa init`: one intent that is answered by one custom action, as Rasa's docs show.

Its training examples are the questions of the bench, so that it recognises them all; the action says one text. That is
the least work that an answer by a custom action can be. All else stays as `rasa init` left it: its pipeline (DIET), its
policies (Memoization, Rule, UnexpecTED, TED), conversations in memory.
"""

from __future__ import annotations

from pathlib import Path

from bench.messages import ANSWER, MESSAGES
from bench.places import BenchError

ACTIONS = "actions/article.py"
TEXT = (
    "A trauma bond is a tie of heart and mind to someone who abuses or uses you. It grows inside a relationship where "
    "one person holds more power than the other. It can form with anyone you are close to, like a partner, a friend or "
    "someone in your family. The signs are not always clear, so you may not notice it growing."
)
CHALLENGE = "I am a bot, powered by Rasa."  # of `rasa init`

ACTION = """from typing import Any, Dict, List, Text

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher


class ActionArticle(Action):
    def name(self) -> Text:
        return "action_article"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]
    ) -> List[Dict[Text, Any]]:
        dispatcher.utter_message(text={text!r})
        return []
"""
RULE = """
- rule: Answer from the article
  steps:
  - intent: ask_article
  - action: action_article
"""


def add_action(folder: Path) -> None:
    """Add intent, rule and action to the fresh project in `folder`; raise `BenchError` where it is not as expected."""
    examples = "".join(f"    - {text}\n" for text in MESSAGES[ANSWER])
    (folder / ACTIONS).write_text(ACTION.replace("{text!r}", repr(TEXT)))
    append(folder / "data" / "nlu.yml", f"\n- intent: ask_article\n  examples: |\n{examples}")
    append(folder / "data" / "rules.yml", RULE)
    replace(folder / "domain.yml", "\nintents:\n", "\nactions:\n  - action_article\n\nintents:\n  - ask_article\n")
    if CHALLENGE not in (folder / "domain.yml").read_text():
        raise BenchError("rasa init wrote another project than expected: its domain does not say it is a bot")


def point(folder: Path, port: int) -> None:
    """Tell the assistant in `folder` that its action server listens on `port` of this machine."""
    address = f'action_endpoint:\n  url: "http://127.0.0.1:{port}/webhook"\n'
    (folder / "endpoints.yml").write_text(address)


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text().rstrip("\n") + "\n" + text)


def replace(path: Path, old: str, new: str) -> None:
    before = path.read_text()
    if before.count(old) != 1:
        raise BenchError(f"rasa init wrote another project than expected: {path.name}")
    path.write_text(before.replace(old, new))
