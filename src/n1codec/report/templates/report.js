"use strict";
// The page works without this script, but for the figures: tables are in the HTML. State is two things: which groups are
// chosen, and which codec is pointed at. Both go to the figures as Vega parameters and to the table as hidden rows.
(() => {
  const { figures, light, dark } = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const charts = all(".chart").map((element) => ({ element, name: element.dataset.figure, spec: figures[element.dataset.figure][element.dataset.panel], view: null }));
  const chosen = new Set();
  const logarithmic = new Set();
  let drawing = Promise.resolve();

  // ---- light and dark
  const preferred = window.matchMedia("(prefers-color-scheme: dark)");
  const remembered = () => { try { return localStorage.getItem("n1codec-theme"); } catch { return null; } };
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : preferred.matches);
  const themeButton = document.getElementById("theme");
  const showTheme = () => { themeButton.textContent = isDark() ? "☀ light" : "☾ dark"; };
  if (["light", "dark"].includes(remembered())) root.dataset.theme = remembered();
  themeButton.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("n1codec-theme", root.dataset.theme); } catch { /* a page from a file may have no storage */ }
    showTheme();
    drawAll();
  });
  preferred.addEventListener("change", () => { showTheme(); drawAll(); });

  // ---- figures
  function withLogRatio(spec) {
    const copy = structuredClone(spec);
    for (const layer of copy.layer ?? [copy]) {
      if (layer.encoding?.y?.field === "ratio") layer.encoding.y.scale = { ...layer.encoding.y.scale, type: "log" };
    }
    return copy;
  }
  async function draw(chart) {
    const spec = logarithmic.has(chart.name) ? withLogRatio(chart.spec) : chart.spec;
    chart.view?.finalize();
    const { view } = await vegaEmbed(chart.element, { ...spec, config: isDark() ? dark : light }, {
      mode: "vega-lite", actions: false, renderer: "svg", ast: false, defaultStyle: false, tooltip: { disableDefaultStyle: true },
      config: { legend: { disable: true } },
    });
    chart.view = view;
    view.signal("groups", [...chosen]);
    view.addEventListener("click", (_event, item) => { if (item?.datum?.group) toggle(item.datum.group); });
    await view.runAsync();
    // A picture to assistive technology: its words are in the label, its numbers in the table below.
    chart.element.querySelector("svg")?.setAttribute("aria-hidden", "true");
    chart.element.dataset.drawn = "true";
  }
  function drawAll(some = charts) {
    drawing = drawing.then(async () => {
      delete root.dataset.ready;
      for (const chart of some) await draw(chart);
      root.dataset.ready = "true";
    });
    return drawing;
  }
  const signal = (name, value) => charts.forEach(({ view }) => { view?.signal(name, value).runAsync(); });

  // A picture leaves the page, so it is drawn again, as wide as the exported ones, with a ground and a legend of its own.
  async function picture(spec, button) {
    const look = isDark() ? dark : light;
    const legend = { ...look.legend, columns: 5, ...("legend" in button.dataset ? {} : { disable: true }) };
    const config = { ...look, legend, padding: 16, background: isDark() ? "#151b23" : "#ffffff" };
    const { view } = await vegaEmbed(document.createElement("div"), { ...spec, width: 800, config }, { mode: "vega-lite", actions: false, renderer: "svg", ast: false, defaultStyle: false });
    view.signal("groups", [...chosen]);
    await view.runAsync();
    const address = await view.toImageURL(button.dataset.save, 2);
    view.finalize();
    return address;
  }
  all("[data-log]").forEach((button) => button.addEventListener("click", () => {
    const name = button.dataset.log;
    if (!logarithmic.delete(name)) logarithmic.add(name);
    button.setAttribute("aria-pressed", logarithmic.has(name));
    drawAll(charts.filter((chart) => chart.name === name));
  }));
  all("[data-save]").forEach((button) => button.addEventListener("click", async () => {
    const mine = charts.filter((chart) => chart.name === button.dataset.of && chart.view);
    for (const [index, { spec, name }] of mine.entries()) {
      const link = document.createElement("a");
      link.href = await picture(logarithmic.has(name) ? withLogRatio(spec) : spec, button);
      link.download = `${name}${mine.length > 1 ? `-${index + 1}` : ""}.${button.dataset.save}`;
      link.click();
    }
  }));

  // ---- groups
  const chips = all(".chip[data-group]");
  const clear = document.getElementById("all-groups");
  function toggle(group) {
    if (!chosen.delete(group)) chosen.add(group);
    showGroups();
  }
  function showGroups() {
    chips.forEach((chip) => chip.setAttribute("aria-pressed", chosen.has(chip.dataset.group)));
    clear.hidden = chosen.size === 0;
    signal("groups", [...chosen]);
    filter();
  }
  chips.forEach((chip) => chip.addEventListener("click", () => toggle(chip.dataset.group)));
  clear.addEventListener("click", () => { chosen.clear(); showGroups(); });

  // ---- the table
  const table = document.getElementById("codecs");
  const form = document.getElementById("filter");
  const heads = all("thead th", table);
  const rows = all("tbody tr", table);
  const column = Object.fromEntries(heads.map((head, index) => [head.dataset.key, index]));
  const value = (row, key) => { const text = row.cells[column[key]].dataset.v; return key === "codec" || key === "group" || key === "change" ? text : text === "" ? NaN : Number(text); };
  function filter() {
    const wanted = new FormData(form);
    const least = (row, key) => { const limit = wanted.get(key); return limit === "" || value(row, key) >= Number(limit); };
    const most = (row, key) => { const limit = wanted.get(key); return limit === "" || value(row, key) <= Number(limit); };
    const name = wanted.get("name").trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const fits = (chosen.size === 0 || chosen.has(row.dataset.group)) && `${row.dataset.codec} ${row.dataset.given}`.toLowerCase().includes(name)
        && least(row, "ratio") && least(row, "encode") && least(row, "decode") && most(row, "latency") && most(row, "memory")
        && (!wanted.has("front") || row.dataset.front === "1");
      row.hidden = !fits;
      shown += fits;
    }
    document.getElementById("count").value = `${shown} of ${rows.length} codecs`;
  }
  function sort(head) {
    const before = head.getAttribute("aria-sort");
    const order = before ? (before === "ascending" ? "descending" : "ascending") : head.dataset.first;
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const key = head.dataset.key;
    const compare = (a, b) => {
      const [x, y] = [value(a, key), value(b, key)];
      if (typeof x === "string") return sign * x.localeCompare(y);
      return Number.isNaN(x) ? (Number.isNaN(y) ? 0 : 1) : Number.isNaN(y) ? -1 : sign * (x - y); // unknown comes last
    };
    table.tBodies[0].append(...[...rows].sort(compare));
  }
  heads.forEach((head) => head.querySelector("button").addEventListener("click", () => sort(head)));
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());

  function pick(row) {
    rows.forEach((other) => other.classList.toggle("picked", other === row));
    signal("pick", row.dataset.codec);
  }
  rows.forEach((row) => {
    row.addEventListener("mouseenter", () => pick(row));
    row.addEventListener("focusin", () => pick(row));
  });

  showTheme();
  filter(); // a reloaded page may come with its form filled in
  drawAll();
})();
