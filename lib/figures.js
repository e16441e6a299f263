// What the interactive figures of a page share.

// Turn the children of one SVG element into those of another: where the shape is the same only
// attributes and words change and no element is made, which the browser paints sooner.
globalThis.turnInto ??= (old, wanted) => {
  const [have, want] = [[...old.childNodes], [...wanted.childNodes]];
  have.slice(want.length).forEach((child) => child.remove());
  want.forEach((child, i) => {
    const mine = have[i];
    if (!mine) return old.append(child.cloneNode(true));
    if (mine.nodeName !== child.nodeName) return mine.replaceWith(child.cloneNode(true));
    if (child.nodeType === Node.TEXT_NODE) {
      if (mine.data !== child.data) mine.data = child.data;
      return;
    }
    for (const name of mine.getAttributeNames()) if (!child.hasAttribute(name)) mine.removeAttribute(name);
    for (const { name, value } of child.attributes) if (mine.getAttribute(name) !== value) mine.setAttribute(name, value);
    turnInto(mine, child);
  });
};

// While a reader moves a figure, the browser need not look at what is off the screen.
globalThis.figureInUse ??= ["focusin", "pointerdown"].map((event) =>
  addEventListener(event, ({ target }) =>
    document.documentElement.classList.toggle("figure-in-use", Boolean(target.closest?.("figure.explore"))),
  ),
);
