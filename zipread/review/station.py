"""The review station as a web application: one page, its script, its pictures, and five verbs.

Only whoever has the token in the address gets anything, and only through the loopback name that the
station printed: a page of another origin can neither read nor post, nor reach it by a name of its
own that leads here (DNS rebinding).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from zipread.decisions import Action
from zipread.errors import OutputProblem
from zipread.names import visible
from zipread.review.desk import Doubted, Refused
from zipread.review.pictures import shown
from zipread.review.queue import code_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from zipread.review.desk import Desk
    from zipread.review.queue import Item

_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
_FILES = {
    "": ("station.html", "text/html"),
    "station.css": ("station.css", "text/css"),
    "station.js": ("station.js", "text/javascript"),
}
_LONGEST_NAME = 60
_LARGEST_BODY = 4096


@dataclass(frozen=True, slots=True)
class Gate:
    """Who may come in: by the token, at the port, through which names."""

    token: str
    port: int

    @property
    def hosts(self) -> frozenset[str]:
        """The Host headers that are this station."""
        return frozenset(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost"))

    def refusal(self, method: str, path: str, headers: dict[str, str]) -> str:
        """Why a request is not let in; empty if it is."""
        host, origin = headers.get("host", ""), headers.get("origin")
        if host not in self.hosts:
            return "This is not the name of the review station."
        if origin is not None and origin != f"http://{host}":
            return "Another page may not use the review station."
        if method == "POST" and origin is None:
            return "The request does not say which page it comes from."
        given = path.split("/")[1] if path.count("/") >= 2 else ""
        if not secrets.compare_digest(given.encode(), self.token.encode()):
            return "Open the review station with the whole address that it printed."
        return ""


class Gatekeeper:
    """Lets in what the gate allows, and puts the same headers on every answer."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self._app = app
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = dict(message["headers"])
                extra = {k.encode(): v.encode() for k, v in _HEADERS.items()}
                message["headers"] = list((extra | own).items())
            await send(message)

        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        refusal = self._gate.refusal(scope["method"], scope["path"], headers)
        app = PlainTextResponse(refusal, 403) if refusal else self._app
        await app(scope, receive, send_guarded)


def application(desk: Desk, gate: Gate, who: str, *, blind: bool) -> Starlette:
    """The station for a desk. ``who`` is the name to start with; ``blind`` hides the guess."""
    station = _Station(desk, who, blind)
    routes = [
        Route("/{token}/", _file),
        Route("/{token}/{name}", _file),
        Route("/{token}/picture/{number:int}/{kind}", station.picture),
        Route("/{token}/do/{verb}", station.do, methods=["POST"]),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Gatekeeper, gate=gate)])


def _file(request: Request) -> Response:
    name = request.path_params.get("name", "")
    if name not in _FILES:
        return PlainTextResponse("There is nothing here.", 404)
    file, kind = _FILES[name]
    return Response((resources.files("zipread.review") / file).read_bytes(), media_type=kind)


class _Station:
    """The verbs: each takes what the page posts and answers with what to show."""

    def __init__(self, desk: Desk, who: str, blind: bool) -> None:
        self._desk = desk
        self._who = who
        self._blind = blind
        self._signs = {"alive": desk.alive, "leave": desk.leave}
        self._verbs: dict[str, Callable[[dict[str, Any], str, str], Item | None]] = {
            "next": lambda _, seat, who: desk.next(seat, who),
            "decide": self._decide,
            "back": lambda _, seat, who: desk.back(seat, who),
            "undo": lambda _, seat, who: desk.undo(seat, who),
            "again": lambda _, seat, who: desk.again(seat, who),
        }

    async def do(self, request: Request) -> Response:
        """Do what the page asks for and tell it what to show next."""
        body = await request.body()
        if request.headers.get("content-type") != "application/json" or len(body) > _LARGEST_BODY:
            return PlainTextResponse("Not the kind of request that the page makes.", 415)
        return await run_in_threadpool(self._answer, request.path_params["verb"], body)

    def _answer(self, verb: str, body: bytes) -> Response:
        try:
            asked = json.loads(body)
            seat, who = str(asked["seat"])[:64], _name(asked.get("who") or self._who)
            if verb in self._signs:
                self._signs[verb](seat)
                return JSONResponse({})
            item = self._verbs[verb](asked, seat, who)
        except Doubted as doubt:
            return JSONResponse({"doubt": str(doubt)}, 409)
        except Refused as refusal:
            return JSONResponse({"refused": str(refusal)}, 409)
        except OutputProblem as problem:
            return JSONResponse({"refused": str(problem)}, 507)
        except (ValueError, KeyError, TypeError, AttributeError):
            return JSONResponse({"refused": "The page asked for something odd."}, 400)
        return JSONResponse(self._to_show(item, seat, who))

    def _decide(self, asked: dict[str, Any], seat: str, who: str) -> Item | None:
        action = Action(asked["action"])
        if action is Action.UNDO:
            raise ValueError(action)
        code, sure = str(asked.get("code", "")), asked.get("sure") is True
        return self._desk.decide(seat, who, int(asked["item"]), action, code, sure=sure)

    def _to_show(self, item: Item | None, seat: str, who: str) -> dict[str, Any]:
        queue = self._desk.queue
        state: dict[str, Any] = {
            "who": who,
            "left": queue.left(),
            "total": len(queue.items),
            "skipped": self._desk.skipped(seat),
            "needs": self._desk.needs,
            "item": self._item(item, who) if item else None,
        }
        ahead = self._desk.ahead(seat, item)
        state["ahead"] = ahead.number if ahead else None
        return state

    def _item(self, item: Item, who: str) -> dict[str, Any]:
        seen = shown(item)
        guess = {} if self._blind else {"guess": seen.guess, "alternatives": seen.alternatives}
        digits = () if self._blind else seen.digits
        return {
            "number": item.number,
            "document": item.document,
            "page": item.page,
            "is_zip": item.is_zip,
            "confidence": None if self._blind else seen.confidence,
            "digits": digits,
            "said": code_of(self._desk.queue.said(item, who)),
            "disputed": self._desk.queue.is_disputed(item),
            "problem": visible(seen.problem),
            "pictures": {
                kind: {"width": p.width, "height": p.height, "box": p.box}
                for kind, p in seen.pictures.items()
            },
            "whole": seen.field is None,
            **guess,
        }

    def picture(self, request: Request) -> Response:
        """A picture of an item; run in a thread, as all that is not ``async``."""
        try:
            seen = shown(self._desk.item(request.path_params["number"]))
        except Refused as refusal:
            return PlainTextResponse(str(refusal), 404)
        picture = seen.pictures.get(request.path_params["kind"])
        if picture is None:
            return PlainTextResponse("There is no such picture.", 404)
        kept = {"cache-control": "private, max-age=3600"}  # so that one loaded early is used
        return Response(picture.content, media_type="image/webp", headers=kept)


def _name(given: object) -> str:
    name = visible(str(given)).strip()[:_LONGEST_NAME]
    if not name:
        raise ValueError("no name")
    return name
