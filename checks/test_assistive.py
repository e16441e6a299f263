"""What axe-core cannot see: what a screen reader is told, no scripts, a narrow screen."""

import pdf
import pytest
from conftest import HTML, draw_everything

CHAPTER = "book/ko/02-sigmoid.html"
ROLES = {"heading": "h1, h2, h3", "table": "table", "DisclosureTriangle": "summary"}
DRAG = """async (figure) => {
    const told = [];
    const live = figure.querySelectorAll("[aria-live], [role=status], output:not([aria-hidden])");
    const watch = new MutationObserver((seen) => told.push(seen[0].target.textContent));
    for (const region of live) watch.observe(region, { childList: true, subtree: true });
    const slider = figure.querySelector("[type=range]");
    for (const value of [0, 1, 2, 1, 0, 2]) {
        slider.value = value;
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        await new Promise((done) => setTimeout(done, 60));
    }
    await new Promise((done) => setTimeout(done, 900));
    return told;
}"""
BEYOND = """all => all.filter(formula => !formula.closest('.table-scroll, .math-scroll')
    && formula.getBoundingClientRect().right > innerWidth).map(formula => formula.textContent)"""


@pytest.mark.parametrize("name", ["12-comparing-activations", "14-initialization"])
def test_a_screen_reader_is_told_what_is_not_drawn(browser, name):
    """Far from the screen a section is not drawn; its headings, tables and solutions are told."""
    reading = ["--no-sandbox", "--force-renderer-accessibility=screen-reader"]
    reader = browser.browser_type.launch(executable_path=pdf.chromium(), args=reading)
    page = reader.new_page()
    page.goto((HTML / f"book/en/{name}.html").as_uri())
    client = page.context.new_cdp_session(page)
    client.send("Accessibility.enable")
    nodes = client.send("Accessibility.getFullAXTree")["nodes"]
    told = [node["role"]["value"] for node in nodes if not node["ignored"]]
    for role, elements in ROLES.items():
        assert told.count(role) == len(page.query_selector_all(elements)) > 0, role
    reader.close()


@pytest.mark.parametrize("name", ["03-vanishing-gradients", "microscope"])
def test_a_drag_is_told_once(open_page, name):
    """A live region that changed at every step would be read at every step."""
    page = open_page(f"book/ko/{name}.html")
    figure = page.locator("figure.explore").last
    figure.scroll_into_view_if_needed()
    figure.locator(".explore-voice").wait_for(state="attached")
    told = figure.evaluate(DRAG)
    assert told == [figure.locator("figcaption").inner_text()]


def test_a_list_of_contents_does_not_cover_what_has_the_focus(open_page):
    page = open_page(CHAPTER, "phone")
    page.locator(".sections-button").click()
    opened = page.locator("nav:popover-open")
    page.keyboard.press("Tab")
    assert opened.count() == 1 and page.evaluate("Boolean(document.activeElement.closest('nav'))")
    opened.locator("a").last.focus()
    page.keyboard.press("Tab")
    assert opened.count() == 0


def test_without_scripts_no_control_is_there_that_does_nothing(browser):
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto((HTML / CHAPTER).as_uri())
    figure = page.locator("figure.explore").first
    figure.scroll_into_view_if_needed()
    assert figure.locator("svg").is_visible() and figure.locator("figcaption").text_content()
    assert not figure.locator(".explore-controls").is_visible()
    context.close()


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(
    "name", ["02-sigmoid", "11-maxout", "12-comparing-activations", "14-initialization"]
)
def test_no_formula_leaves_a_narrow_screen(browser, language, name):
    """320 pixels: a small phone, or a desk at 400 % (WCAG 1.4.10)."""
    context = browser.new_context(viewport={"width": 320, "height": 640}, offline=True)
    page = context.new_page()
    page.goto((HTML / f"book/{language}/{name}.html").as_uri())
    draw_everything(page)
    beyond = page.eval_on_selector_all("span.math > math", BEYOND)
    assert beyond == []
    context.close()
