"""The search box in a browser, by keyboard, mouse and finger."""

import shutil

import pytest

sync_api = pytest.importorskip("playwright.sync_api")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
# Each list that is shown, with what stood in the box at that time.
WATCH = """
() => {
  window.shown = [];
  const list = document.getElementById("suggestions"), box = document.getElementById("box");
  new MutationObserver(() => {
    const texts = [...list.children].map((option) => option.textContent);
    if (!list.hidden) shown.push([box.value, texts]);
  }).observe(list, { childList: true });
}
"""
# The least contrast of any text to what is behind it, by the formula of WCAG, and that text.
CONTRAST = """
() => {
  const luminance = (colour) => {
    const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255);
    const linear = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const behind = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    return /, 0\\)$/.test(colour) ? behind(element.parentElement) : colour;
  };
  let least = [Infinity];
  for (const element of document.body.querySelectorAll("*")) {
    const texts = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
    const text = texts.map((node) => node.data.trim()).join("");
    if (!(text || element.localName === "input") || !element.checkVisibility()) continue;
    const [light, dark] = [getComputedStyle(element).color, behind(element)]
      .map(luminance).sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < least[0]) least = [contrast, text];
  }
  return least;
}
"""


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        except sync_api.Error as error:
            pytest.skip(f"There is no Chromium: {error}")
        yield browser
        browser.close()


@pytest.fixture
def page(browser, site):
    page = open_page(browser, site)
    yield page
    assert page.problems == []
    page.context.close()


def open_page(browser, site, **options):
    """The search box, in a window that shares nothing with others."""
    page = browser.new_context(**options).new_page()
    page.set_default_timeout(10_000)
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto(site.url)
    return page


def options(page):
    return page.get_by_role("option").all_text_contents()


def headings(page):
    return page.locator("#results h2").evaluate_all(
        "headings => headings.map((heading) => heading.firstChild.textContent)"
    )


def test_type_wait_choose_see_and_go_back(page):
    box = page.get_by_role("combobox")
    assert box.evaluate("box => box === document.activeElement")
    page.keyboard.type("gardn")
    page.get_by_role("option", name="garden hose").wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    chosen = page.locator(f"#{box.get_attribute('aria-activedescendant')}")
    assert chosen.get_attribute("aria-selected") == "true"
    assert box.input_value() == chosen.text_content()
    page.keyboard.press("Enter")
    page.get_by_text("results for “garden").wait_for()
    assert headings(page)[0] == "garden hose"
    assert options(page) == []
    page.get_by_text("It has garden, hose.").wait_for()

    box.fill("desk lamp")
    page.get_by_role("button", name="Search").click()
    page.get_by_text("results for “desk lamp”").wait_for()
    assert page.title().startswith("desk lamp")
    page.go_back()
    page.get_by_text("results for “garden").wait_for()
    assert headings(page)[0] == "garden hose"
    page.go_back()
    page.get_by_text("Suggestions know your search for").wait_for()
    assert (box.input_value(), headings(page)) == ("", [])
    page.go_forward()
    page.get_by_text("results for “garden").wait_for()


def test_arrows_go_round_and_escape_gives_back_what_was_typed(page):
    box = page.get_by_role("combobox")
    box.press_sequentially("hos")
    page.get_by_role("option").first.wait_for()
    n_options = len(options(page))
    page.keyboard.press("ArrowUp")
    assert page.get_by_role("option", selected=True).text_content() == options(page)[-1]
    page.keyboard.press("ArrowDown")
    assert box.input_value() == "hos"
    for _ in range(n_options):
        page.keyboard.press("ArrowDown")
    assert box.input_value() == options(page)[-1]
    page.keyboard.press("Escape")
    assert (box.input_value(), options(page)) == ("hos", [])
    page.keyboard.press("Escape")
    assert box.input_value() == ""


def test_answers_out_of_order_are_dropped(page, site):
    page.evaluate(WATCH)
    box = page.get_by_role("combobox")
    box.press_sequentially("h", delay=0)
    box.press_sequentially("ose re", delay=0)
    page.wait_for_timeout(500)  # the slowest answer, to "h", has come by now
    expected = site.box.model.suggest("hose re", "")["suggestions"]
    assert page.evaluate("shown") == [["hose re", expected]]


def test_what_is_chosen_is_not_covered_by_a_late_list(page):
    page.get_by_role("combobox").press_sequentially("h", delay=0)
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    assert options(page) == []
    assert len(headings(page)) > 0


def test_ten_rapid_typists_get_no_stale_list(browser, site):
    texts = ["garden hose", "hose reel", "hosta plant", "desk lamp", "floor lamp"] * 2
    pages = [open_page(browser, site) for _ in texts]
    for page in pages:
        page.evaluate(WATCH)
    for letter in range(max(map(len, texts))):
        for page, text in zip(pages, texts, strict=True):
            page.keyboard.type(text[letter : letter + 1])
    for page, text in zip(pages, texts, strict=True):
        page.wait_for_function("text => shown.at(-1)?.[0] === text", arg=text)
        for typed, shown in page.evaluate("shown"):
            assert shown == site.box.model.suggest(typed, "")["suggestions"]
        page.context.close()


def test_text_that_looks_like_html_is_text(page, site):
    name = "<img src=x onerror=document.title='caught'>"
    site.call("PUT", f"products/{name}", {"text": "<b>bold</b> & <script>"})
    page.get_by_role("combobox").fill("<img")
    page.get_by_role("option", name=name).click()
    page.get_by_text("<b>bold</b> & <script>").wait_for()
    assert headings(page)[0] == name
    assert page.locator("img, main b, main script").count() == 0
    assert page.title().startswith(name)


def test_add_find_remove_and_put_back(page):
    page.get_by_text("Catalogue and model").click()
    page.get_by_label("A new occupation").fill("rain barrel")
    page.get_by_label("What they do").fill("Holds water.")
    page.get_by_role("button", name="Add it").click()
    page.get_by_text("17 occupations, model 1.").wait_for()
    page.get_by_role("combobox").fill("rain barrel")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Remove rain barrel").click()
    page.get_by_text("rain barrel is removed.").wait_for()
    page.get_by_text("16 occupations").wait_for()
    assert "rain barrel" not in headings(page)
    page.get_by_role("button", name="Put it back").click()
    page.get_by_text("rain barrel is back.").wait_for()
    page.get_by_role("button", name="Learn a new model").click()
    page.get_by_text("17 occupations, model 2.").wait_for(timeout=60_000)


def test_the_search_before_counts_until_it_is_forgotten(page):
    box = page.get_by_role("combobox")
    box.fill("plant")
    page.keyboard.press("Enter")
    page.get_by_text("Suggestions know your search for").wait_for()
    box.fill("ho")
    page.get_by_role("option").first.wait_for()
    assert options(page)[0] == "hosta plant"
    page.get_by_role("button", name="Forget it").click()
    assert not page.get_by_text("Suggestions know your search for").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_finger_on_a_phone(browser, site, scheme):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = open_page(browser, site, color_scheme=scheme, **phone)
    page.get_by_role("combobox").fill("lam")
    page.get_by_role("option", name="lamp for a desk").tap()
    page.get_by_text("results for “lamp for a desk”").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for button in page.locator("form button").all():
        assert not button.is_visible() or button.bounding_box()["height"] >= 24
    page.context.close()


def test_a_server_that_is_gone_is_said(page, site):
    page.route("**/api/search*", lambda route: route.abort())
    page.get_by_role("combobox").fill("lamp")
    page.keyboard.press("Enter")
    page.get_by_text("That did not work.").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(browser, site, scheme):
    page = open_page(browser, site, color_scheme=scheme)
    page.get_by_text("Catalogue and model").click()
    page.get_by_role("combobox").fill("lamp")
    page.keyboard.press("Enter")
    page.get_by_text("It has lamp.").wait_for()
    page.get_by_role("combobox").fill("desk")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    contrast, text = page.evaluate(CONTRAST)
    assert contrast >= 4.5, text
    page.context.close()


def test_whoever_cannot_see_is_told(page):
    box = page.get_by_role("combobox", name="A job title, misspelt if you like")
    assert box.get_attribute("aria-controls") == "suggestions"
    box.fill("lam")
    page.get_by_role("listbox", name="Suggestions").wait_for()
    n_options = len(options(page))
    page.get_by_role("status").get_by_text(f"{n_options} suggestions", exact=True).wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("status").get_by_text("results for “lam”").wait_for()
    assert page.get_by_role("list", name="Results").get_by_role("listitem").count() > 0


def test_all_is_reached_by_the_keyboard_and_seen_to_be(page):
    page.get_by_role("combobox").fill("garden hose")
    page.keyboard.press("Enter")
    page.get_by_text("It has garden, hose.").wait_for()
    reached = set()
    for key in ["Shift+Tab", *["Tab"] * 60]:
        page.keyboard.press(key)
        name, outline = page.evaluate(
            "() => { const e = document.activeElement;"
            " return [e.ariaLabel ?? e.textContent.trim(), getComputedStyle(e).outlineStyle]; }"
        )
        reached.add(name)
        if name == "Catalogue and model":
            break
        assert outline == "solid", name
    assert {"Forget it", "Search", "Why?", "Remove garden hose"} <= reached
