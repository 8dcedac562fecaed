"""The first floor: a Sanic handler that reads a turn's JSON and answers one text. Arguments: port, text."""

from __future__ import annotations

import sys

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json

app = Sanic("floor")


@app.post("/webhooks/rest/webhook")
async def answer(request: Request) -> HTTPResponse:
    return json([{"recipient_id": request.json["sender"], "text": sys.argv[2]}])


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(sys.argv[1]), access_log=False)
