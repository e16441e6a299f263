// The gradient microscope without a kernel: the numbers of every setting are in MICROSCOPE (as
// lib/propagation.py stores them), and the picture is drawn here.
(() => {
  const [WIDTH, LEFT, RIGHT, TOP, MIDDLE, LOW, BOTTOM] = [360, 42, 352, 24, 196, 228, 276];
  const SUPER = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
  const superscript = (n) => [...String(n)].map((c) => SUPER[c]).join("");
  const even = (v) => Math.round(v) - (v % 2 === 0.5 ? 1 : 0); // a half to the even side, as NumPy rounds
  const colour = (i) => `var(--fig-${i}, ${["#0969da", "#bc4c00", "#1a7f37", "#8250df"][i - 1]})`;
  const DASHES = ["none", "6 2", "2 1.5", "6 2 1.5 2"];
  const times = (log) => {
    if (log === null) return "0";
    if (log >= -2 && log < 2) return String(+(10 ** log).toPrecision(2));
    let power = Math.floor(log + 1e-9);
    let digit = Math.round(10 ** (log - power));
    if (digit === 10) [power, digit] = [power + 1, 1];
    return `${digit}·10${superscript(power)}`;
  };

  const wake = (figure) => {
    if (figure.dataset.awake || !globalThis.MICROSCOPE) return;
    figure.dataset.awake = "yes";
    const svg = figure.querySelector("svg");
    const element = (name) => document.createElementNS(svg.namespaceURI, name);
    // Rules, words and curves, each with what stands in it: the attributes and words of its children.
    const groups = ["path", "text", "path"].map((name) => ({ name, place: element("g"), stands: [] }));
    const fill = ({ name, place, stands }, wanted) => {
      while (stands.length > wanted.length) stands.pop(), place.lastChild.remove();
      wanted.forEach(({ words = "", ...attributes }, i) => {
        const child = place.childNodes[i] ?? place.appendChild(element(name));
        const old = (stands[i] ??= { words: "" });
        for (const key in attributes) if (old[key] !== attributes[key]) child.setAttribute(key, (old[key] = attributes[key]));
        if (old.words !== words) child.textContent = old.words = words;
      });
    };
    const caption = figure.querySelector("figcaption");
    const [link, code] = [figure.querySelector(".explore-more a"), figure.querySelector("pre code")];
    const controls = [...figure.querySelectorAll("[data-choice]")];
    const { words, choices, layers, shares, steps } = JSON.parse(
      figure.querySelector('[type="application/json"]').textContent,
    );
    const names = Object.keys(choices);
    const index = (control) => (control.type === "checkbox" ? +control.checked : +control.value);
    const chosen = () => names.map((name, i) => choices[name][index(controls[i])]);

    // What stands at layer l, between the layers that are stored.
    const at = (values, l) => {
      const k = layers.findLastIndex((layer) => layer <= l);
      const next = Math.min(k + 1, layers.length - 1);
      const part = next > k ? (l - layers[k]) / (layers[next] - layers[k]) : 0;
      if (values[k] === null || (part && values[next] === null)) return null;
      return part ? values[k] + part * (values[next] - values[k]) : values[k];
    };
    const data = (setting, depth) => {
      const entry = MICROSCOPE[setting];
      const seen = layers.filter((l) => l <= depth);
      if (seen.at(-1) < depth) seen.push(depth);
      const log = (v) => (v === null ? null : v / steps);
      const series = (values, from = 0) => seen.map((l) => [l, log(at(values, l)) === null ? null : log(at(values, l)) - from]);
      const back = entry.gradient[choices.depth.indexOf(depth)];
      const total = log(at(entry.theory[1], depth));
      return {
        signal: entry.signal.map((values) => series(values)),
        gradient: back.map((values) => values.map((v, k) => [even(shares[k] * depth), log(v)])),
        theory: [
          series(entry.theory[0]),
          // Stored from the end of the deepest network; here the backward pass begins at `depth`.
          seen.map((l) => [l, total === null || at(entry.theory[1], l) === null ? null : log(at(entry.theory[1], l)) - total]),
        ],
        shares: entry.shares.map((values) => seen.filter((l) => l > 0).map((l) => [l, at(values, l) / 100])),
      };
    };

    const draw = (found, depth) => {
      const points = [...found.signal, ...found.gradient, ...found.theory].flat().map(([, y]) => y);
      const finite = points.filter((y) => y !== null);
      let [low, high] = finite.length ? [Math.min(...finite), Math.max(...finite)] : [-1, 1];
      if (high - low < 2) [low, high] = [(low + high) / 2 - 1, (low + high) / 2 + 1];
      const x = (l) => LEFT + ((RIGHT - LEFT) * l) / depth;
      const y = (v) => MIDDLE - ((MIDDLE - TOP) * (v - low)) / (high - low);
      const z = (v) => BOTTOM - (BOTTOM - LOW) * v;
      const path = (line, up) => {
        let pen = "M";
        return line.map(([l, v]) => {
          if (v === null) return (pen = "M"), "";
          const text = `${pen}${x(l).toFixed(1)} ${up(v).toFixed(1)}`;
          pen = "L";
          return text;
        }).join("");
      };
      const [rules, texts, curves] = [[], [], []];
      const text = (px, py, words, fill = "var(--fig-ink, #1f2328)", anchor = "middle") =>
        texts.push({ x: px, y: py, "text-anchor": anchor, style: `font-size: 10px; fill: ${fill}`, words: String(words) });
      const rule = (x1, y1, x2, y2, stroke) =>
        rules.push({ d: `M${x1} ${y1}L${x2} ${y2}`, style: `fill: none; stroke: ${stroke}; stroke-width: 0.6` });
      const curve = (d, style) => curves.push({ d, style });
      const [grid, muted] = ["var(--fig-grid, #d1d9e0)", "var(--fig-muted, #59636e)"];
      const stride = [1, 2, 5, 10, 20, 50, 100].find((s) => (high - low) / s <= 6);
      for (let v = Math.ceil(low / stride) * stride; v <= high; v += stride) {
        rule(LEFT, y(v), RIGHT, y(v), grid);
        text(LEFT - 5, y(v) + 3.5, `10${superscript(v)}`, undefined, "end");
      }
      for (const share of [0, 0.5, 1]) {
        rule(LEFT, z(share), RIGHT, z(share), grid);
        text(LEFT - 5, z(share) + 3.5, `${100 * share}%`, undefined, "end");
      }
      for (const l of [0, depth / 5, (2 * depth) / 5, (3 * depth) / 5, (4 * depth) / 5, depth].map(Math.round)) {
        rule(x(l), TOP, x(l), MIDDLE, grid);
        rule(x(l), LOW, x(l), BOTTOM, grid);
        text(Math.min(x(l), WIDTH - 10), BOTTOM + 14, l); // three digits at the edge stay whole
      }
      rule(LEFT, TOP, LEFT, MIDDLE, muted);
      rule(LEFT, LOW, LEFT, BOTTOM, muted);
      const line = (values, up, i) =>
        curve(path(values, up), `fill: none; stroke: ${colour(i)}; stroke-width: 1.8; stroke-dasharray: ${DASHES[i - 1]}`);
      [found.signal, found.gradient].forEach(([bottom, middle, top], i) => {
        const whole = ![...bottom, ...top].some(([, v]) => v === null);
        const edge = whole ? path([...bottom, ...top.toReversed()], y) + "Z" : "";
        curve(edge, `fill: ${colour(i + 1)}; opacity: 0.15`);
        line(middle, y, i + 1);
        curve(path(found.theory[i], y), "fill: none; stroke: var(--fig-ink, #1f2328); stroke-width: 1; stroke-dasharray: 1 1.65");
      });
      found.shares.forEach((values, i) => line(values, z, i + 3));
      text(LEFT, TOP - 10, words.signal, colour(1), "start");
      text((LEFT + RIGHT) / 2, TOP - 10, words.gradient, colour(2), "middle");
      text(RIGHT, TOP - 10, `··· ${words.predicted}`, undefined, "end");
      text(LEFT, LOW - 8, words["saturated units"], colour(3), "start");
      text(RIGHT, LOW - 8, words["dead units"], colour(4), "end");
      text((LEFT + RIGHT) / 2, BOTTOM + 30, words["layer axis"]);
      [rules, texts, curves].forEach((wanted, i) => fill(groups[i], wanted));
    };

    const update = () => {
      const values = chosen();
      const [activation, initialization, normalization, skip, depth] = values;
      controls.forEach((control, i) => {
        const output = control.nextElementSibling;
        if (control.type !== "range" || output.textContent === String(values[i])) return;
        control.setAttribute("aria-valuetext", (output.textContent = values[i]));
      });
      const setting = names.slice(0, 4).reduce((n, name, i) => n * choices[name].length + index(controls[i]), 0);
      const found = data(setting, depth);
      draw(found, depth);
      const [signal, gradient] = [found.signal[1], found.gradient[1]];
      const ratio = (from, to) => (from[1] === null || to[1] === null ? null : to[1] - from[1]);
      const [grown, kept] = [ratio(signal[0], signal.at(-1)), ratio(gradient.at(-1), gradient[0])];
      const verdict = kept === null || kept < -3 ? "vanishing" : kept < 3 ? "alive" : "exploding";
      const fields = { depth, signal: times(grown), gradient: times(kept), verdict: words[verdict] };
      const said = words.reading.replace(/\{(\w+)\}/g, (_, field) => fields[field]);
      if (caption.textContent !== said) caption.textContent = said;
      link.href = "microscope.html?" + new URLSearchParams(names.map((name, i) => [name, values[i]]));
      const options = `depth=${depth}, norm="${normalization}", skip=${skip ? "True" : "False"}`;
      code.textContent =
        "from lib.propagation import measure\n" +
        `seen = measure("${activation}", "${initialization}", ${options})\n` +
        'print(seen["signal"], seen["gradient"])  # layers x networks';
    };

    if (figure.closest("[data-reopens]")) {
      for (const [name, value] of new URLSearchParams(location.search)) {
        const place = names.indexOf(name);
        if (place < 0) continue;
        const wanted = choices[name].findIndex((known) => String(known) === value);
        if (wanted < 0) continue;
        if (controls[place].type === "checkbox") controls[place].checked = wanted === 1;
        else controls[place].value = wanted;
      }
    }
    const { say } = voiceOf(figure);
    figure.addEventListener("input", () => {
      const before = caption.textContent;
      update();
      if (caption.textContent !== before) say();
    });
    update();
    svg.setAttribute("viewBox", `0 0 ${WIDTH} ${BOTTOM + 36}`);
    svg.replaceChildren(...groups.map(({ place }) => place));
  };
  const all = () => document.querySelectorAll('figure[data-script="microscope"]').forEach(wake);
  document.readyState === "loading" ? addEventListener("DOMContentLoaded", all) : all();
})();
