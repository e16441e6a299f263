// The list of claims: show those of one source, chapter or verdict. Without a script all are shown.
(() => {
  const form = document.querySelector(".claims-filter");
  if (!form) return;
  const claims = [...document.querySelectorAll(".claim")];
  const fields = [...form.querySelectorAll("select")];
  const count = form.querySelector("output");
  const update = () => {
    const wanted = fields.filter((field) => field.value).map((field) => `${field.dataset.field}-${field.value}`);
    for (const claim of claims) claim.hidden = !wanted.every((name) => claim.classList.contains(name));
    const shown = claims.filter((claim) => !claim.hidden).length;
    count.textContent = count.dataset.words.replace("{n}", shown);
  };
  const reveal = () => {
    const claim = document.getElementById(location.hash.slice(1));
    if (!claim?.hidden) return;
    form.reset();
    update();
    claim.scrollIntoView();
  };
  form.addEventListener("input", update);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", reveal);
  form.hidden = false;
  update();
})();
