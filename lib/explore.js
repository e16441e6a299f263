// Interactive figures without a kernel: each control picks a value, the values pick a picture,
// and only the pieces in which it differs from the one on show are exchanged.
(() => {
  // Turn the children of one SVG element into those of another: where the shape is the same only
  // attributes and words change and no element is made, which the browser paints sooner.
  const turnInto = (old, wanted) => {
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

  const wake = (figure) => {
    if (figure.dataset.awake) return;
    figure.dataset.awake = "yes";
    const svg = figure.querySelector("svg");
    const caption = figure.querySelector("figcaption");
    const controls = [...figure.querySelectorAll("[data-choice]")];
    const play = figure.querySelector("[data-play]");
    const { start, first, pieces, frames, says } = JSON.parse(figure.querySelector('[type="application/json"]').textContent);
    const slots = [...svg.querySelectorAll(":scope > g")];
    const shown = [...first];
    slots.forEach((slot, i) => first[i] === null || (pieces[first[i]] ??= slot.innerHTML));

    const empty = document.createElementNS(svg.namespaceURI, "g");
    const parsed = [];
    const parse = (n) => {
      if (!parsed[n]) (parsed[n] = empty.cloneNode()).innerHTML = pieces[n];
      return parsed[n];
    };
    // From a reader's first touch on, what the other pictures need is parsed in idle moments.
    let ready = 0;
    const prepare = (idle) => {
      while (ready < pieces.length && idle.timeRemaining() > 4) parse(ready++);
      if (ready < pieces.length) requestIdleCallback(prepare);
    };
    const touched = () => ready || globalThis.requestIdleCallback?.(prepare); // Safari has none
    ["pointerover", "focusin"].forEach((event) => figure.addEventListener(event, touched, { once: true }));

    const show = (number) => {
      if (+figure.dataset.frame === number) return; // nor is its sentence said again
      const wanted = [...first];
      const changes = frames[number];
      for (let i = 0; i < changes.length; i += 2) wanted[changes[i]] = changes[i + 1];
      slots.forEach((slot, i) => {
        if (wanted[i] === shown[i]) return;
        turnInto(slot, wanted[i] === null ? empty : parse(wanted[i]));
        shown[i] = wanted[i];
      });
      caption.textContent = says[number];
      figure.dataset.frame = number;
    };
    const index = (control) => (control.type === "checkbox" ? +control.checked : +control.value);
    const update = () => {
      let number = 0;
      for (const control of controls) {
        number = number * control.dataset.choice + index(control);
        if (control.type !== "range") continue;
        const value = JSON.parse(control.dataset.values)[index(control)];
        const output = control.nextElementSibling;
        if (output.textContent === value) continue;
        control.setAttribute("aria-valuetext", (output.textContent = value));
      }
      show(number);
    };
    const { say, hush } = voiceOf(figure);
    let timer = 0;
    const stop = () => {
      clearInterval(timer);
      timer = 0;
      say();
      if (play) play.textContent = play.dataset.play;
    };
    const advance = () => {
      const control = controls[play.dataset.runs];
      if (index(control) + 1 >= control.dataset.choice) return stop();
      control.value = index(control) + 1;
      update();
    };
    play?.addEventListener("click", () => {
      if (timer) return stop();
      const control = controls[play.dataset.runs];
      if (index(control) + 1 >= control.dataset.choice) {
        control.value = 0;
        update();
      }
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      timer = setInterval(advance, calm ? 1500 : 350);
      hush();
      play.textContent = play.dataset.pause;
    });
    figure.addEventListener("input", () => {
      if (timer) stop();
      const before = caption.textContent;
      update();
      if (caption.textContent !== before) say();
    });
    addEventListener("beforeprint", () => show(start));
    addEventListener("afterprint", update);
    figure.querySelector(".explore-controls").hidden = false;
    addEventListener("pageshow", update); // a browser may have kept the controls where the reader had left them
    update();
  };
  const all = () => document.querySelectorAll('figure[data-script="explore"]').forEach(wake);
  document.readyState === "loading" ? addEventListener("DOMContentLoaded", all) : all();
})();
