// Sorts and filters the table of works. What is chosen stands behind the # of the address, so that
// going back from a submission finds the table as it was left.
"use strict";
(() => {
  const table = document.querySelector("#works");
  if (!table) return;
  const [body] = table.tBodies;
  const rows = [...body.rows];
  const heads = [...table.querySelectorAll(".heads th")];
  const form = document.querySelector("#filters");
  const { find, outcome, failed } = form.elements;
  const output = form.querySelector("output");
  const ranks = { failed: 0, error: 1, skipped: 2, passed: 3 };
  let sort = "", down = false;

  const nameOf = (row) => row.cells[0].textContent;
  const titleOf = (head) => head.dataset.check ?? String(heads.indexOf(head));
  const didNotPass = (row, check) =>
    !check || [...row.cells].some((cell) => cell.className === "failed" && cell.dataset.check === check);

  // What has no value, such as the score of a work that was not graded, stays at the end.
  function value(row, column, kind) {
    const cell = row.cells[column];
    if (kind === "text") return cell.textContent;
    const number = kind === "status" ? ranks[cell?.className] : Number.parseFloat(cell?.dataset.value);
    return number ?? NaN;
  }

  function compare(a, b, kind) {
    if (kind === "text") return a.localeCompare(b, document.documentElement.lang);
    return a - b;
  }

  function show() {
    const column = heads.findIndex((head) => titleOf(head) === sort);
    let order = rows;
    if (column >= 0) {
      const { kind } = heads[column].dataset;
      const known = rows.map((row) => [row, value(row, column, kind)]);
      const missing = ([, v]) => Number.isNaN(v);
      order = [
        ...known.filter((pair) => !missing(pair)).sort(([, a], [, b]) => (down ? -1 : 1) * compare(a, b, kind)),
        ...known.filter(missing),
      ].map(([row]) => row);
    }
    heads.forEach((head, place) => {
      if (place === column) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    body.append(...order);
    const wanted = find.value.trim().toLocaleLowerCase();
    let shown = 0;
    for (const row of rows) {
      row.hidden = !(
        nameOf(row).toLocaleLowerCase().includes(wanted) &&
        (!outcome.value || row.dataset.outcome === outcome.value) &&
        didNotPass(row, failed.value)
      );
      shown += row.hidden ? 0 : 1;
    }
    output.textContent = output.dataset.text.replace("{shown}", shown).replace("{all}", rows.length);
  }

  function remember() {
    const state = new URLSearchParams();
    for (const field of [find, outcome, failed]) if (field.value) state.set(field.name, field.value);
    if (sort) state.set("sort", (down ? "-" : "") + sort);
    history.replaceState(null, "", `#${state}`);
    show();
  }

  function recall() {
    const state = new URLSearchParams(location.hash.slice(1));
    for (const field of [find, outcome, failed]) field.value = state.get(field.name) ?? "";
    if (failed.selectedIndex < 0) failed.value = "";
    if (outcome.selectedIndex < 0) outcome.value = "";
    sort = state.get("sort") ?? "";
    down = sort.startsWith("-");
    if (down) sort = sort.slice(1);
    show();
  }

  for (const head of heads) {
    const button = head.querySelector("button");
    button.disabled = false;
    button.addEventListener("click", () => {
      down = sort === titleOf(head) && !down;
      sort = titleOf(head);
      remember();
    });
  }
  form.addEventListener("input", remember);
  form.elements.all.addEventListener("click", () => {
    form.reset();
    sort = "";
    down = false;
    remember();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  body.addEventListener("click", (event) => {
    const cell = event.target.closest("td[data-check]");
    if (cell) location.href = `${cell.parentNode.querySelector("a").href}#check-${encodeURIComponent(cell.dataset.check)}`;
  });
  body.addEventListener("mouseover", ({ target }) => {
    const status = target.getAttribute("aria-label");
    if (!status || target.title) return;
    const { check } = heads[target.cellIndex].dataset;
    target.title = `${nameOf(target.parentNode)} · ${check} · ${status}`;
  });
  window.addEventListener("hashchange", recall);
  for (const link of document.querySelectorAll(".to-map a")) {
    link.addEventListener("click", () => table.closest("section").scrollIntoView());
  }
  form.hidden = false;
  recall();
})();
