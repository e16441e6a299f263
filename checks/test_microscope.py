"""The gradient microscope of the built book: what it says and draws is what `lib` has stored."""

import json
import re
from urllib.parse import urlencode

import numpy as np
import pytest
from conftest import painted

from lib import language, propagation
from lib.microscope import CHOICES, reading

STORED = json.loads(propagation.RESULTS.read_text(encoding="utf-8"))
SETTINGS = list(propagation.settings())
SAMPLE = np.random.default_rng(5).choice(len(SETTINGS), 24, replace=False).tolist()
PAGES = [f"book/{lang}/microscope.html" for lang in language.LANGUAGES]


def query(setting, depth):
    values = [*setting[:3], str(setting[3]).lower(), depth]
    return urlencode(dict(zip(CHOICES, values, strict=True)))


def awake(page):
    """The page, as soon as its microscope has got its numbers."""
    page.wait_for_selector("figure.explore[data-awake]")
    return page


def sentence(number, depth):
    """What the page should say, from the stored numbers."""
    entry = STORED[number]

    def factor(start, end):
        return 0.0 if None in (start, end) else 10 ** ((end - start) / propagation.STEPS)

    signal = entry["signal"][1]
    back = entry["gradient"][propagation.DEPTHS.index(depth)][1]
    grown = factor(signal[0], signal[propagation.LAYERS.index(depth)])
    return reading(depth, grown, factor(back[-1], back[0]))


@pytest.mark.parametrize("page_name", PAGES)
def test_it_reads_every_setting_of_a_sample_and_draws_it(open_page, page_name):
    language.use(page_name[5:7])
    page = awake(open_page(page_name))
    figure = page.locator("figure.explore")
    try:
        for number in SAMPLE:
            setting = SETTINGS[number]
            for i, name in enumerate(("activation", "initialization", "normalization")):
                at = CHOICES[name].index(setting[i])
                figure.locator("select").nth(i).select_option(str(at))
            figure.locator('input[type="checkbox"]').set_checked(setting[3])
            for k, depth in ((1, 10), (6, 100)):
                figure.locator('input[type="range"]').fill(str(k))
                painted(page)
                assert figure.locator("figcaption").inner_text() == sentence(number, depth)
                drawn = figure.locator("svg path").evaluate_all("ps => ps.map(p => p.outerHTML)")
                assert not re.search("NaN|undefined|Infinity", "".join(drawn))
    finally:
        language.use("en")
    assert page.trouble == []


def test_the_drawn_gradient_has_the_stored_heights(open_page):
    """Read the median line off the picture, with the two lowest labels of its axis as the scale."""
    number = SETTINGS.index(("tanh", "1.0", "none", False))
    page = awake(open_page(f"book/en/microscope.html?{query(SETTINGS[number], 50)}"))
    line = page.locator('svg path[style*="--fig-2"][style*="1.8"]').first.get_attribute("d")
    found = np.array([float(y) for y in re.findall(r"[ML][\d.]+ ([\d.-]+)", line)])
    back = STORED[number]["gradient"][propagation.DEPTHS.index(50)][1]
    wanted = np.array(back) / propagation.STEPS
    slope, offset = np.polyfit(wanted, found, 1)
    assert slope < 0 and np.abs(found - slope * wanted - offset).max() < 0.1


def test_the_link_reopens_the_setting_and_an_unknown_one_does_no_harm(open_page):
    setting = ("ReLU", "He", "batch", True)
    page = awake(open_page(f"book/ko/microscope.html?{query(setting, 20)}"))
    figure = page.locator("figure.explore")
    assert figure.locator("select").first.input_value() == str(CHOICES["activation"].index("ReLU"))
    assert figure.locator('input[type="checkbox"]').is_checked()
    assert figure.locator("output").inner_text() == "20"
    link = figure.locator(".explore-more a").get_attribute("href")
    assert link == f"microscope.html?{query(setting, 20)}"
    assert 'measure("ReLU", "He", depth=20, norm="batch", skip=True)' in figure.inner_text()
    page = awake(open_page("book/ko/microscope.html?activation=nonsense&depth=7&x=%3Cscript%3E"))
    assert page.locator("output").inner_text() == "50" and page.trouble == []


def test_the_lines_of_code_are_code(open_page):
    page = awake(open_page(f"book/en/microscope.html?{query(('tanh', 'He', 'none', False), 5)}"))
    code = page.locator("figure.explore pre code").inner_text()
    seen = {}
    exec(code.replace("print(", "found = ("), seen)
    assert seen["found"][0].shape == seen["found"][1].shape == (6, propagation.SEEDS)
