"""The transport: what it asks, and what it makes of answers. Run in the browser, as a module without a page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from visitor import Visitor

WITH = "async ([base, given]) => { const { Transport } = await import('/widget/transport/transport.js'); const t = new Transport(base);"


def run(visitor: Visitor, code: str, given: Any = None, base: str = "") -> Any:
    """Run `code` with a transport `t` to the visitor's server."""
    visitor.visit("/other", widget="", attributes="hidden")
    visitor.server.asked.clear()
    return visitor.page.evaluate(WITH + code + "}", [base or visitor.server.url, given])


def test_a_conversation(someone: Visitor) -> None:
    """Start, send, erase: the token travels in the body only."""
    answer = run(
        someone,
        "await t.start('GB'); const said = await t.send({ text: 'hello' }); return [said, await t.erase(), t.started];",
    )

    assert answer == [{"messages": [{"text": "You said hello"}]}, True, False]
    asked = [(path, json.loads(body)) for method, path, _, body in someone.server.asked if method == "POST"]
    assert asked[1][1].pop("id")
    assert asked == [
        ("/api/session", {"region": "GB"}),
        ("/api/message", {"token": "a-token", "text": "hello"}),
        ("/api/end", {"token": "a-token"}),
    ]


def test_a_message_that_got_no_answer_is_sent_again_under_its_id(someone: Visitor) -> None:
    """By itself, and when the person sends the same words again; other words have an id of their own."""
    code = """await t.start(); const real = fetch; let fail = Number(given); const bodies = [];
    globalThis.fetch = (url, options) => {
      bodies.push(options.body); return fail-- > 0 ? Promise.reject(new TypeError('gone')) : real(url, options) };
    const say = (text) => t.send({ text }).then(() => 'ok', ({ kind }) => kind);
    const ended = [await say('one'), await say('one'), await say('two'), await say('two')];
    return [ended, bodies.map((body) => JSON.parse(body).id)];"""

    ended, ids = run(someone, code, 2)
    assert (ended, len(ids)) == (["ok"] * 4, 6)
    assert len(set(ids[:3])) == 1
    assert len(set(ids[2:])) == 4

    ended, ids = run(someone, code, 5)
    assert ended == ["offline", "ok", "ok", "ok"]
    assert len(set(ids[: ids.index(ids[5]) + 1])) == 1


def test_nothing_is_sent_again_after_leaving(someone: Visitor) -> None:
    """The exit ends a message that is still waiting for an answer."""
    code = """await t.start(); let asked = 0; globalThis.fetch = () => (asked++, Promise.reject(new TypeError('gone')));
    const sent = t.send({ text: 'x' }).catch(() => 0); navigator.sendBeacon = () => true; t.leave(); await sent;
    await new Promise((done) => setTimeout(done, 1500)); return asked;"""

    assert run(someone, code) == 1


def test_a_server_below_a_path(someone: Visitor) -> None:
    """With or without a slash at the end."""
    assert (
        run(someone, "return t.address('api/words')", base="https://example.org/linden")
        == "https://example.org/linden/api/words"
    )
    assert (
        run(someone, "return t.address('/safety')", base="https://example.org/linden/") == "https://example.org/safety"
    )


@pytest.mark.parametrize(
    ("status", "answer", "expected"),
    [
        (401, {"error": "Ended."}, ["expired", "Ended.", False]),
        (429, {"error": "Slower."}, ["failed", "Slower.", True]),
        (500, {}, ["failed", None, True]),  # asked again first
    ],
)
def test_what_goes_wrong_has_a_kind(someone: Visitor, status: int, answer: Any, expected: list[Any]) -> None:
    """With the server's words; only a session that is over ends here too."""
    someone.server.answers = lambda _: (status, answer)
    code = "await t.start(); try { await t.send({ text: 'x' }) } catch ({ kind, words }) { return [kind, words ?? null, t.started] }"

    assert expected == run(someone, code)
    someone.errors.clear()


def test_no_server_is_offline_and_a_silent_one_a_fault(someone: Visitor) -> None:
    """After thirty seconds nothing is waited for any more."""
    code = "try { await t.words({}) } catch ({ kind }) { return kind }"
    assert run(someone, code, base="http://127.0.0.1:1") == "offline"
    silent = "globalThis.fetch = () => Promise.reject(new DOMException('', 'TimeoutError')); "
    assert run(someone, silent + code) == "failed"
    someone.errors.clear()


def test_what_is_begun_while_leaving_is_ended(someone: Visitor) -> None:
    """A session that opens after the exit is closed at once."""
    answer = run(someone, "const start = t.start(); t.leave(); await start; return t.started;")
    someone.page.wait_for_timeout(100)

    assert answer is False
    assert someone.server.sent_to("/api/end") == ["a-token"]


def test_without_a_beacon_the_end_is_sent_all_the_same(someone: Visitor) -> None:
    """By a request that outlives the page."""
    run(someone, "await t.start(); navigator.sendBeacon = () => false; t.leave();")
    someone.page.wait_for_timeout(100)

    assert someone.server.sent_to("/api/end") == ["a-token"]
