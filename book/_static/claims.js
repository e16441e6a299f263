// The list of claims: show those of one source, chapter or verdict, at first those of source A.
// Without a script, and in print, all are shown.
(() => {
  const form = document.querySelector(".claims-filter");
  if (!form) return;
  const claims = [...document.querySelectorAll(".claim")];
  const count = form.querySelector("output");
  const chosen = (field) => form.querySelector(`[data-field=${field}]`).value;
  const update = () => {
    const found = new RegExp(` found-${chosen("chapter") || "\\S+"}-${chosen("verdict") || "\\w+"} `);
    for (const claim of claims) {
      const classes = ` ${claim.className} `;
      claim.hidden = !(classes.includes(` source-${chosen("source")}`) && found.test(classes));
    }
    const shown = claims.filter((claim) => !claim.hidden).length;
    count.textContent = count.dataset.words.replace("{n}", shown);
  };
  const reveal = () => {
    const claim = document.getElementById(location.hash.slice(1));
    if (!claim?.hidden) return;
    form.reset();
    update();
    claim.scrollIntoView({ behavior: "instant" });
  };
  form.addEventListener("input", update);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", reveal);
  addEventListener("pageshow", update); // after the Back button the controls stand where they were
  form.hidden = false;
  form.querySelector("[data-field=source]").value = "src000";
  update();
  reveal();
})();
