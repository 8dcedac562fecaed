"""The chat: what a person sees, hears and can do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest import EMPTY, STORED, Visitor
from fake_server import CONTACTS, EMERGENCY

HOSTILE = "<img src=x onerror=\"document.title='broken'\"><b>bold</b><script>document.title='broken'</script>"


def test_before_the_first_message_it_says_what_exit_cannot_do(someone: Visitor) -> None:
    """Nothing is sent to the server before the person has read that and begun (R6)."""
    someone.visit().open()

    assert someone.chat.get_by_text("Your browser still has this visit in its history").is_visible()
    assert someone.chat.get_by_role("link", name="How to browse more safely").get_attribute("href") == f"{someone.server.url}/safety"
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


def test_it_works_on_a_page_of_another_origin(arrive: Callable[..., Visitor], server: object) -> None:
    """One line embeds it; the server is where the script came from."""
    from fake_server import FakeServer

    host = FakeServer()
    visitor = arrive()
    home = visitor.server
    host.origins, home.origins = [home.url], [host.url]
    address = host.page("/", widget=home.url)
    try:
        visitor.page.goto(address)
        visitor.open().start().say("hello")
        visitor.log.get_by_text("You said hello").wait_for()
    finally:
        host.stop()

    assert {host.url, home.url} == {"/".join(url.split("/")[:3]) for url in visitor.requests}


def test_text_is_never_read_as_html(someone: Visitor) -> None:
    """Whatever either side writes, choices and names included, stays text."""
    someone.server.answers = lambda _: (
        200,
        {
            "messages": [
                {
                    "text": HOSTILE,
                    "buttons": [{"title": HOSTILE, "payload": "/x"}],
                    "custom": {"contacts": [{"name": HOSTILE, "hours": HOSTILE, "phone": "1", "url": "javascript:alert(1)"}]},
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


def test_contacts_are_cards_at_the_place_of_their_lines(someone: Visitor) -> None:
    """In an emergency the numbers come first, once, with links that call and the silent way."""
    someone.server.answers = lambda _: (200, {"messages": EMERGENCY})
    someone.begin().say("he is at the door")
    someone.log.get_by_text("This sounds like danger").wait_for()
    first, second = someone.log.locator(".theirs").all()[2:4]

    assert [link.get_attribute("href") for link in first.get_by_role("link").all()] == [
        "tel:999",
        "tel:08082000247",
        "https://www.nationaldahelpline.org.uk",
    ]
    assert "press 55 when asked" in first.inner_text()
    assert "call 999 (24/7)" not in someone.log.inner_text()
    assert ["p", "p"] == [node.evaluate("n => n.localName") for node in second.locator("p").all()]
    assert first.get_by_role("link").all()[2].get_attribute("rel") == "noopener noreferrer"


def test_a_number_for_texts_brings_its_word(someone: Visitor) -> None:
    """ "85258 (SHOUT)" opens a text to 85258 that holds SHOUT."""
    someone.server.answers = lambda _: (200, {"messages": [{"text": "Here.", "custom": {"contacts": CONTACTS[2:], "region": "GB"}}]})
    someone.begin().say("who can i text")

    link = someone.log.get_by_role("link", name="Text SHOUT to 85258")
    assert link.get_attribute("href") == "sms:85258?&body=SHOUT"


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
    assert names == ["a Leave this page", "button Close", "a How to browse more safely (opens a new tab)", "button Start"]
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


def test_numbers_come_by_themselves_when_the_answer_takes_long(someone: Visitor) -> None:
    """Eight seconds without a reply: the region's numbers; the reply still comes."""
    someone.page.clock.install()
    someone.server.delay = 3
    someone.begin().say("are you there")
    someone.log.locator(".mine").wait_for()
    someone.page.clock.run_for(7900)
    assert someone.log.get_by_role("link").count() == 0
    someone.page.clock.run_for(200)

    someone.log.get_by_text("The answer is taking long").wait_for()
    assert someone.log.get_by_role("link", name="Call 999").is_visible()
    someone.log.get_by_text("You said are you there").wait_for()


def test_offline_the_numbers_are_there_and_the_words_are_not_lost(someone: Visitor) -> None:
    """Without a connection the numbers show at once; what was written goes back into the field."""
    someone.begin()
    someone.errors.clear()
    someone.page.context.set_offline(True)
    someone.log.get_by_text("There is no connection").wait_for()
    assert someone.log.get_by_role("link", name="Call 999").is_visible()

    someone.say("please help")
    someone.page.wait_for_function("document.querySelector('linden-chat').shadowRoot.querySelector('textarea').value")
    assert someone.input.input_value() == "please help"
    assert someone.log.get_by_text("There is no connection").count() == 1
    assert someone.log.get_by_role("button", name="Someone may see this").is_enabled()

    someone.page.context.set_offline(False)
    someone.input.press("Enter")
    someone.log.get_by_text("You said please help").wait_for()
    someone.errors.clear()  # the browser's own line on the lost connection


@pytest.mark.parametrize("status", [413, 429, 503])
def test_what_the_server_refuses_is_said_with_numbers(someone: Visitor, status: int) -> None:
    """The server's own words, the numbers, and the text back in the field."""
    someone.server.answers = lambda _: (status, {"error": "That was very fast.", "contacts": []})
    someone.begin().say("hello")
    someone.log.get_by_text("That was very fast.").wait_for()

    assert someone.log.get_by_role("link", name="Call 999").is_visible()
    assert someone.input.input_value() == "hello"
    someone.errors.clear()  # the browser's own line on the status


def test_a_page_that_is_no_json_is_a_fault_with_numbers(someone: Visitor) -> None:
    """A proxy's fault page is not shown."""
    someone.begin()
    someone.page.route("**/api/message", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    someone.say("hello")

    someone.log.get_by_text("Something went wrong").wait_for()
    assert someone.log.get_by_role("link", name="Call 999").is_visible()
    someone.errors.clear()


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


def test_numbers_follow_the_person(someone: Visitor) -> None:
    """Who says that they are in Canada sees numbers for Canada, also when the server is out of reach then."""
    someone.server.answers = lambda _: (200, {"messages": [{"text": "Thank you.", "custom": {"region": "CA"}}]})
    someone.begin().say("i am in canada")
    someone.log.get_by_text("Thank you.").wait_for()
    someone.page.wait_for_load_state("networkidle")
    someone.page.context.set_offline(True)

    someone.log.get_by_role("link", name="Call 1-833-456-4566").wait_for()
    assert "999" not in someone.log.inner_text()


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

    assert ["Assistant said: OK."] == someone.log.locator(".message").evaluate_all("nodes => nodes.map((n) => n.textContent)")


def test_without_a_server_the_page_shows_its_own_words(someone: Visitor) -> None:
    """The content of the element, here numbers, stands in; it can be tried again."""
    someone.page.route("**/api/words*", lambda route: route.abort())
    someone.visit().open()
    assert someone.page.get_by_text("Numbers: 999").is_visible()

    someone.page.unroute("**/api/words*")
    someone.chat.get_by_role("button", name="Try again").click()
    someone.chat.get_by_role("button", name="Start", exact=True).wait_for()
    assert someone.focused() == "h2 Chat"
    someone.errors.clear()


def test_attributes_set_title_place_and_language(someone: Visitor) -> None:
    """`title` names the panel without a label under the pointer; `region` and `language` reach the server."""
    someone.begin("/set", attributes='title="Ask us" region="GB" language="en-GB" position="start"')

    assert someone.chat.get_by_role("heading", name="Ask us").is_visible()
    assert someone.chat.get_attribute("title") is None
    assert someone.chat.locator("dialog").bounding_box()["x"] < 100
    assert '{"region":"GB"}' in someone.server.sent_to("/api/session")
    assert any(path == "/api/words?region=GB&language=en-GB" for _, path, _, _ in someone.server.asked)


# The site's own colours.
@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('accent="#123456"', "rgb(18, 52, 86)"),  # white is added, 12.7:1
        ('accent="#fd0"', "rgb(255, 221, 0)"),  # black is added
        ('accent="#777" accent-text="#888"', "rgb(29, 92, 87)"),  # refused: 1.3:1
        ('accent="#ffffff" accent-text="#767676"', "rgb(255, 255, 255)"),  # 4.54:1
        ('accent="#ffffff" accent-text="#777777"', "rgb(29, 92, 87)"),  # 4.48:1
        ('accent="red"', "rgb(29, 92, 87)"),  # not #rrggbb
    ],
)
def test_colours_that_cannot_be_read_are_refused(someone: Visitor, attributes: str, expected: str) -> None:
    """A pair below 4.5:1 falls back to the widget's own."""
    someone.visit("/colour", attributes=attributes)
    launcher = someone.chat.get_by_role("button", name="Chat", exact=True)

    assert expected == launcher.evaluate("node => getComputedStyle(node).backgroundColor")


def test_a_very_long_conversation_stays_smooth(someone: Visitor) -> None:
    """Two thousand messages: one more costs less than a tenth of a second, and the old ones are not drawn."""
    someone.begin()
    cost = someone.log.evaluate(
        """async (log) => {
          const { Log } = await import("/widget/chat/log.js");
          const big = new Log({}, () => {});
          log.replaceWith(big.list);
          for (let i = 0; i < 2000; i += 1) big.theirs([{ text: `Message ${i}. ` + "Some words. ".repeat(20) }]);
          const start = performance.now();
          big.mine("One more");
          await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          return [performance.now() - start, getComputedStyle(big.list.firstChild).contentVisibility];
        }"""
    )
    assert cost[1] == "auto"
    assert cost[0] < 500  # two frames included, on a busy machine


def test_without_script_the_element_is_a_plain_link(arrive: Callable[..., Visitor]) -> None:
    """R36: the link in the element, and the numbers."""
    visitor = arrive(java_script_enabled=False).visit("/plain", html="")
    link = visitor.page.get_by_role("link", name="Leave this page")
    assert link.get_attribute("href") == "/weather"
