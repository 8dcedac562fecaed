"""What the web channel reads of a request, and what it makes of an error."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from sanic.exceptions import MethodNotSupported, NotFound, PayloadTooLarge, SanicException, ServiceUnavailable
from sanic.request import Request

from assistant.text import mended
from assistant.web import headers
from assistant.web.service import Refusal

logger = logging.getLogger(__name__)

MOST_BYTES = 32 * 1024
MOST_OF_FORM = 256 * 1024  # the page's own words come back with it, and are lost with it where it is refused
MOST_DRAINED = 1024 * 1024  # of a body that is too large, so that its sender can read why
NO_METHOD = "NONE"  # of what Sanic makes of a head that it could not read
WITHOUT_ORIGIN = ("/api/end", "/chat")  # a beacon and a form, sent from a page with `no-referrer`, come from "null"


def origin_of(request: Request, listed: tuple[str, ...]) -> str:
    """Return the listed origin that `request` comes from, "" for our own pages; raise `Refusal` for any other."""
    origin = request.headers.get("origin", "")
    if not origin or headers.same(origin, request.headers.get("host", "")):
        return ""
    if origin in listed:
        return str(origin)
    if origin == "null" and request.method == "POST" and request.path in WITHOUT_ORIGIN and not _other_site(request):
        return ""
    raise Refusal(403, "origin")


def _other_site(request: Request) -> bool:
    """Tell whether a form was sent by another site; who ends a session by its token may be anywhere."""
    return request.path == "/chat" and request.headers.get("sec-fetch-site", "") in ("cross-site", "same-site")


def content_type(request: Request) -> str:
    """Return the media type of the body, without its parameters."""
    return str(request.headers.get("content-type", "")).partition(";")[0].strip().lower()


async def read(request: Request, most: int = MOST_BYTES) -> bytes:
    """Return the body of a streamed request; raise `Refusal` when it is larger than `most` bytes."""
    stream: Any = request.stream
    body = b""
    while stream.request_body:
        if stream.request_bytes > most:  # announced, or of the parts that came
            raise Refusal(413, "too_long")
        body += await stream.read() or b""
    if len(body) > most:
        raise Refusal(413, "too_long")
    return body


async def json_body(request: Request, *, optional: bool = False) -> Mapping[str, Any]:
    """Return the object that the body is, an empty one for no body where it is `optional`; raise `Refusal`."""
    given = await read(request)
    if optional and not given:
        return {}
    if content_type(request) != "application/json":
        raise Refusal(415, "type")
    try:
        body = json.loads(given)
    except (ValueError, RecursionError):
        raise Refusal(400, "bad") from None
    if not isinstance(body, dict):
        raise Refusal(400, "bad")
    return body


async def form_body(request: Request) -> Mapping[str, str]:
    """Return the fields of a form, each once; raise `Refusal`."""
    if content_type(request) not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise Refusal(415, "type")
    request.body = await read(request, MOST_OF_FORM)
    return {name: mended(values[0]) for name, values in (request.form or {}).items() if values}


def refusal_of(error: Exception, request: Request) -> Refusal:
    """Return what a person is told about `error`; a fault of ours is logged by its kind alone."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, NotFound):
        return Refusal(404, "not_found")
    if isinstance(error, PayloadTooLarge):
        return Refusal(413, "too_long")
    if isinstance(error, MethodNotSupported):
        return Refusal(405, "bad")
    if isinstance(error, SanicException) and 400 <= error.status_code < 500:
        return Refusal(error.status_code, "bad")
    if request.method == NO_METHOD:
        return Refusal(400, "bad")
    if isinstance(error, ServiceUnavailable) and str(error) == "Cancelled":  # nobody is there any more to read this
        return Refusal(503, "failed")
    logger.error("a request failed: %s", type(error).__name__)
    return Refusal(500, "failed")
