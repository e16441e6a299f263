"""The search of the built book, asked what readers ask (tests/search_queries.yml), from disk."""

from pathlib import Path

import pytest
import yaml

QUERIES = yaml.safe_load(
    (Path(__file__).parents[1] / "tests" / "search_queries.yml").read_text(encoding="utf-8")
)
PAGES = {"ko": "search-ko.html", "en": "search.html"}
KINDS = {"noun", "compound", "particle", "verb", "latin", "symbol", "name", "typo", "phrase"}

ASK = """(query) => {
    const input = document.querySelector('.bd-search input');
    input.value = query;
    input.dispatchEvent(new Event('input', {bubbles: true}));
    return [...document.querySelectorAll('.search-results a')].map(a => a.href);
}"""


def ready(page):
    page.wait_for_function(
        "document.querySelector('#search-results').dataset.ready", timeout=20_000
    )


def stems(links):
    """The pages of the results, each once, in their order."""
    return list(dict.fromkeys(Path(link.split("#")[0]).stem for link in links))


def test_there_are_queries_of_every_kind():
    assert len(QUERIES["ko"]) >= 80 and len(QUERIES["en"]) >= 40
    assert {query["kind"] for asked in QUERIES.values() for query in asked} == KINDS
    particles = {query["q"][-1] for query in QUERIES["ko"] if query["kind"] == "particle"}
    assert set("은는이가을를의서") - set("이") <= particles


@pytest.mark.parametrize("language", PAGES)
def test_every_query_finds_its_pages(open_page, language):
    page = open_page(PAGES[language])
    ready(page)
    wanted, missing, wrong = 0, [], []
    for query in QUERIES[language]:
        found = stems(page.evaluate(ASK, query["q"]))
        wanted += len(query["finds"])
        missing += [(query["q"], name) for name in query["finds"] if name not in found[:10]]
        if not found or found[0] not in [*query["finds"], *query.get("first", [])]:
            wrong.append((query["q"], found[:3]))
    assert len(missing) <= 0.02 * wanted, missing
    assert len(wrong) <= 0.1 * len(QUERIES[language]), wrong
    assert page.trouble == []


def test_the_keyboard_asks_and_goes_there(open_page):
    page = open_page("book/ko/index.html")
    page.keyboard.press("Control+k")
    assert page.locator("#search-dialog").is_visible()
    page.keyboard.type("포화 구간")
    page.wait_for_selector("#search-dialog .search-results a")
    first = page.locator(".search-results a").first
    assert first.locator(".where").inner_text() and first.locator(".context mark").count()
    assert "곳" in page.locator("#search-dialog .search-status").inner_text()
    focused = "document.activeElement.href ?? document.activeElement.name"
    links = page.eval_on_selector_all(".search-results a", "as => as.map(a => a.href)")
    for expected in (links[0], links[1], links[2]):
        page.keyboard.press("ArrowDown")
        assert page.evaluate(focused) == expected
    for expected in (links[1], links[0], "q"):
        page.keyboard.press("ArrowUp")
        assert page.evaluate(focused) == expected
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(links[0])
    assert page.trouble == []


def test_no_letter_alone_opens_the_search_and_escape_or_a_button_closes_it(open_page):
    """Who speaks to the computer would open it with every stray letter (WCAG 2.1.4)."""
    page = open_page("book/en/index.html")
    page.keyboard.type("/sk")
    dialog = page.locator("#search-dialog")
    assert not dialog.is_visible()
    for close in (lambda: page.keyboard.press("Escape"), dialog.locator(".close-button").click):
        page.keyboard.press("Control+k")
        page.keyboard.type("1/4")
        assert dialog.locator("input").input_value().endswith("1/4")
        close()
        assert not dialog.is_visible()


def test_words_of_the_other_language_are_looked_up_there(open_page):
    page = open_page(f"{PAGES['en']}?q=기울기")
    page.wait_for_selector(".search-results a", timeout=20_000)
    links = page.eval_on_selector_all(".search-results a", "as => as.map(a => a.href)")
    assert "/book/en/glossary.html" in links[0], "the page's own language comes first"
    assert sum("/book/ko/" in link for link in links) > 5


def test_every_result_leads_to_a_place_that_exists(open_page):
    page = open_page(PAGES["ko"])
    ready(page)
    links = page.evaluate(ASK, "기울기 폭발")
    assert len(links) > 10
    for link in links:
        path, _, anchor = link.partition("#")
        text = Path(path.removeprefix("file://")).read_text(encoding="utf-8")
        assert not anchor or f'id="{anchor}"' in text, link
