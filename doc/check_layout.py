"""Look at every page of a build as a desktop and a phone show it, and name what is cut off.

``python doc/check_layout.py doc/_build`` wants a Chromium or Chrome. It opens the pages in frames
of two widths, looks for text, code, pictures, tables and whole pages that are wider than their
place and can neither wrap nor scroll, and for pictures that did not load or cannot be read aloud.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

WIDTHS = (1280, 390)
BROWSERS = ("chromium", "google-chrome", "chromium-browser", "chrome")
SCRIPT = """
<!doctype html><pre id="found"></pre><script>
const pages = PAGES, widths = WIDTHS, found = [];
function load(frame, page) {
  return new Promise(done => { frame.onload = done; frame.src = page; });
}
function scrolls(element) {
  // The article can be moved sideways, too, but should not have to be.
  for (let e = element; e && e.localName !== "article"; e = e.parentElement)
    if (["auto", "scroll"].includes(getComputedStyle(e).overflowX)) return true;
  return false;
}
function look(page, width, root) {
  const say = (what, which) => found.push([page, width, what, which.trim().slice(0, 60)]);
  const body = root.body;
  if (root.documentElement.scrollWidth > width + 1) say("page is too wide", "");
  for (const pre of body.querySelectorAll("article pre"))
    if (pre.scrollWidth > pre.clientWidth + 1) say("code is cut off", pre.textContent);
  for (const e of body.querySelectorAll("article :is(img, table, math, p, dt, dd, li, h1, h2, h3)"))
    if (e.getBoundingClientRect().right > width + 1 && !scrolls(e.parentElement) && !scrolls(e))
      say(e.localName + " is cut off", e.alt || e.textContent);
  for (const img of body.querySelectorAll("article img")) {
    if (!img.hasAttribute("alt")) say("picture without alternative text", img.src);
    if (img.complete && !img.naturalWidth) say("picture did not load", img.src);
  }
}
(async () => {
  for (const width of widths) {
    const frame = document.createElement("iframe");
    frame.width = width; frame.height = 900;
    document.body.append(frame);
    for (const page of pages) {
      await load(frame, page);
      look(page, width, frame.contentDocument);
    }
    frame.remove();
  }
  document.getElementById("found").textContent = "[" + JSON.stringify(found) + "]";
})();
</script>
"""


class Pages(SimpleHTTPRequestHandler):
    """The build, and one page more that looks at the others."""

    def __init__(self, *args, script, **kwargs):
        self.script = script
        super().__init__(*args, **kwargs)

    def do_GET(self):
        """Serve a file, or the script."""
        if self.path != "/check":
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.script.encode())

    def log_message(self, *_):
        """Say nothing."""


def found_in(folder):
    """What is wrong: (page, width, what, which) for each."""
    pages = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.html"))
    pages = [page for page in pages if not page.startswith("_")]
    script = SCRIPT.replace("PAGES", json.dumps(pages)).replace("WIDTHS", json.dumps(WIDTHS))
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"None of {', '.join(BROWSERS)} is installed.")
    handler = partial(Pages, directory=str(folder), script=script)
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), handler) as server,
        tempfile.TemporaryDirectory() as profile,
    ):
        Thread(target=server.serve_forever, daemon=True).start()
        options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"]
        options += ["--virtual-time-budget=10000000", "--dump-dom"]
        command = [browser, *options, f"http://127.0.0.1:{server.server_port}/check"]
        dom = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        server.shutdown()
    result = re.search(r'<pre id="found">\[(.*?)\]</pre>', dom, re.DOTALL)
    if result is None:
        sys.exit("The browser did not get to the end.")
    return len(pages), json.loads(result[1])


def main():
    """Print what is cut off, and fail if anything is."""
    n_pages, found = found_in(Path(sys.argv[1]).resolve())
    for page, width, what, which in found:
        print(f"{page} at {width}: {what}: {which}")
    print(f"{n_pages} pages at {' and '.join(map(str, WIDTHS))} pixels: {len(found)} faults")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
