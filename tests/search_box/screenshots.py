"""Pictures of the search box as a desktop and a phone show it, light and dark.

``python tests/search_box/screenshots.py FOLDER`` wants the search box at http://127.0.0.1:8000.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
BROWSERS = ("chromium", "google-chrome", "chrome")


def main():
    """Search, type on, and take a picture before and after."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, BROWSERS)), None)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name, (width, height) in SIZES.items():
            for scheme in ("light", "dark"):
                size = {"width": width, "height": height}
                page = browser.new_page(viewport=size, color_scheme=scheme, device_scale_factor=2)
                page.goto("http://127.0.0.1:8000")
                page.get_by_role("combobox").fill("primery shcool teachr")
                page.keyboard.press("Enter")
                page.get_by_text("It has").wait_for()
                page.screenshot(path=folder / f"{name}-{scheme}-results.png")
                page.get_by_role("combobox").fill("sen teach")
                page.get_by_role("option").first.wait_for()
                page.keyboard.press("ArrowDown")
                page.screenshot(path=folder / f"{name}-{scheme}-suggestions.png")


if __name__ == "__main__":
    main()
