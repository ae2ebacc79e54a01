"""Requests a second, and how long they take: ``python examples/search_box/load.py``.

It starts the search box and ten typists, who type titles letter by letter and search, or only
search (``--searches``), without a pause or so many times a second altogether (``--rate``).
"""

import argparse
import asyncio
import json
import subprocess
import sys
from pathlib import Path
from random import random
from time import perf_counter
from urllib.parse import urlencode

from sklearn_xmr.datasets import load_job_titles


async def ask(stream, path, **params):
    """Send a request on an open connection, and wait for its answer."""
    reader, writer = stream
    writer.write(f"GET {path}?{urlencode(params)} HTTP/1.1\r\nHost: box\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    return json.loads(await reader.readexactly(length))


async def processor_seconds(port):
    """What the server has used of the processor."""
    stream = await asyncio.open_connection("127.0.0.1", port)
    return (await ask(stream, "/api/state"))["processor_seconds"]


async def type_titles(titles, options, times):
    """One typist, who notes how long each answer took."""
    stream, previous = await asyncio.open_connection("127.0.0.1", options.port), ""
    pause, until = options.typists / options.rate, perf_counter() + options.seconds
    due = perf_counter() + pause * random()
    for title in titles:
        ends = [] if options.searches else range(1, len(title) + 1)
        questions = [("/api/suggest", {"q": title[:end], "previous": previous}) for end in ends]
        for path, params in [*questions, ("/api/search", {"q": title})]:
            due = due + pause if pause else perf_counter()
            if due > until:
                return
            await asyncio.sleep(due - perf_counter())
            await ask(stream, path, **params)
            times.append(perf_counter() - due)
        previous = title


async def measure(options):
    """Let all type at once, and print what came of it."""
    titles, n = load_job_titles().test_titles, options.typists
    busy, start, times = await processor_seconds(options.port), perf_counter(), []
    await asyncio.gather(*(type_titles(titles[i::n], options, times) for i in range(n)))
    wall, busy = perf_counter() - start, await processor_seconds(options.port) - busy
    p50, p99, most = (1000 * sorted(times)[int(p * (len(times) - 1))] for p in (0.5, 0.99, 1))
    print(f"{len(times) / wall:.0f} requests a second", end=", ")
    print(f"{len(times) / busy:.0f} a second of the processor", end=": ")
    print(f"median {p50:.1f} ms, p99 {p99:.1f} ms, longest {most:.1f} ms")


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--seconds", type=float, default=10)
parser.add_argument("--typists", type=int, default=10)
parser.add_argument("--rate", type=float, default=float("inf"))
parser.add_argument("--searches", action="store_true")
parser.add_argument("--port", type=int, default=8099)
options = parser.parse_args()
command = [sys.executable, Path(__file__).with_name("server.py"), "--port", str(options.port)]
with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
    try:
        while "running on" not in server.stderr.readline():
            assert server.poll() is None, "The server ended."
        asyncio.run(measure(options))
    finally:
        server.terminate()
