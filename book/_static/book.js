// What the frame of a page does when scripts run: light and dark, copying code, saving figures, search, and where
// the reader is and has been. Nothing here is needed to read the book.
(() => {
  const { body, documentElement: root } = document;
  const words = JSON.parse(body.dataset.words);
  const staticFiles = new URL(`${root.dataset.content_root}_static/`, location.href);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const store = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } }, // storage may be forbidden
    list: (key) => { try { return [JSON.parse(store.get(key))].flat(); } catch { return []; } }, // or hold anything
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { return; } },
  };
  const make = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);

  // Light, dark, or as the system says: one button for the three.
  const themeButton = document.querySelector(".theme-button");
  const themes = ["auto", "light", "dark"];
  const showTheme = () => {
    const theme = root.dataset.theme ?? "auto";
    themeButton.title = `${words.theme}: ${words[theme]}`;
  };
  themeButton.addEventListener("click", () => {
    const theme = themes[(themes.indexOf(root.dataset.theme ?? "auto") + 1) % 3];
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    store.set("book-theme", theme === "auto" ? "" : theme);
    showTheme();
  });
  showTheme();

  // Copying code, without the prompts; a word in the button says that it is done.
  const whenNear = (elements, act) => {
    const watch = new IntersectionObserver((seen) => {
      for (const { isIntersecting, target } of seen) {
        if (!isIntersecting) continue;
        watch.unobserve(target);
        act(target);
      }
    }, { rootMargin: "300px" });
    elements.forEach((element) => watch.observe(element));
  };
  const button = (text, act) => {
    const made = make("button", { type: "button", className: "copy-button", textContent: text });
    made.addEventListener("click", () => act(made));
    return made;
  };
  const copy = async (made, text) => {
    await navigator.clipboard.writeText(text);
    made.ariaLive = "polite";
    made.textContent = words.copied;
    setTimeout(() => {
      made.ariaLive = "off";
      made.textContent = words.copy;
    }, 2000);
  };
  whenNear(all(".cell_input .highlight"), (box) => {
    box.append(button(words.copy, (made) => copy(made, box.querySelector("pre").textContent)));
  });

  // A formula copied with the mouse comes as TeX.
  document.addEventListener("copy", (event) => {
    const chosen = getSelection();
    if (!chosen.rangeCount) return;
    const part = chosen.getRangeAt(0).cloneContents();
    const formulas = all("math", part);
    if (!formulas.length) return;
    for (const formula of formulas) {
      const tex = formula.querySelector("annotation");
      if (tex) formula.replaceWith(formula.closest(".math-display") ? `$$${tex.textContent}$$` : `$${tex.textContent}$`);
    }
    all("script, style, svg, button, .headerlink", part).forEach((element) => element.remove());
    event.clipboardData.setData("text/plain", part.textContent);
    event.preventDefault();
  });

  // What scrolls sideways can be scrolled by keyboard, and says so.
  const reach = (box) => Object.entries({ tabindex: 0, role: "group", "aria-label": words.wide }).forEach((pair) => box.setAttribute(...pair));
  const widths = new ResizeObserver((changed) => {
    for (const { target } of changed) {
      if (target.scrollWidth > target.clientWidth) reach(target);
      else if (target.ariaLabel === words.wide) ["tabindex", "role", "aria-label"].forEach((name) => target.removeAttribute(name));
    }
  });
  for (const box of all("pre:not(figure pre), .math-scroll, .table-scroll, .cell_output :is(.text_html, .output)")) widths.observe(box);
  for (const box of all("figure pre")) reach(box); // its text changes with the controls, its size does not

  // A figure as a file of its own, in the colours that it has on the page.
  const standalone = (svg) => {
    const copied = svg.cloneNode(true);
    const style = getComputedStyle(root);
    const { width, height } = svg.viewBox.baseVal;
    copied.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copied.setAttribute("width", width);
    copied.setAttribute("height", height);
    const cell = svg.closest(".cell");
    const source = [location.href.split("#")[0] + (cell?.id ? `#${cell.id}` : ""), cell?.querySelector(".cell_input pre")?.textContent ?? ""];
    const about = [make("title"), make("desc")].map((old) => document.createElementNS(svg.namespaceURI, old.localName));
    about[0].textContent = svg.getAttribute("aria-label");
    about[1].textContent = source.join("\n\n");
    copied.prepend(...about);
    const probe = make("span");
    body.append(probe);
    const resolve = (found, name) => {
      probe.style.color = `var(${name})`;
      return name === "--fig-font" ? "sans-serif" : style.getPropertyValue(name).trim() === "transparent" ? getComputedStyle(body).backgroundColor : getComputedStyle(probe).color;
    };
    const text = new XMLSerializer().serializeToString(copied).replace(/var\((--[\w-]+)(?:,[^()]*)?\)/g, resolve);
    probe.remove();
    return text;
  };
  whenNear(all("article svg[role=img]"), (svg) => {
    const frame = svg.closest("figure") ?? svg.parentElement;
    frame.classList.add("figure-frame");
    frame.append(button(words.saveFigure, () => {
      const address = URL.createObjectURL(new Blob([standalone(svg)], { type: "image/svg+xml" }));
      const place = body.dataset.page.split("/").pop();
      make("a", { href: address, download: `${place}-${all("article svg[role=img]").indexOf(svg) + 1}.svg` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 1000);
    }));
  });

  // What a large figure needs comes, in order, when the reader is near it.
  const load = (name) => new Promise((done, failed) => {
    document.head.append(make("script", { src: new URL(name, staticFiles), onload: done, onerror: failed }));
  });
  let figureScripts;
  whenNear(all('figure[data-script="microscope"]'), () => {
    figureScripts ??= body.dataset.near.split(" ").reduce((before, name) => before.then(() => load(name)), Promise.resolve());
  });

  // Where a link into the page ends is known when what lies before it is drawn (book.css).
  addEventListener("click", ({ target }) => target.closest?.("a[href*='#']") && root.classList.remove("from-the-top"), true);

  // The list of the page's sections shows where the reader is.
  const links = new Map(all("#pst-page-toc-nav a").map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
  const inSight = new Set();
  const follow = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) inSight[isIntersecting ? "add" : "delete"](target.id);
    const here = [...links.keys()].find((id) => inSight.has(id));
    for (const [id, link] of links) id === here ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
    const report = document.querySelector(".report");
    if (report && here) {
      const address = new URL(report.href);
      address.searchParams.set("body", `${body.dataset.page}#${here}\n\n`);
      report.href = address;
    }
  }, { rootMargin: "-15% 0px -55% 0px" });
  for (const id of links.keys()) if (document.getElementById(id)) follow.observe(document.getElementById(id));
  for (const nav of all("nav[popover]")) {
    nav.addEventListener("click", ({ target }) => target.closest("a") && nav.matches(":popover-open") && nav.hidePopover());
    nav.addEventListener("focusout", ({ relatedTarget: next }) => { // or it would cover what has the focus now
      if (next && !nav.contains(next) && next.popoverTargetElement !== nav && nav.matches(":popover-open")) nav.hidePopover();
    });
  }

  // What has been read is kept on this device only: pages read to the end, and the last one opened.
  const language = root.lang;
  const read = new Set(store.list("book-read"));
  const nameOf = (link) => new URL(link.href).pathname.match(/book\/.*(?=\.html)/)?.[0];
  const markRead = () => {
    for (const link of all(".bd-docs-nav a")) {
      if (!read.has(nameOf(link)) || link.classList.contains("read")) continue;
      link.classList.add("read");
      link.title = words.read;
    }
  };
  markRead();
  const isChapter = /\/\d\d-/.test(body.dataset.page);
  if (isChapter) {
    store.set(`book-last-${language}`, body.dataset.page);
    const end = new IntersectionObserver((seen) => {
      if (!seen.some(({ isIntersecting }) => isIntersecting) || scrollY < innerHeight) return;
      end.disconnect();
      read.add(body.dataset.page);
      store.set("book-read", JSON.stringify([...read]));
      markRead();
    });
    const last = document.querySelector(".prev-next-area");
    if (last) end.observe(last);
  } else if (body.dataset.page.endsWith("/index")) {
    const last = all(".bd-docs-nav a").find((link) => nameOf(link) === store.get(`book-last-${language}`));
    if (last) last.title = words.last;
    last?.classList.add("last-read");
  }

  // Search: the words and the index are loaded when they are first asked for.
  let loading;
  const [searchScript, ...indexes] = body.dataset.search.split(" ");
  const prepare = () => (loading ??= load(searchScript).then(() => load(indexes[0])));
  const connect = async (place) => {
    await prepare();
    globalThis.bookSearch(place, words, new URL(root.dataset.content_root, location.href), () => Promise.all(indexes.slice(1).map(load)));
  };
  const dialog = document.querySelector("#search-dialog");
  const page = document.querySelector("#search-results");
  const searchButton = document.querySelector(".search-button");
  if (dialog) {
    const open = () => {
      if (dialog.open) return;
      dialog.showModal();
      dialog.querySelector("input").select();
      connect(dialog);
    };
    searchButton.addEventListener("pointerenter", prepare, { once: true });
    searchButton.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open();
    });
    dialog.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault(); // a search field would only be emptied by it
      dialog.close();
    });
    dialog.addEventListener("click", ({ target }) => (target === dialog || target.closest(".close-button")) && dialog.close());
    addEventListener("keydown", (event) => {
      if (event.key !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      open();
    });
  } else if (page) {
    page.querySelector("input").value = new URLSearchParams(location.search).get("q") ?? "";
    connect(page);
  }

  // While a reader moves a figure, what is off the screen rests: see book.css.
  ["focusin", "pointerdown"].forEach((event) =>
    addEventListener(event, ({ target }) => root.classList.toggle("figure-in-use", Boolean(target.closest?.("figure.explore")))),
  );

  // On paper everything is open.
  addEventListener("beforeprint", () => all("details").forEach((fold) => (fold.open = true)));
})();
