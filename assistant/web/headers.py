"""Who may ask, and the headers that every answer carries."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# data: is the empty icon that the exit leaves in the tab.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
EVERY = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
CLEAR = {"Clear-Site-Data": '"cache", "storage"'}
ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")


def is_origin(text: str) -> bool:
    """Return whether `text` is one origin as browsers send it: scheme, host, port where unusual, nothing else."""
    return bool(ORIGIN.fullmatch(text))


def same(origin: str, host: str) -> bool:
    """Return whether `origin` is the site that was asked under the Host header `host`.

    The scheme does not count: behind a proxy that ends TLS the server sees http.
    """
    return bool(host) and is_origin(origin) and urlsplit(origin).netloc == host.lower()


def takes_gzip(accepted: str) -> bool:
    """Return whether an Accept-Encoding header lets a gzipped answer be sent (RFC 9110, 12.5.3)."""
    weights = {}
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        weights[name.strip()] = not re.fullmatch(r"\s*q=0(\.0*)?\s*", weight)
    return weights.get("gzip", weights.get("*", False))


def cross_origin(origin: str, *, preflight: bool = False) -> dict[str, str]:
    """Return what lets a page of the listed `origin` read the answer: never a wildcard, never with credentials."""
    headers = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "Retry-After",
        "Vary": "Origin",
    }
    if preflight:
        headers |= {
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "Content-Type",
            "Access-Control-Max-Age": "600",
        }
    return headers
