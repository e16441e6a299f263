// How a query is cut into words, in step with book/_ext/book_search, and how results are ordered.
// The string PARTICLES is replaced by the list of Korean particles while the book is built.

const HANGUL = /^[가-힣]/;
const PARTICLE = new RegExp("(?<=..)(?:" + "PARTICLES" + ")$");

// Does any indexed word hold these syllables?
const isIndexed = (word) => {
  const { terms, titleterms } = Search._index;
  return [terms, titleterms].some(
    (index) => Object.hasOwn(index, word) || Object.keys(index).some((term) => term.includes(word))
  );
};

// A word that no page has is cut into the longest pieces that some page has: 활성화함수 -> 활성화, 함수.
const knownPieces = (word) => {
  const pieces = [];
  for (let start = 0; start < word.length - 1; ) {
    let end = word.length;
    while (end - start > 1 && !isIndexed(word.slice(start, end))) end -= 1;
    if (end - start > 1) pieces.push(word.slice(start, end));
    start = end;
  }
  return pieces.length ? pieces : [word];
};

// Used by searchtools.js.
function splitQuery(query) {
  const runs = query.match(/[가-힣]+|(?:(?![가-힣])[\p{L}\p{N}_])+/gu) || [];
  return runs.flatMap((run) => {
    if (!HANGUL.test(run)) return [run];
    const word = run.replace(PARTICLE, "");
    return isIndexed(word) ? [word] : knownPieces(word);
  });
}

// Sphinx's own scores; a page in the language of this page comes before any other.
var Scorer = {
  score: ([docname, , , , score]) =>
    docname.startsWith(`book/${document.documentElement.lang}/`) ? score + 1000 : score,
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};

// A page opened from disk may not fetch another one to quote from it.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
