"""The chat: what a person sees, hears and can do."""

from __future__ import annotations

from fake_server import CONTACTS
from visitor import EMPTY, STORED, Visitor

HOSTILE = "<img src=x onerror=\"document.title='broken'\"><b>bold</b><script>document.title='broken'</script>"


def test_before_the_first_message_it_says_what_exit_cannot_do(someone: Visitor) -> None:
    """Nothing is sent to the server before the person has read that and begun (R6)."""
    someone.visit().open()

    assert someone.chat.get_by_text("Your browser still has this visit in its history").is_visible()
    assert (
        someone.chat.get_by_role("link", name="How to browse more safely").get_attribute("href")
        == f"{someone.server.url}/safety"
    )
    assert someone.server.sent_to("/api/session") == []
    assert not someone.input.is_visible()


def test_a_conversation_leaves_nothing_and_asks_nobody_else(someone: Visitor) -> None:
    """Only the own server is asked; no cookie, storage, database, cache or history entry (R4, R5, R30)."""
    someone.visit()
    before = someone.page.evaluate(STORED)
    length = someone.page.evaluate("history.length")

    someone.open().start().say("he is the sweetest man")
    someone.log.get_by_text("You said he is the sweetest man").wait_for()

    assert EMPTY == before == someone.page.evaluate(STORED)
    assert someone.page.context.cookies() == []
    assert length == someone.page.evaluate("history.length")
    assert {someone.server.url} == {"/".join(url.split("/")[:3]) for url in someone.requests}
    assert someone.page.url == f"{someone.server.url}/"
    assert someone.page.title() == "A page of the clinic"
    headers = [headers for _, path, headers, _ in someone.server.asked if path.startswith("/api/")]
    assert all("Cookie" not in given and "Referer" not in given for given in headers)


def test_text_is_never_read_as_html(someone: Visitor) -> None:
    """Whatever either side writes, choices and names included, stays text."""
    someone.server.answers = lambda _: (
        200,
        {
            "messages": [
                {
                    "text": HOSTILE,
                    "buttons": [{"title": HOSTILE, "payload": "/x"}],
                    "custom": {
                        "contacts": [{"name": HOSTILE, "hours": HOSTILE, "phone": "1", "url": "javascript:alert(1)"}]
                    },
                }
            ]
        },
    )
    someone.begin().say(HOSTILE)
    someone.chat.get_by_role("button", name=HOSTILE).wait_for()

    # what was said, the answer, its choice, and a contact's name and hours
    assert 5 == someone.log.get_by_text(HOSTILE, exact=True).count()
    assert someone.page.title() == "A page of the clinic"
    assert someone.log.locator("img, b, script, a[href^=javascript]").count() == 0


def test_choices_are_buttons_that_work_once(someone: Visitor) -> None:
    """The payload goes to the server, the title to the screen; then the old choices are of no use."""
    someone.begin()
    choice = someone.chat.get_by_role("listitem").get_by_role("button", name="Someone may see this")
    choice.click()
    someone.log.get_by_text("You said /ask_privacy").wait_for()

    assert '"choice":"/ask_privacy{\\"choice\\": \\"device\\"}"' in someone.server.sent_to("/api/message")[0]
    assert someone.log.locator(".mine").inner_text().endswith("Someone may see this")
    assert all(button.is_disabled() for button in someone.log.get_by_role("button").all())
    assert someone.focused() == "textarea input"


def test_each_message_is_announced_once(someone: Visitor) -> None:
    """One polite log; a finished message goes in whole, with who said it; what the person wrote is not read back (R35)."""
    someone.begin()
    someone.log.evaluate(
        """(log) => { globalThis.added = []; new MutationObserver((changes) => { for (const change of changes) {
          if (change.type !== "childList" || change.target !== log) globalThis.added.push("changed later");
          for (const node of change.addedNodes) globalThis.added.push(node.getAttribute("aria-live") ?? node.textContent);
        } }).observe(log, { childList: true, subtree: true, characterData: true }); }"""
    )
    someone.say("hello")
    someone.log.get_by_text("You said hello").wait_for()

    assert ["off", "Assistant said: You said hello"] == someone.page.evaluate("added")
    assert ["log"] == someone.chat.locator("[aria-live=polite]").evaluate_all("nodes => nodes.map((node) => node.role)")


def test_a_whole_conversation_by_keyboard(someone: Visitor) -> None:
    """Open, read, begin, write, choose, close: focus is always where the person needs it."""
    page = someone.visit().page
    page.keyboard.press("Tab")
    assert someone.focused() == "a Leave this page"  # the first thing to be reached
    someone.chat.get_by_role("button", name="Chat", exact=True).focus()
    page.keyboard.press("Enter")
    assert someone.focused() == "h2 Chat"
    names = []
    for _ in range(4):
        page.keyboard.press("Tab")
        names.append(someone.focused())
    assert names == [
        "a Leave this page",
        "button Close",
        "a How to browse more safely (opens a new tab)",
        "button Start",
    ]
    page.keyboard.press("Enter")
    someone.input.wait_for()
    assert someone.focused() == "textarea input"
    page.keyboard.type("hello")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("There")
    page.keyboard.press("Enter")
    someone.log.get_by_text("You said hello").wait_for()
    assert someone.focused() == "textarea input"
    page.keyboard.press("Escape")
    page.wait_for_function("!document.querySelector('linden-chat').shadowRoot.querySelector('dialog').open")
    assert someone.focused() == "button Chat"
    assert page.url == f"{someone.server.url}/"  # Esc is not the exit
    page.keyboard.press("Enter")
    assert someone.log.get_by_text("You said hello").is_visible()


def test_an_ended_session_can_be_begun_again(someone: Visitor) -> None:
    """After an hour the chat says so and starts anew on one button; the words in the field stay."""
    someone.server.answers = lambda _: (401, {"error": "This chat has ended.", "contacts": CONTACTS})
    someone.begin().say("hello")
    someone.log.get_by_text("This chat has ended.").wait_for()
    someone.log.get_by_role("button", name="Start again").click()
    someone.log.get_by_text("This chat has ended.").wait_for(state="detached")

    assert len(someone.server.sent_to("/api/session")) == 2
    assert someone.log.locator(".mine").count() == 0
    assert someone.input.input_value() == "hello"
    someone.errors.clear()


def test_the_chat_can_be_erased_without_leaving(someone: Visitor) -> None:
    """One button, at every turn (R9): gone from the screen at once and from the server."""
    someone.begin().say("secret")
    someone.log.get_by_text("You said secret").wait_for()
    someone.chat.get_by_role("button", name="Erase this chat").click()
    someone.log.get_by_text("What was written here is erased").wait_for()

    assert "secret" not in someone.chat.evaluate("chat => chat.shadowRoot.textContent")
    assert someone.server.sent_to("/api/end") == ['{"token":"a-token"}']
    assert someone.focused() == "h2 Chat"


def test_the_stop_word_empties_the_screen(someone: Visitor) -> None:
    """When the server says that all is erased, the screen is emptied too."""
    someone.begin().say("secret")
    someone.log.get_by_text("You said secret").wait_for()
    someone.server.answers = lambda _: (200, {"messages": [{"text": "OK."}], "erased": True})
    someone.say("umbrella")
    someone.log.get_by_text("OK.").wait_for()

    assert ["Assistant said: OK."] == someone.log.locator(".message").evaluate_all(
        "nodes => nodes.map((n) => n.textContent)"
    )


def test_a_very_long_conversation_stays_smooth(someone: Visitor) -> None:
    """A thousand messages: one more is there within a blink, and the old ones are not drawn."""
    someone.begin()
    cost = someone.log.evaluate(
        """async (log) => {
          const { Log } = await import("/widget/chat/log.js");
          const big = new Log({}, () => {});
          log.replaceWith(big.list);
          for (let i = 0; i < 1000; i += 1) big.theirs([{ text: `Message ${i}. ` + "Some words. ".repeat(20) }]);
          const start = performance.now();
          big.mine("One more");
          await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          return [performance.now() - start, getComputedStyle(big.list.firstChild).contentVisibility];
        }"""
    )
    assert cost[1] == "auto"
    assert cost[0] < 400  # two frames included, on a busy machine
