"""The search box of `examples/search_box`, on the web, with a shop of a few products."""

import asyncio
import json
import sys
import threading
import urllib.request
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode

import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "search_box"
COLOURS = ("red", "blue", "green", "white", "black", "grey", "brown", "yellow", "pink", "orange")
NAMES = ["garden hose", "hose reel", "hosta plant", "desk lamp", "floor lamp", "drill"]
NAMES += [f"{colour} paint" for colour in COLOURS]
TEXTS = {name: f"{name}: One {name}, as good as new." for name in NAMES}
LOG = [
    ("hose", "garden hose"),
    ("garden pipe", "garden hose"),
    ("reel", "hose reel"),
    ("plant", "hosta plant"),
    ("lamp for a desk", "desk lamp"),
    ("lamp", "desk lamp"),
    ("lamp", "floor lamp"),
    ("hammer drill", "drill"),
]


class SlowToSuggest:
    """Answers come the later the less was typed: those of fast typists out of order."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        """Wait, then answer."""
        if scope.get("path") == "/api/suggest":
            (typed,) = parse_qs(scope["query_string"].decode(), keep_blank_values=True)["q"]
            await asyncio.sleep(0.3 / max(len(typed), 1))
        await self.app(scope, receive, send)


class Site:
    """A search box that is being served, and requests to it."""

    def __init__(self, box, port):
        self.box = box
        self.url = f"http://127.0.0.1:{port}/"

    def call(self, method, path, body=None, **params):
        """The JSON that answers a request."""
        url = f"{self.url}api/{quote(path)}?{urlencode(params)}"
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(url, data, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def get(self, path, **params):
        """The JSON at a path."""
        return self.call("GET", path, **params)


@pytest.fixture(scope="session")
def server():
    """The module with the server."""
    for package in ("fastapi", "uvicorn"):
        pytest.importorskip(package)
    sys.path.insert(0, str(FOLDER))  # another process imports it, too
    try:
        import server

        yield server
    finally:
        sys.path.remove(str(FOLDER))


@pytest.fixture
def site(server):
    """A new search box, served as long as a test runs."""
    import uvicorn

    box = server.SearchBox(LOG, TEXTS)
    app = SlowToSuggest(server.create_app(box))
    running = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        assert thread.is_alive()
    yield Site(box, running.servers[0].sockets[0].getsockname()[1])
    running.should_exit = True
    thread.join(timeout=30)
