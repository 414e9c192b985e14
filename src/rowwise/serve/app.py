"""Models in, the service that answers for them out: an application that any ASGI server runs.

request ──▶ is it one we take? ──▶ which model ──▶ a question, checked ──▶ its answer, or what to mend
"""

import asyncio
import json
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route as Way

from rowwise import inert
from rowwise.errors import BadData, RowwiseError
from rowwise.serve.openapi import document
from rowwise.serve.questions import MOST_BODY
from rowwise.serve.routes import ROUTES, Route
from rowwise.serve.shelf import Now, Shelf, Watch
from rowwise.serve.told import KIND, Numbers, say_request

MODEL, VERSION = "X-Rowwise-Model", "X-Rowwise-Version"


class Refused(Exception):
    """A request that is answered by a status and three lines."""

    def __init__(self, status: int, error: RowwiseError):
        super().__init__(str(error))
        self.status, self.error = status, error


class Service:
    """What answers: the shelf of models, and what is told of each request."""

    def __init__(self, shelf: Shelf, *, log: bool = True, among_others: bool = False):
        self.shelf, self.log = shelf, log
        self.numbers = Numbers(shelf, among_others=among_others)
        self.long = threading.Lock()  # one long answer at a time: each may take all cores, and as much memory
        self.pages: dict[str, tuple[str, str]] = {}  # by model: its version and its page

    def app(self) -> Starlette:
        """The application. While it runs, the folders are watched, and SIGHUP reads them anew."""

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            with Watch(self.shelf) as watch:
                if hasattr(signal, "SIGHUP") and threading.current_thread() is threading.main_thread():
                    signal.signal(signal.SIGHUP, watch.look_now)
                yield

        asked = [Way(route.path, self._asked(route), methods=["POST"]) for route in ROUTES]
        looked = [
            Way("/healthz", self._healthy),
            Way("/readyz", self._ready),
            Way("/metrics", self._metrics),
            Way("/openapi.json", self._document),
            Way("/", self._page),
        ]
        return Starlette(
            routes=asked + looked,
            lifespan=lifespan,
            exception_handlers={HTTPException: _no_such, Exception: _fault},
        )

    def _asked(self, route: Route) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            began, name, version = time.perf_counter(), "", ""
            try:
                body = await _body(request)
                now = self._pick(request, body)
                name, version = now.name, now.version
                found = await self._answer(route, now, body)
                response = Response(_json(found), media_type="application/json")
            except Refused as refused:
                response = _trouble(refused.error, refused.status)
            response.headers[MODEL], response.headers[VERSION] = name, version
            self._tell(route.path, name, version, response.status_code, time.perf_counter() - began)
            return response

        return answer

    def _pick(self, request: Request, body: bytes) -> Now:
        try:
            return self.shelf.pick(request.headers.get(MODEL), body)
        except RowwiseError as error:
            raise Refused(400, error) from None

    async def _answer(self, route: Route, now: Now, body: bytes) -> Any:
        try:
            asked = route.asks.model_validate_json(body)
        except ValidationError as error:
            raise Refused(400, _misfit(error, route, now)) from None

        def answered() -> Any:
            try:
                return route.answer(now.serving, asked)
            except RowwiseError as error:
                raise Refused(400, error) from None

        def alone() -> Any:
            with self.long:
                return answered()

        found, unknown = await asyncio.to_thread(alone) if route.is_long else answered()
        if n := sum(unknown.values()):
            self.numbers.unknown.labels(now.name).inc(n)
        return found | {"unknown": unknown}

    def _tell(self, path: str, name: str, version: str, status: int, seconds: float) -> None:
        self.numbers.requests.labels(path, name, str(status)).inc()
        self.numbers.seconds.labels(path).observe(seconds)
        if self.log:
            facts = {"route": path, "model": name, "version": version, "status": status}
            say_request(facts | {"ms": round(1000 * seconds, 3)})

    async def _healthy(self, request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _ready(self, request: Request) -> Response:
        models = {
            name: {"version": book.now.version, "trouble": book.trouble or None} for name, book in self.shelf.items()
        }
        return JSONResponse({"status": "ok", "models": models})

    async def _metrics(self, request: Request) -> Response:
        return PlainTextResponse(self.numbers.text(), media_type=KIND)

    async def _document(self, request: Request) -> Response:
        return JSONResponse(document(self.shelf.first.serving.fitted))

    async def _page(self, request: Request) -> Response:
        now = self.shelf.first
        version, page = self.pages.get(now.name, ("", ""))
        if version != now.version:
            page = await asyncio.to_thread(self._drawn, now)
            self.pages[now.name] = now.version, page
        return HTMLResponse(page)

    def _drawn(self, now: Now) -> str:
        from rowwise.views.page.page import page

        with self.long:
            return page(now.serving.fitted.trained, data=None, items=None)


async def _body(request: Request) -> bytes:
    """All of a request, unless it is longer than any question."""
    found = b""
    async for part in request.stream():
        found += part
        if len(found) > MOST_BODY:
            raise Refused(
                413,
                BadData(
                    f"a request of more than {MOST_BODY:,} bytes",
                    expected=f"{MOST_BODY:,} bytes or fewer",
                    mend="send it in parts",
                ),
            )
    return found


def _misfit(error: ValidationError, route: Route, now: Now) -> BadData:
    """The first thing that does not fit, in three lines."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"])) or "the request"
    return BadData(
        f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}",
        expected=(route.asks.__doc__ or "").strip().rstrip("."),
        mend=json.dumps(route.example(now.serving.fitted), default=str),
    )


def _json(found: object) -> bytes:
    """Numbers that JSON has none for are null."""
    try:
        return json.dumps(found, allow_nan=False, default=str).encode()
    except ValueError:
        return json.dumps(_finite(found), allow_nan=False, default=str).encode()


def _finite(found: Any) -> Any:
    if isinstance(found, dict):
        return {key: _finite(value) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return [_finite(value) for value in found]
    return None if isinstance(found, float) and (found != found or abs(found) == float("inf")) else found


def _trouble(error: RowwiseError, status: int) -> Response:
    told = {"given": inert.line(error.given), "expected": inert.line(error.expected), "mend": inert.line(error.mend)}
    return JSONResponse({"error": told}, status)


async def _no_such(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    routes = ", ".join(route.path for route in ROUTES)
    given = "no such route" if error.status_code == 404 else "the route is asked otherwise"
    return _trouble(BadData(given, expected=f"POST to {routes}", mend="GET /openapi.json"), error.status_code)


async def _fault(request: Request, error: Exception) -> Response:
    return _trouble(RowwiseError("a fault of Rowwise itself", mend="tell us what was asked"), 500)
