"""Every built page under axe-core, in both colour schemes and widths, before and after its controls
are used; and by keyboard alone, without scripts, on paper, and with an anchor that does not exist.
"""

import re
from importlib.resources import files

import pytest
from conftest import HTML, draw_everything, painted

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
PAGES = [
    *sorted(str(path.relative_to(HTML)) for path in (HTML / "book").rglob("*.html")),
    *sorted(path.name for path in HTML.glob("search*.html")),
]
CHAPTER = "book/ko/02-sigmoid.html"
every_page = pytest.mark.parametrize("page_name", PAGES)
VIEWS = [("phone", "light"), ("phone", "dark"), ("desk", "light"), ("desk", "dark")]


def findings(page):
    """What axe-core finds, by all of its rules: the rule and the beginning of the element."""
    painted(page)  # book.js lets the keyboard scroll what has just grown too wide
    if not page.evaluate("Boolean(globalThis.axe)"):
        page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']}).then(found => found.violations)")
    return [(rule["id"], node["html"][:160]) for rule in found for node in rule["nodes"]]


def use_every_control(page):
    """Open what can be opened and move what can be moved, as a reader would."""
    page.evaluate("document.querySelectorAll('details').forEach(fold => (fold.open = true))")
    page.evaluate(
        """document.querySelectorAll('article :is(input, select)').forEach(c => {
            if (c.type === 'checkbox') c.checked = !c.checked;
            else if (c.options) c.selectedIndex = c.options.length - 1;
            else c.value = c.max;
            c.dispatchEvent(new Event('input', {bubbles: true}));
        })"""
    )
    for button in page.locator("figure.explore [data-play]").all():
        button.click()


@pytest.mark.parametrize(("size", "scheme"), VIEWS)
@every_page
def test_axe_finds_nothing_before_and_after_the_controls_are_used(
    open_page, page_name, size, scheme
):
    page = open_page(page_name, size, scheme)
    draw_everything(page)
    assert findings(page) == []
    use_every_control(page)
    assert findings(page) == []
    assert page.trouble == []


@pytest.mark.parametrize(("size", "scheme"), VIEWS)
def test_axe_finds_nothing_in_what_opens_over_the_page(open_page, size, scheme):
    page = open_page(CHAPTER, size, scheme)
    draw_everything(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("기울기")
    page.wait_for_selector("#search-dialog .search-results a")
    assert findings(page) == []
    page.keyboard.press("Escape")
    if size == "phone":
        for button in (".menu-button", ".sections-button"):
            page.locator(button).click()
            assert page.locator("nav:popover-open").count() == 1
            assert findings(page) == []
            page.keyboard.press("Escape")
            assert page.locator("nav:popover-open").count() == 0
    page.locator(".theme-button").click()
    assert findings(page) == []


def scroll_through(page):
    page.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
    for part in range(0, 61):
        page.evaluate(f"scrollTo(0, {part} / 60 * document.body.scrollHeight)")
        page.wait_for_timeout(20)
    page.evaluate("scrollTo(0, 0)")


FOCUSED = """() => {
    const e = document.activeElement;
    if (e === document.body) return null;
    const [again, box] = [Boolean(e.reached), e.getBoundingClientRect()];
    e.reached = true;
    return [again, box.width > 0 && box.height > 0];
}"""


@pytest.mark.parametrize("page_name", ["book/index.html", CHAPTER, "book/en/21-claims.html"])
@pytest.mark.parametrize("size", ["phone", "desk"])
def test_the_keyboard_reaches_and_leaves_everything(open_page, page_name, size):
    """Tab visits each stop once, every one of them is seen, and it comes to the end."""
    page = open_page(page_name, size)
    draw_everything(page)
    scroll_through(page)  # buttons come when the reader comes near
    for _ in range(1500):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at is None or at[0]:
            break
        assert at[1], page.evaluate("document.activeElement.outerHTML")[:200]
    else:
        pytest.fail("Tab does not come to the end of the page")
    left = page.evaluate(
        "[...document.querySelectorAll('article :is(a[href], button, select, summary)')]"
        ".filter(e => e.checkVisibility() && !e.reached).map(e => e.outerHTML.slice(0, 200))"
    )
    assert left == []


def test_the_first_stop_leads_over_the_contents(open_page):
    page = open_page(CHAPTER)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main-content")


@pytest.mark.parametrize(
    "page_name", ["book/index.html", CHAPTER, "book/en/21-claims.html", "search.html"]
)
def test_a_page_is_readable_without_scripts(browser, page_name):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto((HTML / page_name).as_uri())
    assert page.locator("h1").is_visible() and page.locator(".search-button").is_visible()
    if page_name == CHAPTER:
        assert page.locator("article math").first.is_visible()
        fold = page.locator("div.solution details").first
        fold.locator("summary").click()
        assert fold.locator("section").is_visible()
        page.locator(".menu-button").click()
        assert page.locator("#site-contents a").first.is_visible()
        page.locator("#site-contents a").nth(2).click()
        assert page.url.endswith(".html") and "02-sigmoid" not in page.url
    context.close()


def test_an_unknown_anchor_leaves_the_page_as_it_is(open_page):
    page = open_page(CHAPTER)
    page.goto(page.url + "#no-such-place")
    page.reload()
    assert page.evaluate("scrollY") == 0 and page.locator("h1").is_visible()
    assert page.trouble == []


def test_a_known_anchor_far_below_is_reached(open_page):
    """Sections that were not drawn yet do not lead astray."""
    page = open_page(CHAPTER)
    target = page.evaluate(
        "[...document.querySelectorAll('article section section[id]')].at(-2).id"
    )
    page.evaluate(
        "id => (document.documentElement.style.scrollBehavior = 'auto', location.hash = id)", target
    )
    page.wait_for_timeout(300)
    top = page.evaluate("id => document.getElementById(id).getBoundingClientRect().top", target)
    assert 0 <= top < 200


def test_paper_has_the_text_and_not_the_frame(open_page):
    page = open_page(CHAPTER)
    page.emulate_media(media="print")
    for gone in (".site-header", ".bd-docs-nav", "#pst-page-toc-nav", ".prev-next-area"):
        assert not page.locator(gone).is_visible(), gone
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("div.solution details").first.evaluate("fold => fold.open")
    wide = page.evaluate("document.querySelector('article').getBoundingClientRect().width")
    assert wide > 1200


def test_the_theme_is_chosen_kept_and_told(open_page):
    page = open_page(CHAPTER, scheme="light")
    paper = "getComputedStyle(document.body).backgroundColor"
    day = page.evaluate(paper)
    button = page.locator(".theme-button")
    button.click()
    button.click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    night = page.evaluate(paper)
    assert night != day and re.search("어두운", button.get_attribute("title"))
    page.reload()
    assert page.evaluate(paper) == night
    page.locator(".theme-button").click()
    assert page.evaluate(paper) == day


def test_what_was_read_is_remembered_on_this_device(open_page):
    page = open_page(CHAPTER)
    page.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
    assert page.locator(".bd-docs-nav .read").count() == 0
    for _ in range(40):
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_timeout(50)
    assert page.locator(".bd-docs-nav .read").get_attribute("href") == "#"
    page.goto((HTML / "book/ko/index.html").as_uri())
    assert "02-sigmoid" in page.locator(".bd-docs-nav .read").get_attribute("href")
    assert "02-sigmoid" in page.locator(".bd-docs-nav .last-read").get_attribute("href")


def test_a_figure_is_saved_with_its_colours_and_where_it_comes_from(open_page):
    page = open_page(CHAPTER)
    figure = page.locator("article svg.book-figure").first
    figure.scroll_into_view_if_needed()
    with page.expect_download() as saving:
        page.locator(".figure-frame .copy-button").first.click()
    text = saving.value.path().read_text(encoding="utf-8")
    assert text.startswith("<svg") and 'xmlns="http://www.w3.org/2000/svg"' in text
    assert "var(" not in text and "<title>" in text and "draw_" in text
    assert saving.value.suggested_filename == "02-sigmoid-1.svg"


def test_code_is_copied_and_a_formula_as_tex(open_page):
    page = open_page(CHAPTER)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    cell = page.locator(".cell_input .highlight").nth(1)
    cell.scroll_into_view_if_needed()
    cell.locator(".copy-button").click()
    page.wait_for_function("document.querySelectorAll('.copy-button')[1].textContent === '복사됨'")
    assert page.evaluate("navigator.clipboard.readText()").startswith("import warnings")
    tex = page.evaluate(
        """() => { const math = document.querySelector('article math'); const range = new Range();
        range.selectNode(math.parentElement);
        getSelection().removeAllRanges(); getSelection().addRange(range);
        const data = new DataTransfer();
        document.dispatchEvent(new ClipboardEvent('copy', {clipboardData: data, cancelable: true}));
        return [data.getData('text/plain'), math.querySelector('annotation').textContent]; }"""
    )
    assert tex[0] == f"${tex[1]}$"
