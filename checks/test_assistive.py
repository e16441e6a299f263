"""What axe-core cannot see: what a screen reader is told, no scripts, a narrow screen."""

import pytest
from conftest import HTML, draw_everything, painted

CHAPTER = "book/ko/02-sigmoid.html"
NODES = "document.querySelectorAll('h1, h2, h3, table').length"
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


@pytest.mark.parametrize("size", ["phone", "desk"])
@pytest.mark.parametrize("name", ["12-comparing-activations", "21-claims"])
def test_a_screen_reader_is_given_the_whole_page(open_page, name, size):
    """What a browser does not draw it may not tell: the tree has each heading and each table."""
    page = open_page(f"book/en/{name}.html", size)
    draw_everything(page)
    painted(page)
    client = page.context.new_cdp_session(page)
    client.send("Accessibility.enable")
    nodes = client.send("Accessibility.getFullAXTree")["nodes"]
    told = [n for n in nodes if n.get("role", {}).get("value") in ("heading", "table")]
    assert sum(not n["ignored"] for n in told) == page.evaluate(NODES)


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
    assert figure.locator("svg").is_visible() and figure.locator("figcaption").inner_text()
    assert not page.locator(".explore-controls").first.is_visible()
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
