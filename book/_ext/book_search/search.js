// Looks words up in the index of the book. A word that was typed stands for the words of the book that it may mean,
// each with a weight: itself, a longer word that holds it (함수 in 활성화함수), the word without its particle, another
// form of it (사라지는, 사라집니다; vanishes, vanishing) and, if there is none of these, a word with one letter wrong.
// The string PARTICLES is replaced by the list of Korean particles while the book is built.
(() => {
  const PARTICLE = new RegExp("(?:" + "PARTICLES" + ")$");
  const ONLY_PARTICLE = new RegExp("^(?:" + "PARTICLES" + ")$");
  const WORD = /[가-힣]+|(?:(?![가-힣])[\p{L}\p{N}_])+'*/gu;
  const isHangul = (word) => word[0] >= "가" && word[0] <= "힣";

  // As long as what it is made from, so that a place in the one is a place in the other.
  const plain = (text) =>
    text.replace(/[′’‘]/g, "'").replace(/″/g, '"').replace(/[−–]/g, "-").replace(/[A-ZÀ-ÞΑ-Ω]/g, (c) => c.toLowerCase());

  // Hangul as its letters: 집 is ㅈㅣㅂ, so that 사라집니다 begins like 사라지다.
  const FIRST = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
  const MIDDLE = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ";
  const LAST = ["", ..."ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"];
  const letters = (word) => {
    let spelled = "";
    for (const c of word) {
      const code = c.charCodeAt(0) - 0xac00;
      if (code < 0 || code > 11171) spelled += c;
      else spelled += FIRST[Math.floor(code / 588)] + MIDDLE[Math.floor((code % 588) / 28)] + LAST[code % 28];
    }
    return spelled;
  };

  // Endings of verbs and adjectives, in letters, longest first.
  const ENDINGS = (
    "습니다 ㅂ니다 습니까 ㅂ니까 었습니다 았습니다 였습니다 ㅆ습니다 ㄴ다 는다 다 는 ㄴ 은 ㄹ 을 던 고 며 면 으면 으며 지만 지 지는 지도 게 기 " +
    "기는 기도 기를 도록 려면 으려면 려고 ㄴ가 는가 을까 ㄹ까 ㄹ수록 을수록 수록 니 니까 으니 ㅁ 음 아 어 여 아서 어서 여서 아도 어도 아야 어야 ㅆ다 " +
    "았다 었다 였다 ㅆ던 았던 었던 ㅆ고 ㅆ을 어지는 아지는 어지다 아지다 어집니다 아집니다 어진다 아진다 어진 아진 시키다 시키는 시킨다 시킵니다 " +
    "하다 하는 하고 하면 하지 한다 한 할 함 합니다 해 했다 하여 해서 하게 하기 하기는 되다 되는 되고 되면 된다 된 될 됨 됩니다 돼 됐다 되어 되지"
  ).split(" ").map(letters).sort((a, b) => b.length - a.length);
  // 져 is 지어, 해 is 하여, 돼 is 되어, 봐 is 보아, 둬 is 두어.
  const CONTRACTED = { ㅕ: "ㅣ", ㅐ: "ㅏ", ㅙ: "ㅚ", ㅘ: "ㅗ", ㅝ: "ㅜ" };
  const stems = (word) => {
    const spelled = letters(word);
    const found = new Set();
    for (const ending of ENDINGS) {
      if (!spelled.endsWith(ending)) continue;
      const stem = spelled.slice(0, -ending.length);
      if (stem.length < 4) continue;
      found.add(stem);
      const last = CONTRACTED[stem.at(-1)];
      if (last) found.add(stem.slice(0, -1) + last);
    }
    const last = CONTRACTED[spelled.at(-1)];
    if (last && spelled.length > 4) found.add(spelled.slice(0, -1) + last);
    return [...found];
  };

  // English words without their endings: saturate, saturated, saturation.
  const ENDING = /(?:ational|ations?|ating|ates?|ated|izing|izes?|ized|ions?|ings?|ies|ied|ers?|ed|es|s|e|y|ly|al)$/;
  const root = (word) => {
    const british = word.replace(/is(e|ed|es|ing|ation|ations)$/, "iz$1");
    const cut = british.replace(ENDING, "");
    return (cut.length >= 4 ? cut : british).replace(/([bdgklmnprt])\1$/, "$1");
  };

  // Whether two words differ by one letter: wrong, missing, too many, or exchanged with its neighbour.
  const near = (a, b) => {
    let i = 0;
    while (i < a.length && i < b.length && a[i] === b[i]) i += 1;
    const [x, y] = [a.slice(i), b.slice(i)];
    return x.slice(1) === y.slice(1) || x.slice(1) === y || x === y.slice(1) || (x[0] === y[1] && x[1] === y[0] && x.slice(2) === y.slice(2));
  };

  const indexes = {};
  globalThis.bookIndex = (language, pages) => {
    const sections = [];
    const vocabulary = new Map(); // word: [section, how often, section, how often, …], a title counts as many
    const count = (section, text, worth) => {
      for (const word of plain(text).match(WORD) ?? []) {
        if (!vocabulary.has(word)) vocabulary.set(word, []);
        const places = vocabulary.get(word);
        if (places.at(-2) === section) places[places.length - 1] += worth;
        else places.push(section, worth);
      }
    };
    for (const [page, chapter, parts] of pages) {
      parts.forEach(([anchor, title, text], i) => {
        const number = sections.push({ page, chapter, anchor, title, text, first: i === 0, pageTitle: parts[0][1] }) - 1;
        count(number, text, 1);
        count(number, title, i ? 8 : 25);
      });
    }
    const spelled = [...vocabulary.keys()].map((word) => (isHangul(word) ? letters(word) : word));
    indexes[language] = { sections, vocabulary, known: [...vocabulary.keys()], spelled };
  };

  // The words of the book that a typed word may mean: Map of word to weight.
  const meanings = ({ vocabulary, known, spelled }, typed, last) => {
    const found = new Map();
    const add = (word, weight) => found.set(word, Math.max(weight, found.get(word) ?? 0));
    const holding = (part, weight) => {
      known.forEach((word) => {
        const at = word.indexOf(part);
        if (at < 0) return;
        const rest = word.length - part.length;
        if (isHangul(word)) add(word, weight * (at === 0 ? (PARTICLE.test(word) && word.replace(PARTICLE, "") === part ? 0.95 : 1 / (1 + 0.15 * rest)) : 0.6));
        else if (at === 0 && (part.length > 2 || rest === 0)) add(word, weight / (1 + 0.2 * rest));
      });
    };
    const alike = (stem, weight) => spelled.forEach((word, i) => word.startsWith(stem) && isHangul(known[i]) && add(known[i], weight));
    if (vocabulary.has(typed)) add(typed, 1);
    if (isHangul(typed)) {
      if (typed.length > 1) holding(typed, 1);
      const bare = typed.replace(PARTICLE, "");
      if (bare !== typed && bare.length > 1) holding(bare, 0.9);
      else if (bare && bare !== typed && vocabulary.has(bare)) add(bare, 0.9);
      for (const stem of stems(typed)) alike(stem, 0.7);
    } else {
      holding(typed, 0.9);
      const cut = root(typed);
      if (typed.length > 3) known.forEach((word) => !isHangul(word) && word.startsWith(cut.slice(0, 4)) && root(word) === cut && add(word, 0.85));
    }
    return found;
  };
  const misspelled = ({ known, spelled }, typed) => {
    const found = new Map();
    const tried = [typed, typed.replace(PARTICLE, "")].filter((word) => word.length > 1);
    for (const word of new Set(tried)) {
      const target = isHangul(word) ? letters(word) : word;
      if (target.length < 4) continue;
      spelled.forEach((other, i) => {
        if (isHangul(known[i]) !== isHangul(word) || other.length < target.length - 1) return;
        const same = isHangul(word) ? [0, -1, 1] : [0, -1, 1];
        const close = isHangul(word) ? same.some((d) => near(target, other.slice(0, target.length + d))) : near(target, other) || near(root(target), root(other));
        if (close) found.set(known[i], 0.5 / (1 + 0.1 * Math.abs(other.length - target.length)));
      });
    }
    return found;
  };
  // A compound that the book writes apart is cut into the longest pieces that some page has.
  const pieces = (index, typed) => {
    const cut = [];
    for (let start = 0; start < typed.length; ) {
      let end = typed.length;
      while (end - start > 1 && !index.known.some((word) => word.includes(typed.slice(start, end)))) end -= 1;
      if (end - start < 2) return [typed];
      cut.push(typed.slice(start, end));
      start = end;
    }
    return cut;
  };

  const lookUp = (language, query) => {
    const index = indexes[language];
    const asked = plain(query.normalize("NFC"));
    let typed = asked.match(WORD) ?? [];
    typed = typed.filter((word, i) => !(i && ONLY_PARTICLE.test(word) && asked[asked.indexOf(word) - 1]?.trim()));
    const groups = typed.flatMap((word) => {
      const found = meanings(index, word);
      if (found.size) return [found];
      const cut = isHangul(word) ? pieces(index, word) : [word];
      if (cut.length > 1) return cut.map((piece) => meanings(index, piece));
      return [misspelled(index, word)];
    });
    const scores = new Map(); // section: [score, how many of the typed words it has, the words of the book]
    groups.forEach((group) => {
      const here = new Map();
      let places = 0;
      for (const [word, weight] of group) {
        const list = index.vocabulary.get(word);
        places += list.length / 2;
        for (let i = 0; i < list.length; i += 2) {
          const often = list[i + 1];
          const value = weight * (often / (often + 1.5)) * (often >= 8 ? 1 + often / 12 : 1);
          const [sum, shown] = here.get(list[i]) ?? [0, []];
          here.set(list[i], [Math.max(sum, value) + 0.1 * Math.min(sum, value), [...shown, [weight, word]]]);
        }
      }
      const rare = Math.log(1 + index.sections.length / (1 + Math.min(places, here.size)));
      for (const [section, [value, shown]] of here) {
        const [score, had, words] = scores.get(section) ?? [0, 0, []];
        scores.set(section, [score + value * (0.5 + rare), had + 1, [...words, ...shown]]);
      }
    });
    // What stands together, as it was typed, counts more; sections with every word come first.
    const phrase = asked.trim();
    const ranked = [];
    for (const [number, [score, had, words]] of scores) {
      const section = index.sections[number];
      let worth = score * (had / groups.length) ** 2;
      if (groups.length > 1 && plain(section.title).includes(phrase)) worth *= section.first ? 2.5 : 1.6;
      else if (groups.length > 1 && plain(section.text).includes(phrase)) worth *= 1.3;
      if (!section.chapter && !section.anchor.startsWith("term-")) worth *= 0.6;
      ranked.push({ section, worth, had, words: words.sort((a, b) => b[0] - a[0]).map(([, word]) => word) });
    }
    ranked.sort((a, b) => b.worth - a.worth);
    const complete = ranked.some(({ had }) => had === groups.length);
    const shown = new Map();
    return ranked.filter(({ section, had }) => {
      if (complete && had < groups.length) return false;
      shown.set(section.page, (shown.get(section.page) ?? 0) + 1);
      return shown.get(section.page) <= 3;
    }).slice(0, 40);
  };

  // The words around the first place where something was found.
  const CONTEXT = 70;
  const context = (text, words) => {
    const flat = plain(text);
    const at = words.map((word) => flat.indexOf(word)).filter((place) => place >= 0).sort((a, b) => a - b)[0] ?? 0;
    let start = Math.max(0, at - CONTEXT);
    if (start) start = text.indexOf(" ", start) + 1 || start;
    const end = Math.min(text.length, at + 2 * CONTEXT);
    const shown = document.createElement("span");
    shown.className = "context";
    const piece = text.slice(start, end);
    const escaped = [...new Set(words)].slice(0, 20).sort((a, b) => b.length - a.length).map((word) => word.replace(/[^\p{L}\p{N}]/gu, "\\$&"));
    const marks = escaped.length ? plain(piece).matchAll(new RegExp(escaped.join("|"), "gu")) : [];
    let done = 0;
    shown.append(start ? "… " : "");
    for (const { index, 0: found } of marks) {
      const mark = document.createElement("mark");
      mark.textContent = piece.slice(index, index + found.length);
      shown.append(piece.slice(done, index), mark);
      done = index + found.length;
    }
    shown.append(piece.slice(done) + (end < text.length ? " …" : ""));
    return shown;
  };

  const entry = ({ section, words }, base, language) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const address = new URL(`${section.page}.html`, base);
    if (!section.first) address.hash = section.anchor;
    link.href = address;
    link.lang = language;
    const where = document.createElement("span");
    where.className = "where";
    where.textContent = section.title;
    link.append(where);
    if (!section.first) {
      const page = document.createElement("span");
      page.className = "in-page";
      page.textContent = ` · ${section.chapter ? `${section.chapter}. ` : ""}${section.pageTitle}`;
      link.append(page);
    }
    link.append(context(section.text, words));
    item.append(link);
    return item;
  };

  globalThis.bookLookUp = lookUp; // for the tests
  globalThis.bookSearch = (place, words, base, loadOthers) => {
    if (place.dataset.ready) return;
    place.dataset.ready = "yes";
    const own = document.documentElement.lang;
    const [input, status, list] = ["input", ".search-status", ".search-results"].map((part) => place.querySelector(part));
    const show = async () => {
      const query = input.value.trim();
      let found = query ? lookUp(own, query).map((hit) => [hit, own]) : [];
      if (query && !found.length) {
        await loadOthers();
        if (query !== input.value.trim()) return;
        for (const other of Object.keys(indexes)) if (other !== own) found = found.concat(lookUp(other, query).map((hit) => [hit, other]));
      }
      list.replaceChildren(...found.map(([hit, language]) => entry(hit, base, language)));
      list.scrollTop = 0;
      const said = !query ? "" : found.length ? words.found.replace("{n}", found.length) : words.none;
      status.textContent = found.length && found[0][1] !== own ? `${words.elsewhere}: ${said}` : said;
    };
    input.addEventListener("input", show);
    place.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      list.querySelector("a")?.click();
    });
    place.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      const stops = [input, ...list.querySelectorAll("a")];
      const next = stops[stops.indexOf(document.activeElement) + step];
      if (!next) return;
      event.preventDefault();
      next.focus();
    });
    list.addEventListener("click", () => place.close?.());
    show();
  };
})();
