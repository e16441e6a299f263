"""The built book in a real browser: from disk, with the network off, on a phone and on a desk.

Apart from tests/, because it needs Playwright and Chromium. The book is read from the folder that
the environment variable BOOK_HTML names, or from _build/html.
"""

import re
from urllib.parse import urlsplit

import pytest
from conftest import HTML, SIZES, draw_everything, painted

PAGES = sorted(str(path.relative_to(HTML)) for path in (HTML / "book").rglob("*.html"))
every_page = pytest.mark.parametrize("page_name", PAGES)


def test_there_are_pages_and_the_root_leads_to_the_door(open_page):
    assert len(PAGES) >= 9, f"expected a built book at {HTML}, found {PAGES}"
    page = open_page("index.html")
    page.wait_for_url("**/book/index.html")
    assert page.trouble == []


@pytest.mark.parametrize("size", SIZES)
@every_page
def test_a_page_opens_from_disk_without_trouble_and_fits(open_page, page_name, size):
    page = open_page(page_name, size)
    assert page.trouble == []
    draw_everything(page)
    too_wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert too_wide <= 0, f"the page scrolls sideways by {too_wide} px"
    broken = page.evaluate("[...document.images].filter(i => !i.naturalWidth).map(i => i.src)")
    assert broken == []


@every_page
def test_formulas_and_figures_are_seen_and_named(open_page, page_name):
    page = open_page(page_name, "phone")
    draw_everything(page)
    sizes = page.evaluate(
        "[...document.querySelectorAll('article math, article svg[role=img]')]"
        ".filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect().height)"
    )
    assert all(height > 4 for height in sizes)
    if re.search(r"/\d\d-", page_name):
        assert len(sizes) > 20
    language = page.evaluate("document.documentElement.lang")
    figures = page.locator("article svg[role=img]")
    names = figures.evaluate_all("es => es.map(e => e.getAttribute('aria-label'))")
    assert all(names) and all(bool(re.search("[가-힣]", n)) == (language == "ko") for n in names)


@every_page
def test_no_formula_hides_its_end_on_a_phone(open_page, page_name):
    """Apart from a full stop, nothing has to be scrolled to; a cut may look like the end."""
    page = open_page(page_name, "phone")
    draw_everything(page)
    page.evaluate("document.querySelectorAll('details').forEach(box => (box.open = true))")
    painted(page)
    page.evaluate("document.fonts.ready.then(() => true)")
    hidden = page.locator(".math-scroll").evaluate_all(
        "es => es.map(e => [e.scrollWidth - e.clientWidth, e.textContent])"
    )
    assert [[pixels, formula] for pixels, formula in hidden if pixels > 10] == []


@every_page
def test_the_switch_leads_to_the_twin_and_back(open_page, page_name):
    folders = {"book/ko/": "book/en/", "book/en/": "book/ko/"}
    folder = page_name[: len("book/ko/")]
    if folder not in folders:
        return  # the door belongs to both
    page = open_page(page_name)
    other = "en" if "/ko/" in page_name else "ko"
    for lang, target in ((other, folders[folder]), (folder[5:7], folder)):
        page.locator(f'a[hreflang="{lang}"][lang="{lang}"]').first.click()
        page.wait_for_load_state()
        assert page.url.split("?")[0] == (HTML / (target + page_name[len(folder) :])).as_uri()
    assert page.trouble == []


@pytest.mark.parametrize("page_name, by", [("ko/11-maxout", ["link"]), ("ko/index", [])])
def test_letters_of_formulas_are_asked_for_at_once(browser, page_name, by):
    """From a server the page asks for them itself, once, before a formula does."""
    page = browser.new_page()
    page.route("http://book/**", lambda r: r.fulfill(path=HTML / urlsplit(r.request.url).path[1:]))
    page.goto(f"http://book/book/{page_name}.html")
    page.evaluate("document.fonts.ready.then(() => true)")
    fonts = "performance.getEntriesByType('resource').filter(e => e.name.endsWith('.woff2'))"
    assert page.evaluate(f"{fonts}.map(e => e.initiatorType)") == by
    page.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("page_name", ["ko/12-comparing-activations", "en/17-lstm"])
def test_a_link_into_a_page_ends_at_its_target(open_page, page_name, size):
    """Though what lies between is not drawn yet: to sections, formulas and cells."""
    page = open_page(f"book/{page_name}.html", size)
    parts = "article section section[id], .math-display[id], .cell[id]"
    targets = page.locator(parts).evaluate_all("es => es.map(e => e.id)")[5:-12:7]
    address = page.url
    page.emulate_media(reduced_motion="reduce")  # a jump takes no time
    follow = """id => {
        const link = Object.assign(document.createElement("a"), { href: `#${id}` });
        document.querySelector("article p").append(link);
        link.click();
    }"""
    top = "id => document.getElementById(id).getBoundingClientRect().top"
    tops = {}
    for target in targets:
        for within in (False, True):  # from another page, and from the top of this one
            page.goto("about:blank")
            page.goto(address if within else f"{address}#{target}")
            if within:
                page.evaluate(follow, target)
            page.wait_for_timeout(300)  # what comes near is drawn, and may move what is seen
            tops[target, within] = page.evaluate(top, target)
    below_the_header = [abs(top - 72) < 2 for top in tops.values()]
    assert len(tops) > 5 and all(below_the_header), tops


def test_the_link_to_a_formula_is_not_cut_off(open_page):
    """It stands beside the text, where what sticks out of a section is not drawn."""
    page = open_page("book/en/02-sigmoid.html")
    formula = page.locator(".math-display:has(.headerlink)").first
    formula.hover()
    box = formula.locator(".headerlink").bounding_box()
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    hit = page.evaluate("([x, y]) => document.elementFromPoint(x, y).className", middle)
    assert hit == "headerlink"


def test_figures_follow_the_theme(open_page):
    page = open_page("book/en/02-sigmoid.html")

    def ink(theme):
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        text = page.locator("article svg[role=img] text").first
        return text.evaluate("e => getComputedStyle(e).fill")

    assert ink("light") != ink("dark")


@pytest.mark.parametrize(
    ("folder", "query", "found"),
    [
        ("ko", "함수", "02-sigmoid"),
        ("ko", "폭발", "03-vanishing-gradients"),
        ("ko", "학습률", "03-vanishing-gradients"),
        ("ko", "기울기를", "01-chain-rule"),
        ("en", "saturated", "02-sigmoid"),
        ("en", "exploding", "03-vanishing-gradients"),
    ],
)
def test_search_works_from_disk_in_both_languages(open_page, folder, query, found):
    name = {"en": "search.html", "ko": "search-ko.html"}[folder]
    page = open_page(f"{name}?q={query}")
    wanted = f'.search-results li a[href*="book/{folder}/{found}"]'
    page.wait_for_selector(wanted, timeout=10_000)  # the results come one by one
    links = page.eval_on_selector_all(".search-results li a", "as => as.map(a => a.href)")
    assert f"book/{folder}/" in links[0], "the page's own language comes first"
    assert page.trouble == []


def test_a_copied_formula_comes_as_tex_and_nothing_unseen_with_it(open_page):
    """Not the numbers of an interactive figure, nor the words of buttons."""
    page = open_page("book/en/02-sigmoid.html")
    copied = page.evaluate(
        """() => {
            const told = new DataTransfer();
            getSelection().selectAllChildren(document.querySelector("main"));
            const options = { clipboardData: told, bubbles: true, cancelable: true };
            document.dispatchEvent(new ClipboardEvent("copy", options));
            return told.getData("text/plain");
        }"""
    )
    assert "$\\sigma" in copied and '"frames"' not in copied and "<path" not in copied


@pytest.mark.parametrize("claim", ["a20", "c2", "e5", "e10"])
def test_a_link_to_a_claim_ends_at_the_claim_whatever_its_source(open_page, claim):
    page = open_page("book/en/glossary.html")
    page.goto(page.url.replace("glossary.html", f"21-claims.html#claim-{claim}"))
    top, before = "element => element.getBoundingClientRect().top", None
    for _ in range(40):  # the scroll is smooth and takes its time
        page.wait_for_timeout(250)
        where = page.locator(f"#claim-{claim}").evaluate(top)
        if where == before:
            break
        before = where
    assert 0 <= where <= 200


@pytest.mark.parametrize(
    ("name", "control", "value"),
    [
        ("02-sigmoid", "figure input[type=range]", "28"),
        ("21-claims", "[data-field=source]", "src001"),
    ],
)
def test_after_the_back_button_the_page_agrees_with_its_controls(open_page, name, control, value):
    def seen():
        return page.evaluate(
            "[...document.querySelectorAll('figure output, figcaption, .claims-filter output')]"
            ".map((element) => element.textContent)"
        )

    page = open_page(f"book/en/{name}.html")
    at_first = seen()
    page.locator(control).first.evaluate(
        "(control, value) => { control.value = value;"
        " control.dispatchEvent(new Event('input', { bubbles: true })); }",
        value,
    )
    painted(page)
    left = seen()
    assert left != at_first
    page.goto(page.url.replace(name, "glossary"))
    page.go_back()
    painted(page)
    assert page.locator(control).first.input_value() == value and seen() == left
