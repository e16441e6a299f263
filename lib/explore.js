// Interactive figures without a kernel: each control picks a value, the values pick a picture,
// and only the pieces in which it differs from the one on show are exchanged.
(() => {
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
    slots.forEach((slot, i) => (pieces[first[i]] ??= slot.innerHTML));

    const parsed = [];
    const parse = (n) => {
      if (!parsed[n]) (parsed[n] = document.createElementNS(svg.namespaceURI, "g")).innerHTML = pieces[n];
      return parsed[n];
    };
    const nothing = document.createElementNS(svg.namespaceURI, "g");

    const show = (number) => {
      const [length, ...changes] = frames[number];
      const wanted = first.slice(0, length);
      for (let i = 0; i < changes.length; i += 2) wanted[changes[i]] = changes[i + 1];
      for (let i = 0; i < Math.max(wanted.length, shown.length); i++) {
        if (wanted[i] === shown[i]) continue;
        if (!slots[i]) slots[i] = svg.appendChild(document.createElementNS(svg.namespaceURI, "g"));
        turnInto(slots[i], i < wanted.length ? parse(wanted[i]) : nothing);
        shown[i] = wanted[i];
      }
      shown.length = wanted.length;
      caption.textContent = says[number];
      figure.dataset.frame = number;
    };
    const index = (control) => (control.type === "checkbox" ? +control.checked : +control.value);
    const update = () => {
      let number = 0;
      for (const control of controls) {
        number = number * control.dataset.choice + index(control);
        if (control.type === "range") {
          const value = JSON.parse(control.dataset.values)[index(control)];
          control.setAttribute("aria-valuetext", value);
          control.nextElementSibling.textContent = value;
        }
      }
      show(number);
    };
    let timer = 0;
    const stop = () => {
      clearInterval(timer);
      timer = 0;
      caption.setAttribute("aria-live", "polite");
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
      caption.setAttribute("aria-live", "off"); // a screen reader is not read every frame
      play.textContent = play.dataset.pause;
    });
    figure.addEventListener("input", () => {
      if (timer) stop();
      update();
    });
    addEventListener("beforeprint", () => show(start));
    addEventListener("afterprint", update);
    figure.querySelector(".explore-controls").hidden = false;
    update(); // a browser may have kept the controls where the reader had left them
  };
  const all = () => document.querySelectorAll('figure[data-script="explore"]').forEach(wake);
  document.readyState === "loading" ? addEventListener("DOMContentLoaded", all) : all();
})();
