// What a screen reader is told of an interactive figure: the sentence below it, once, when the control has
// come to rest, and by an element of its own: one that changed at every step would be read at every step.
globalThis.voiceOf ??= (figure) => {
  const caption = figure.querySelector("figcaption");
  const voice = figure.appendChild(document.createElement("p"));
  voice.className = "explore-voice";
  voice.setAttribute("role", "status");
  let rest = 0;
  const hush = () => clearTimeout(rest);
  const say = () => {
    hush();
    rest = setTimeout(() => {
      voice.textContent = caption.textContent;
      rest = setTimeout(() => (voice.textContent = ""), 5000); // it stands in the caption
    }, 500);
  };
  return { say, hush };
};
