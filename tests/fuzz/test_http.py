"""Every entry of the server under what nobody should send: it answers, in its form, tells no log, and goes on."""

from __future__ import annotations

import html
import json
import multiprocessing
import re
import socket
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.components.web import WebChannel
from assistant.text import MAX_CHARACTERS
from assistant.web import headers
from tests.components.test_web import LISTED, FakeAgent, Server, fields, opened
from tests.fuzz.conftest import Target
from tests.fuzz.nasty import ANY_TEXT, CANARY, HALVES, JSON, TEXT, TEXTS, objects, tries

API = ("/api/session", "/api/message", "/api/end")
PAGES = ("/", "/safety", "/chat", "/api/words", "/health", "/ready", "/widget/linden.js", "/leave/x", "/webhooks/rest/")
POSTED = (*API, "/chat", "/webhooks/rest/webhook")
EVERY = tuple(dict.fromkeys((*PAGES, *POSTED, "/nothing", "/webhooks/sms/webhook", "/webhooks/slack/webhook")))
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW", "get")
KINDS = (
    "application/json", "application/json; charset=utf-16", "text/plain", "text/plain;charset=\u00fc", "",
    "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=", ";;;=", "*/*",
    "multipart/form-data; boundary=\"", "multipart/form-data; boundary=bbbb", "APPLICATION/JSON ", "text/html",
)  # fmt: skip
# What a header may hold on the wire: any byte but line ends and NUL.
HEADER = st.text(st.characters(min_codepoint=1, max_codepoint=255, blacklist_characters="\r\n"), max_size=60)
NAMES = st.sampled_from(
    ["Accept", "Accept-Encoding", "Origin", "Host", "X-Forwarded-For", "Content-Type", "Content-Encoding", "Cookie",
     "Sec-Fetch-Site", "Expect", "Connection", "Upgrade", "Transfer-Encoding", "Content-Length", "Range", "Forwarded",
     "Authorization", "X-HTTP-Method-Override", "If-None-Match", "X-Twilio-Signature", "X-Hub-Signature-256"]
)  # fmt: skip
BYTES = st.binary(max_size=300) | st.sampled_from(
    [b"\0", b"\xff\xfe", b"{", b'{"token"', b"[" * 9000, b"%", b"a=b&" * 50]
)


@pytest.fixture(autouse=True)
def unharmed(target: Target, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Afterwards the server still answers others, and neither its log nor its output holds what was sent."""
    yield
    assert target.is_alive()
    assert target.tells_nothing()
    assert CANARY not in "".join(capfd.readouterr())


@pytest.fixture
def client(target: Target) -> Iterator[httpx.Client]:
    with target.client() as given_:
        yield given_


@pytest.fixture
def token(client: httpx.Client) -> str:
    return opened(client)


def fair(response: httpx.Response) -> httpx.Response:
    """Return `response`, whose status, form and headers are those of an answer."""
    status, kind = response.status_code, response.headers.get("content-type", "")
    assert status < 500 or status == 503, response.text[:200]
    assert headers.EVERY == {name: response.headers.get(name) for name in headers.EVERY}
    if response.request.method == "HEAD" or not response.content:
        return response
    if kind.startswith("application/json"):
        body = response.json()
        assert status < 400 or body["error"]
    elif kind.startswith("text/html"):
        assert response.text.startswith("<!doctype html>")
        assert response.text.rstrip().endswith("</html>")
    else:
        assert kind.startswith(("text/xml", "text/css", "text/javascript", "image/svg+xml", "text/plain")), kind
    return response


def as_json(value: Any) -> dict[str, Any]:
    """Return what httpx sends for a JSON body; halves of characters stay what they are."""
    return {"content": json.dumps(value).encode(), "headers": {"content-type": "application/json"}}


def as_parts(given_: dict[str, str], charset: str = "") -> dict[str, Any]:
    """Return what httpx sends for the fields of a form, as multipart/form-data, in a charset that a browser never names."""
    kind = f"Content-Type: text/plain; charset={charset}\r\n" if charset else ""
    parts = [
        b'--bbbbbbbb\r\nContent-Disposition: form-data; name="%b"\r\n%b\r\n%b\r\n'
        % (name.encode(), kind.encode(), value.encode("utf-8", "replace"))
        for name, value in given_.items()
    ]
    return {"content": b"".join(parts) + b"--bbbbbbbb--\r\n", "headers": {"content-type": "multipart/form-data; boundary=bbbbbbbb"}}  # fmt: skip


def raw(target: Target, sent: bytes) -> bytes:
    """Return what the server answers to exactly these bytes; nothing where it hangs up or waits for more."""
    host, _, port = target.url.removeprefix("http://").partition(":")
    answer = b""
    with socket.create_connection((host, int(port)), 5) as connection:
        connection.settimeout(0.3)
        try:
            connection.sendall(sent)
            while part := connection.recv(65536):
                answer += part
        except (TimeoutError, ConnectionError):
            pass
    return answer


def fair_bytes(answer: bytes, method: str = "GET") -> None:
    """Check each status line in `answer`, and the first answer whole."""
    for status in re.findall(rb"(?:^|\n)HTTP/1\.1 (\d{3}) ", answer):
        assert int(status) < 500 or int(status) == 503, answer[:300]
    head, _, body = answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n").partition(b"\r\n\r\n")
    lines = [tuple(line.split(b": ", 1)) for line in head.split(b"\r\n")[1:]]
    if lines:
        body = body[: int(dict(lines).get(b"content-length", len(body)))]
        asked = httpx.Request(method, "http://127.0.0.1/")
        fair(httpx.Response(int(head.split()[1]), headers=lines, content=body, request=asked))


def wire(method: str, path: str, lines: list[tuple[str, str]], body: bytes) -> bytes:
    """Return a request as it goes over the wire, in which no library has put anything right."""
    head = [
        f"{method} {path} HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        *(f"{name}: {value}" for name, value in lines),
    ]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


# --- JSON


@tries(60)
@given(
    st.sampled_from((*API, "/webhooks/rest/webhook")),
    JSON | objects("token", "text", "choice", "region", "id", "sender", "message"),
)
def test_any_json_is_answered(client: httpx.Client, path: str, value: Any) -> None:
    """Of any shape, with numbers that no computer holds and halves of characters."""
    fair(client.post(path, **as_json(value)))


@tries(60)
@given(st.dictionaries(st.sampled_from(["text", "choice", "id"]), ANY_TEXT, min_size=1), st.booleans())
def test_anything_is_said_in_a_conversation(client: httpx.Client, token: str, said: dict[str, str], seen: bool) -> None:
    """Under a token that is right: the person gets an answer or words that say why not."""
    if "text" in said:
        said["text"] = f"{CANARY} {said['text']}"
    if seen:
        said.pop("text", None)
        said["choice"] = "/ask_signs"
    assert fair(client.post("/api/message", **as_json({"token": token, **said}))).status_code in (200, 400, 413)


def test_every_nasty_text_is_answered(client: httpx.Client) -> None:
    """By the widget and by the plain page, which shows it again."""
    for name, typed in TEXTS.items():
        said, token, page = f"{CANARY} {typed}", opened(client), fields(client.get("/chat").text)
        answer = fair(client.post("/api/message", **as_json({"token": token, "text": said})))
        assert answer.status_code == (200 if len(said) <= MAX_CHARACTERS else 413), name
        whole = said.encode("utf-8", "replace").decode()
        form = {"data": {**page, "text": whole}} if len(name) % 2 else as_parts({**page, "text": whole})
        answer = fair(client.post("/chat", **form))
        assert answer.status_code == (200 if len(whole.replace("\r\n", "\n")) <= MAX_CHARACTERS else 413), name
        assert answer.headers["content-type"].startswith("text/html"), name


BROKEN = (
    "[" * 16_000, '{"a":' * 6000, "[" * 7000 + "]" * 7000, '{"token":"' + "\\ud800" * 5000, "9" * 32_000, '{"' + "a" * 32_000,
    "-", "nul", '{"a":1,}', '{"a":1}{', '{"a":1e}', '{"a":nan}', '"\\u12"', '{"a":"\0"}', "'{}'",
)  # fmt: skip


@pytest.mark.parametrize("path", [*API, "/webhooks/rest/webhook"])
def test_broken_and_deep_json_is_refused_with_words(client: httpx.Client, path: str) -> None:
    """400, never a silence."""
    for body in BROKEN:
        answer = fair(client.post(path, content=body.encode(), headers={"content-type": "application/json"}))
        assert answer.status_code == 400, body[:20]
        assert answer.json()["error"]


# --- bytes, forms, methods, addresses, headers


@tries(80)
@given(st.sampled_from(POSTED), st.sampled_from(KINDS), BYTES)
def test_any_bytes_under_any_type_are_answered(target: Target, path: str, kind: str, body: bytes) -> None:
    """Broken text, broken forms, none at all."""
    body += CANARY.encode()
    fair_bytes(raw(target, wire("POST", path, [("Content-Type", kind), ("Content-Length", str(len(body)))], body)))


FORM = st.dictionaries(st.sampled_from(["token", "said", "sign", "region", "do", "choice", "text"]), TEXT, max_size=7)


@tries(60)
@given(FORM, st.booleans(), st.booleans())
def test_any_form_gets_a_page(client: httpx.Client, given_: dict[str, str], right: bool, parts: bool) -> None:
    """Also with a token that is right, and a history that is not."""
    sent = {**(fields(client.get("/chat").text) if right else {}), **given_, "text": CANARY + given_.get("text", "")}
    answer = fair(client.post("/chat", **(as_parts(sent) if parts else {"data": sent})))

    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("name", ["text", "region"])
def test_a_part_in_an_odd_charset_gets_a_page(client: httpx.Client, name: str) -> None:
    """Nobody's browser sends it: it makes half a character, which no page can hold."""
    fair(
        client.post(
            "/chat", **as_parts({"do": "end" if name == "region" else "say", name: "\\ud800"}, "unicode_escape")
        )
    )


@tries(40)
@given(
    st.sampled_from(
        ["utf-16", "utf-7", "latin-1", "zip", "rot13", "idna", "punycode", "none", "\u00fc", "utf-8-sig", "cp037"]
    ),
    TEXT,
)
def test_a_part_in_any_other_charset_gets_a_page(client: httpx.Client, charset: str, said: str) -> None:
    """A charset that there is not is no reason to fail."""
    fair(client.post("/chat", **as_parts({"text": said}, charset)))


@tries(60)
@given(st.sampled_from(EVERY), st.sampled_from(METHODS), st.binary(max_size=50))
def test_any_method_is_answered(target: Target, path: str, method: str, body: bytes) -> None:
    """Whether the path knows it or not."""
    fair_bytes(raw(target, wire(method, path, [("Content-Length", str(len(body)))], body)), method)


@tries(100)
@given(
    st.sampled_from(
        [
            "",
            "/leave/",
            "/widget/",
            "/widget/../",
            "/api/",
            "/chat",
            "/chat/",
            "/webhooks/",
            "/webhooks/rest/",
            "//",
            "/.",
        ]
    ),
    ANY_TEXT | st.binary(max_size=30),
    st.dictionaries(
        st.sampled_from(["region", "language", "hub.mode", "hub.verify_token"]) | TEXT, ANY_TEXT, max_size=4
    ),
    st.sampled_from(["application/json", "text/html,*/*", ""]),
)
def test_any_address_is_answered(
    client: httpx.Client, start: str, rest: str | bytes, query: dict[str, str], accept: str
) -> None:
    """Percent signs, NULs, half characters, up and out of the folder."""
    given_ = rest if isinstance(rest, bytes) else rest.encode("utf-8", "surrogatepass")
    asked = "&".join(f"{quote(name)}={quote(value.encode('utf-8', 'surrogatepass'))}" for name, value in query.items())
    path = f"{start}{quote(given_, safe='/%;=')}?{asked}&x={CANARY}"
    answer = fair(client.get("/" + path.lstrip("/"), headers={"accept": accept}))

    assert b"Rasa" not in answer.content


@tries(100)
@given(
    st.sampled_from(EVERY),
    st.sampled_from(["GET", "POST", "OPTIONS"]),
    st.lists(st.tuples(NAMES, HEADER), max_size=4),
    BYTES,
)
def test_any_header_is_answered(
    target: Target, path: str, method: str, lines: list[tuple[str, str]], body: bytes
) -> None:
    """Lengths that lie, encodings that do not exist, hosts of others, the same line twice."""
    fair_bytes(raw(target, wire(method, path, [*lines, ("Cookie", CANARY)], body)), method)


@tries(60)
@given(st.binary(min_size=1, max_size=200))
def test_what_is_no_http_at_all_does_no_harm(target: Target, sent: bytes) -> None:
    """It is refused or not answered."""
    fair_bytes(raw(target, sent + b"\r\n\r\n"))


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /%00%ff%ed%a0%80 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /chat?region=%ed%a0%80&region HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 2000 + b"\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"y" * 60_000 + b"\r\n\r\n",
        b"GET /" + b"y" * 60_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\n: no name\r\n\r\n",
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"POST /api/message HTTP/1.1\r\nHost: x\r\nContent-Length: 1_0\r\n\r\n{}",
        b"POST /api/message HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n{}",
        b"POST /api/message HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
        b"POST /api/message HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999999999999999\r\n\r\n{}",
        b"POST /api/message HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /api/message HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        b"POST /api/message HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        b"POST /api/message HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n{}",
        b"POST /api/message HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /api/message HTTP/1.1\r\nHost: x\r\nExpect: rain\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /chat HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=\xff\r\nContent-Length: 3\r\n\r\n--\xff",
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200,
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 200,
    ],
)  # fmt: skip
def test_a_broken_head_does_no_harm(target: Target, sent: bytes) -> None:
    """Each of them once brought down somebody's server."""
    fair_bytes(raw(target, sent))


def alone(folder: Path, told: Connection) -> None:
    """Serve from a process of its own, which tells its port."""
    with Server(FakeAgent(folder), [WebChannel()]) as server:
        told.send(server.port)
        time.sleep(60)


def test_a_length_below_zero_stops_nobody(tmp_path: Path) -> None:
    """One request to any path would have Sanic read for ever. The process is one of its own: it could only be killed."""
    fork = multiprocessing.get_context("fork")
    told, tells = fork.Pipe()
    process = fork.Process(target=alone, args=(tmp_path, tells), daemon=True)
    process.start()
    try:
        assert told.poll(20)
        port = told.recv()
        assert httpx.get(f"http://127.0.0.1:{port}/health", timeout=10).status_code == 200
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.sendall(b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{}")
            answer = raw_status(port)
        assert answer == 200
    finally:
        process.kill()
        process.join()


def raw_status(port: int) -> int:
    """Return the status of `/health`, 0 where there is no answer in time."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", timeout=3).status_code
    except httpx.TimeoutException:
        return 0


# --- too much


@pytest.mark.parametrize("path", [*API, "/chat"])
@pytest.mark.parametrize("size", [40_000, 400_000, 4_000_000])
def test_too_much_is_refused_before_it_is_read(client: httpx.Client, path: str, size: int) -> None:
    """With words, or by hanging up on who goes on sending."""
    kind = "application/x-www-form-urlencoded" if path == "/chat" else "application/json"
    try:
        answer = fair(client.post(path, content=b"x" * size, headers={"content-type": kind}))
    except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
        assert size > 1024 * 1024
    else:
        assert answer.status_code == (200 if path == "/chat" and size < 256 * 1024 else 413)


MANY = {
    "fields": ("application/x-www-form-urlencoded", "&".join(f"{n:x}=1" for n in range(30_000))),
    "the same field": ("application/x-www-form-urlencoded", "text=b&" * 35_000),
    "separators": ("application/x-www-form-urlencoded", "&;=" * 80_000),
    "percent signs": ("application/x-www-form-urlencoded", "text=" + "%" * 240_000),
    "parts": ("multipart/form-data; boundary=bbbb", '--bbbb\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n' * 4000 + "--bbbb--"),
    "boundaries": ("multipart/form-data; boundary=bbbb", "bbbb\r\n\r\n" * 30_000),
    "quotes in a head": ("multipart/form-data; boundary=bbbb", "--bbbb\r\nContent-Disposition: form-data; name=" + '"\\' * 100_000 + "\r\n\r\nx\r\n--bbbb--"),
    "parameters of a head": ("multipart/form-data; boundary=bbbb", "--bbbb\r\nContent-Disposition: form-data" + '; a="b"' * 30_000 + "\r\n\r\nx\r\n--bbbb--"),
}  # fmt: skip


@pytest.mark.parametrize("name", MANY)
def test_a_form_of_many_parts_is_read_at_once(client: httpx.Client, name: str) -> None:
    """Nobody else waits for it: a second is far more than it takes, and far less than a quadratic reader would."""
    kind, body = MANY[name]
    answer = fair(client.post("/chat", content=body, headers={"content-type": kind}))

    assert answer.elapsed.total_seconds() < 1


@pytest.mark.parametrize(("method", "path"), [("POST", "/webhooks/rest/webhook"), ("GET", "/health")])
def test_a_body_that_no_route_reads_is_not_held(target: Target, method: str, path: str) -> None:
    """What announces more than any route takes is refused by its head; else twenty at once would be two gigabytes."""
    lines = [("Content-Type", "text/plain"), ("Content-Length", "5000000")]

    assert b" 413 " in raw(target, wire(method, path, lines, b"x" * 1000)).partition(b"\r\n")[0]


# --- who asks


@tries(40)
@given(
    st.sampled_from(EVERY),
    HEADER | st.sampled_from([LISTED + "\t", LISTED.upper(), "null", "http://[", "https://" + "a" * 5000]),
)
def test_any_other_origin_reads_nothing(target: Target, path: str, origin: str) -> None:
    """Whatever stands in that header, it is not given back."""
    answer = raw(target, wire("GET", path, [("Origin", origin)], b""))

    fair_bytes(answer)
    assert b"access-control-allow-origin" not in answer.partition(b"\r\n\r\n")[0].lower() or origin.strip() == LISTED


@tries(25)
@given(ANY_TEXT | st.binary(max_size=40).map(lambda given_: given_.decode("latin-1")), st.integers(0, 200))
def test_any_token_is_refused(client: httpx.Client, token: str, forged: str, at: int) -> None:
    """For writing, for ending, for leaving; one that is right but for a character as well."""
    tampered = token[: at % len(token)] + forged + token[at % len(token) + 1 :]
    for given_ in {forged, tampered} - {token}:
        assert fair(client.post("/api/message", **as_json({"token": given_, "text": "x"}))).status_code == 401
        assert fair(client.post("/api/end", **as_json({"token": given_}))).status_code == 401
    code = quote(tampered.encode("utf-8", "surrogatepass"), safe="")
    assert fair(client.get(f"/leave/{code}x")).status_code in (303, 404)
    assert fair(client.post("/api/message", **as_json({"token": token, "text": "x"}))).status_code == 200


@tries(20)
@given(TEXT)
def test_what_is_typed_is_shown_as_characters(client: httpx.Client, said: str) -> None:
    """On a page that holds it again: no tag, no attribute of the writer's."""
    page = client.post("/chat", data={**fields(client.get("/chat").text), "text": f"<b>\"'{said}"}).text

    assert "<b>" not in page
    assert html.escape(f"<b>\"'{said}".replace("\r\n", "\n").splitlines()[0].strip()) in page or len(said) > 4000


# --- halves of characters where they cannot be kept


@pytest.mark.parametrize("id", ["\ud800", "x\udfff"])
def test_a_message_under_half_an_id_is_answered(client: httpx.Client, token: str, id: str) -> None:
    """Or refused with words: it cannot be saved."""
    answer = fair(client.post("/api/message", **as_json({"token": token, "text": "hello", "id": id})))

    assert answer.status_code == 400 or "You said" in answer.text


@pytest.mark.parametrize(
    "value", [{"sender": "x", "message": "hello \ud800"}, {"sender": "\ud800", "message": "hello"}]
)
def test_half_a_character_on_the_plain_channel_is_answered(client: httpx.Client, value: dict[str, str]) -> None:
    """As the web channel does."""
    answer = fair(client.post("/webhooks/rest/webhook", **as_json(value)))

    assert answer.status_code == 400 or "You said" in answer.text


def test_halves_and_forms_are_what_the_tests_think_they_are() -> None:
    """The strategies make what they promise."""
    assert HALVES.validate() is None
    assert urlencode({"a": "b"}) == "a=b"
    with pytest.raises(UnicodeEncodeError):
        "\ud800".encode()
