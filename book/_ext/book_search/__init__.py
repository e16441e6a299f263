"""A search language for a book in Korean and English.

English words are stemmed as Sphinx does. A run of Hangul loses its particle and is indexed whole
and by every two neighbouring syllables: Sphinx looks for parts of words only from three letters
on, and most Korean nouns have two. So 함수 is found in 활성화함수, and 학습 in 학습률. `search.js`
cuts a query in the same way and puts the results in the page's language first.
"""

import json
import re
from pathlib import Path

from sphinx.search.en import SearchEnglish

# Longest first, so that 에서는 goes before 는. At least two syllables of the word stay.
PARTICLES = sorted(
    (
        "은 는 이 가 을 를 의 에 와 과 도 로 만 나 랑 에서 에게 에는 에도 에서는 에서도 "
        "에서의 으로 으로는 으로의 로는 로의 로서 로써 으로써 까지 부터 보다 처럼 만큼 마다 "
        "조차 이나 이라 이란 라는 이라는 이다 입니다 이며 이고 인 하고 이면 라면 이라면"
    ).split(),
    key=len,
    reverse=True,
)

_RUNS = re.compile(r"[가-힣]+|(?:(?![가-힣])\w)+")
_PARTICLE = re.compile(f"(?<=..)(?:{'|'.join(PARTICLES)})$")


def strip_particle(word: str) -> str:
    """학습률을 -> 학습률; a word of two syllables is left as it is."""
    return _PARTICLE.sub("", word)


def is_hangul(word: str) -> bool:
    return "가" <= word[0] <= "힣"


def index_terms(word: str) -> list[str]:
    """What a run of Hangul is found by: itself without its particle, and its pairs of syllables."""
    word = strip_particle(word)
    pairs = [word[i : i + 2] for i in range(len(word) - 1)] if len(word) > 2 else []
    return [word, *pairs]


class KoreanEnglish(SearchEnglish):
    lang = "ko"
    language_name = "Korean and English"

    def init(self, options):
        super().init(options)
        code = Path(__file__).with_name("search.js").read_text(encoding="utf-8")
        self.js_splitter_code = code.replace(
            '"PARTICLES"', json.dumps("|".join(PARTICLES), ensure_ascii=False)
        )

    def split(self, input: str) -> list[str]:
        terms = []
        for run in _RUNS.findall(input):
            terms += index_terms(run) if is_hangul(run) else [run]
        return terms


def setup(app):
    app.add_search_language(KoreanEnglish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
