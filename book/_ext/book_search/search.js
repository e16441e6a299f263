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
    text.replace(/[′’‘]/g, "'").replace(/″/g, '"').replace(/[−–⁻]/g, "-")
      .replace(/[⁰¹²³⁴-⁹]/g, (c) => "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c)).replace(/[A-ZÀ-ÞΑ-Ω]/g, (c) => c.toLowerCase());

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

  // English words without their endings, British spelling as American: saturate, saturated, saturation; initialise.
  const ENDING = /(?:ational|ations?|ating|ates?|ated|ions?|ings?|ies|ied|ers?|ed|es|s|e|y|ly|al)$/;
  const root = (word) => {
    const spelled = word.replace(/is(e|ed|es|ing|ation|ations)$/, "iz$1").replace(/tre(d|s|)$/, "tere$1");
    const cut = spelled.replace(/iz(?:e|ed|es|ing|ation|ations|er|ers)$/, "iz").replace(ENDING, "");
    return (cut.length >= 4 ? cut : spelled).replace(/([bdgklmnprt])\1$/, "$1");
  };

  // Whether a word begins as another one does but for one letter: wrong, missing, too many, or exchanged.
  const beginsNear = (word, other) => {
    let i = 0;
    while (i < word.length && word[i] === other[i]) i += 1;
    if (i === 0) return false;
    const on = (from, at) => other.startsWith(word.slice(from), at);
    return i === word.length || on(i + 1, i + 1) || on(i, i + 1) || on(i + 1, i) || (word[i] === other[i + 1] && word[i + 1] === other[i] && on(i + 2, i + 2));
  };

  const indexes = {};
  globalThis.bookIndex = (language, pages) => {
    const sections = [];
    const vocabulary = new Map(); // word: [section, how often, section, how often, …]
    const count = (section, text, worth) => {
      const found = plain(text).match(WORD) ?? [];
      for (const word of found) {
        const places = vocabulary.get(word);
        if (!places) vocabulary.set(word, [section, worth]);
        else if (places.at(-2) === section) places[places.length - 1] += worth;
        else places.push(section, worth);
      }
      return found.length;
    };
    for (const [page, chapter, parts] of pages) {
      parts.forEach(([anchor, title, text, code], i) => {
        const section = { page, chapter, anchor, title, text, first: i === 0, pageTitle: parts[0][1], explains: anchor.startsWith("term-") };
        const number = sections.push(section) - 1;
        section.length = count(number, text, 1) + 0.2 * count(number, code, 0.2);
        // The title of a chapter says more in its first words, before the question that follows.
        const [name, question = ""] = i ? [title] : title.split(/[:：]/);
        count(number, name, i ? 6 : 40);
        count(number, question, 4);
      });
    }
    const known = [...vocabulary.keys()];
    indexes[language] = { sections, vocabulary, known, spelled: known.map((word) => (isHangul(word) ? letters(word) : word)) };
    indexes[language].usual = sections.reduce((sum, { length }) => sum + length, 0) / sections.length;
  };

  // The words of the book that a typed word may mean: Map of word to weight.
  const meanings = ({ vocabulary, known, spelled }, typed) => {
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
    for (const word of new Set([typed, typed.replace(PARTICLE, "")])) {
      const hangul = isHangul(word);
      const target = hangul ? letters(word) : word;
      if (target.length < 4) continue;
      spelled.forEach((other, i) => {
        const close = beginsNear(target, other) || (hangul && word.length > 2 && beginsNear(word, known[i]));
        const longer = hangul ? known[i].length - word.length : other.length - target.length;
        if (close && Math.abs(longer) <= 3) found.set(known[i], 0.5 / (1 + 0.1 * Math.abs(longer)));
      });
    }
    return found;
  };
  // A compound that the book writes apart is cut into the longest pieces that the book has.
  const pieces = ({ known, vocabulary }, typed) => {
    const has = (part) => (isHangul(part) ? known.some((word) => word.includes(part)) : vocabulary.has(part));
    const least = isHangul(typed) ? 2 : 3;
    const cut = [];
    for (let start = 0; start < typed.length; ) {
      let end = typed.length;
      while (end - start > 1 && ((start === 0 && end === typed.length) || !has(typed.slice(start, end)))) end -= 1;
      if (end - start < least) return [];
      cut.push(typed.slice(start, end));
      start = end;
    }
    return cut;
  };
  // For each typed word the words that it may mean; for a compound, those of each piece.
  const groupsOf = (index, word) => {
    const found = meanings(index, word);
    const cut = isHangul(word) && found.size ? [] : pieces(index, word);
    const less = index.vocabulary.has(word) ? 0.3 : 1; // the word itself says more than its pieces
    const part = (piece) => [...meanings(index, piece)].map(([other, weight]) => [other, less * weight]);
    if (cut.length > 1) return cut.map((piece) => new Map([...part(piece), ...found]));
    return [found.size ? found : misspelled(index, word)];
  };

  const lookUp = (language, query) => {
    const index = indexes[language];
    const asked = plain(query.normalize("NFC")).trim();
    const typed = [...asked.matchAll(WORD)].filter(({ 0: word, index: at }) => !(at && asked[at - 1] !== " " && ONLY_PARTICLE.test(word)));
    const groups = typed.flatMap(({ 0: word }) => groupsOf(index, word));
    const scores = new Map(); // section: [score, how many of the typed words it has, the words of the book]
    for (const group of groups) {
      const here = new Map(); // section: [how often, words]
      const onPage = new Map();
      let inBook = 0;
      for (const [word, weight] of group) {
        const list = index.vocabulary.get(word);
        for (let i = 0; i < list.length; i += 2) {
          const often = weight * list[i + 1];
          const entry = here.get(list[i]);
          if (entry) {
            entry[0] += often;
            entry[1].push([weight, word]);
          } else here.set(list[i], [often, [[weight, word]]]);
          const { page } = index.sections[list[i]];
          onPage.set(page, (onPage.get(page) ?? 0) + often);
          inBook += often;
        }
      }
      // Rare words count more, long sections less, and a page counts more that the word is mostly on.
      const rare = Math.log(1 + index.sections.length / (1 + here.size));
      for (const [number, [often, shown]] of here) {
        const { length, page } = index.sections[number];
        const value = often / (often + 1.2 * (0.3 + (0.7 * length) / index.usual));
        const [score, had, words] = scores.get(number) ?? [0, 0, []];
        words.push(...shown);
        scores.set(number, [score + (0.3 + rare) * value * (1 + (4 * onPage.get(page)) / inBook), had + 1, words]);
      }
    }
    // What stands together, as it was typed, counts more; sections with every word come first.
    const ranked = [];
    for (const [number, [score, had, words]] of scores) {
      const section = index.sections[number];
      let worth = score;
      if (groups.length > 1 && plain(section.title).includes(asked)) worth *= section.first ? 2.5 : 1.6;
      else if (groups.length > 1 && plain(section.text).includes(asked)) worth *= 1.3;
      if (section.page.endsWith("/lib")) worth *= 0.4; // names of code come after what they are about
      if (section.anchor.startsWith("claim-")) worth *= 0.6;
      if (section.explains) worth *= plain(section.title).split(" ").includes(asked) ? 0.9 : 0.5;
      ranked.push({ section, worth, had, words: words.sort((a, b) => b[0] - a[0]).map(([, word]) => word) });
    }
    ranked.sort((a, b) => b.had - a.had || b.worth - a.worth);
    const shown = new Map();
    return ranked.filter(({ section }) => {
      shown.set(section.page, (shown.get(section.page) ?? 0) + 1);
      return shown.get(section.page) <= 3; // so that every page can be found
    }).slice(0, 90);
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
    const sought = [...new Set(words)].slice(0, 20).sort((a, b) => b.length - a.length);
    const marks = sought.length ? plain(piece).matchAll(new RegExp(sought.join("|"), "gu")) : [];
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

  const FEW = 5;
  globalThis.bookLookUp = lookUp; // for the tests
  globalThis.bookSearch = (place, words, base, loadOthers) => {
    if (place.dataset.ready) return;
    place.dataset.ready = "yes";
    const own = document.documentElement.lang;
    const [input, status, list] = ["input", ".search-status", ".search-results"].map((part) => place.querySelector(part));
    const draw = (found, last) => {
      list.replaceChildren(...found.map(([hit, language]) => entry(hit, base, language)));
      list.scrollTop = 0;
      const said = found.length ? words.found.replace("{n}", found.length) : last ? words.none : "";
      status.textContent = found.length && found[0][1] !== own ? `${words.elsewhere}: ${said}` : said;
    };
    const show = async () => {
      const query = input.value.trim();
      const hits = (language) => lookUp(language, query).map((hit) => [hit, language]);
      const found = query ? hits(own) : [];
      const enough = !query || found.length >= FEW;
      draw(found, enough && query);
      if (enough) return;
      await loadOthers(); // the other language may have it
      if (query !== input.value.trim()) return;
      const others = Object.keys(indexes).filter((other) => other !== own);
      draw([...found, ...others.flatMap(hits)], true);
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
