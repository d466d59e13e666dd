"use strict";
(() => {
  // The elements of a model's array, in the order in which EmbeddedModels writes them.
  const [OUTCOME, REASON, OPERATION, MODEL, NAME, VERSION, BYTES, FILES, STARTED, FINISHED, RUN, WEAKENED, LABELS, METHOD, SIGNER,
    CERTIFICATE, MESSAGE, CHANGED, MISSING, EXTRA, DIFFERENCES, ROOT, HASH, SERIALIZATION, SHARD, TIMESTAMP, PREVIOUS, RULE,
    SIGNATURE, BUNDLE, ATTEMPT, LINE, REUSED] = Array.from({ length: 33 }, (_, i) => i);
  const EXTRA_ROWS = 10;

  const $ = (id) => document.getElementById(id);
  document.documentElement.classList.add("js");

  // The look: that of the system until the button says otherwise.
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const theme = $("theme");
  const isDark = () => (document.documentElement.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
  const showTheme = () => theme.setAttribute("aria-pressed", String(isDark()));
  theme.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    showTheme();
  });
  dark.addEventListener("change", showTheme);
  showTheme();

  const data = JSON.parse($("data").textContent);
  const models = data.models;
  const text = (value) => typeof value === "number" ? data.texts[value] : value;
  const list = (value) => JSON.parse(text(value));
  const name = (row) => typeof row[NAME] === "number" ? row[MODEL].slice(row[MODEL].length - row[NAME]) : row[NAME];
  const signature = (row) => {
    const value = text(row[SIGNATURE]);
    return value.startsWith("+") ? row[MODEL] + value.slice(1) : value.slice(1);
  };
  const outcome = (row) => text(row[OUTCOME]);
  const isFailure = (row) => outcome(row) === "FAILED" || outcome(row) === "UNKNOWN";
  const took = (row) => row[STARTED] > 0 && row[FINISHED] > row[STARTED] ? row[FINISHED] - row[STARTED] : 0;

  const numbers = new Intl.NumberFormat("en-US");
  const inWords = (symbol) => symbol.toLowerCase().replaceAll("_", " ");
  const size = (bytes) => {
    if (bytes < 1000) return bytes + " B";
    let amount = bytes / 1000;
    let unit = 0;
    while (amount >= 999.95 && unit < 5) {
      amount /= 1000;
      unit++;
    }
    return amount.toFixed(amount < 99.95 ? 1 : 0) + " " + ["kB", "MB", "GB", "TB", "PB", "EB"][unit];
  };
  const length = (millis) => {
    if (millis <= 0) return "";
    if (millis < 10000) return (millis / 1000).toFixed(millis < 1000 ? 2 : 1) + " s";
    const seconds = Math.floor(millis / 1000);
    if (seconds < 60) return seconds + " s";
    if (seconds < 3600) return Math.floor(seconds / 60) + " min " + (seconds % 60) + " s";
    return Math.floor(seconds / 3600) + " h " + (Math.floor(seconds / 60) % 60) + " min";
  };
  const time = (millis) => millis > 0 && millis <= 8.64e15 ? new Date(millis).toISOString().slice(0, -5).replace("T", " ") : "";

  const element = (tag, content, className) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (typeof content === "string") made.textContent = content;
    else if (content) made.append(...content);
    return made;
  };
  // A name in two parts: where there is too little room, the style cuts the end of the first one, since names differ at their end.
  const END = 24;
  const shortened = (name) => {
    let cut = Math.max(name.lastIndexOf("/", name.length - 2) + 1, name.length - END);
    if (/[\udc00-\udfff]/.test(name.charAt(cut))) cut--;
    return element("bdi", [element("span", name.slice(0, cut)), element("span", name.slice(cut), "end")], "name");
  };
  const isolated = (content) => element("bdi", content);
  const badge = (symbol) => element("span", inWords(symbol), "badge o-" + symbol.toLowerCase());

  // What each model is searched in, made once, in lower case.
  const haystacks = new Array(models.length);
  const haystack = (i) => {
    let found = haystacks[i];
    if (found === undefined) {
      const row = models[i];
      found = [row[MODEL], typeof row[NAME] === "number" ? "" : row[NAME], text(row[VERSION]), outcome(row), text(row[REASON]),
        text(row[MESSAGE]), text(row[SIGNER]), text(row[CERTIFICATE]), text(row[LABELS]), text(row[RULE]), row[BUNDLE], row[ROOT],
        row[DIFFERENCES].map((difference) => difference[1]).join("\n")].join("\n").toLowerCase();
      haystacks[i] = found;
    }
    return found;
  };
  let prepared = 0;
  const prepare = (deadline) => {
    while (prepared < models.length && deadline.timeRemaining() > 2) haystack(prepared++);
    if (prepared < models.length) window.requestIdleCallback(prepare);
  };
  if (window.requestIdleCallback) window.requestIdleCallback(prepare);

  // Filters. Texts that are shared are the same number in each model that has them.
  const filters = { outcome: $("outcome"), reason: $("reason"), weakened: $("weakened"), label: $("label"), run: $("run") };
  const search = $("search");
  const reused = $("reused");
  const option = (select, value, label) => {
    const made = element("option", label);
    made.value = value;
    select.append(made);
  };
  const countBy = (column) => {
    const counts = new Map();
    for (const row of models) counts.set(row[column], (counts.get(row[column]) || 0) + 1);
    return [...counts];
  };
  const decoded = new Map();
  const elements = (value) => {
    let found = decoded.get(value);
    if (!found) {
      found = list(value);
      if (typeof value === "number") decoded.set(value, found);
    }
    return found;
  };
  const fill = () => {
    for (const [value, count] of countBy(OUTCOME).sort((a, b) => b[1] - a[1]))
      option(filters.outcome, text(value), inWords(text(value)) + " (" + numbers.format(count) + ")");
    for (const [value, count] of countBy(REASON).sort((a, b) => b[1] - a[1]))
      if (text(value) !== "NONE") option(filters.reason, text(value), text(value) + " (" + numbers.format(count) + ")");
    const checks = new Set();
    for (const [value] of countBy(WEAKENED)) for (const check of elements(value)) checks.add(check);
    if (checks.size > 0) {
      option(filters.weakened, "*", "any");
      option(filters.weakened, "-", "none");
      for (const check of [...checks].sort().slice(0, 200)) option(filters.weakened, check, "--" + check);
    }
    for (const label of data.labels) option(filters.label, label, label);
    const runs = countBy(RUN).map(([value]) => text(value)).sort();
    if (runs.length > 1) for (const run of new Set(runs.slice(0, 500))) option(filters.run, run, run);
    for (const select of Object.values(filters)) select.parentElement.hidden = select.options.length < 2;
    reused.parentElement.hidden = !models.some((row) => row[REUSED]);
    grid.classList.toggle("no-reasons", !models.some(isFailure));
  };

  // The order: by a key of each model that is made once for a column.
  const severity = ["FAILED", "UNKNOWN", "ALLOWED_UNSIGNED", "SKIPPED", "SIGNED", "VERIFIED", "DIGESTED"];
  const columns = {
    outcome: (row) => severity.indexOf(outcome(row)),
    model: (row) => row[MODEL],
    reason: (row) => isFailure(row) ? text(row[REASON]) : "\uffff",
    bytes: (row) => row[BYTES],
    files: (row) => row[FILES],
    time: took,
    finished: (row) => row[FINISHED],
  };
  const keysOf = {};
  const keys = (column) => {
    if (keysOf[column]) return keysOf[column];
    const values = models.map(columns[column]);
    let made = values;
    if (typeof values[0] === "string") {
      const ranks = new Map([...new Set(values)].sort().map((value, rank) => [value, rank]));
      made = values.map((value) => ranks.get(value));
    }
    keysOf[column] = Float64Array.from(made);
    return keysOf[column];
  };
  let sortedBy = "outcome";
  let direction = 1;
  let view = new Int32Array(0);

  const matching = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter((word) => word);
    const wanted = filters.outcome.value;
    const reason = filters.reason.value;
    const check = filters.weakened.value;
    const label = filters.label.value;
    const run = filters.run.value;
    const found = [];
    for (let i = 0; i < models.length; i++) {
      const row = models[i];
      if (wanted && text(row[OUTCOME]) !== wanted) continue;
      if (reason && text(row[REASON]) !== reason) continue;
      if (run && text(row[RUN]) !== run) continue;
      if (reused.checked && !row[REUSED]) continue;
      if (check) {
        const off = elements(row[WEAKENED]);
        if (check === "*" ? off.length === 0 : check === "-" ? off.length > 0 : !off.includes(check)) continue;
      }
      if (label && !elements(row[LABELS]).includes(label)) continue;
      if (words.length > 0) {
        const hay = haystack(i);
        if (!words.every((word) => hay.includes(word))) continue;
      }
      found.push(i);
    }
    return Int32Array.from(found);
  };

  const scroller = $("scroller");
  const rows = $("rows");
  const grid = $("grid");
  let active = 0;
  let shownFrom = -1;
  let shownTo = -1;
  // As high as it may become, since it grows only when rows are there.
  const viewHeight = () => Math.max(scroller.clientHeight, parseFloat(getComputedStyle(scroller).maxHeight) || 0);
  const rowHeight = () => parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row")) + 1;

  const order = () => {
    const key = keys(sortedBy);
    view.sort((a, b) => direction * (key[a] - key[b]) || a - b);
  };
  const update = () => {
    view = matching();
    order();
    active = 0;
    scroller.scrollTop = 0;
    say();
    draw(true);
  };
  const say = () => {
    const all = numbers.format(models.length);
    const of = view.length === models.length ? all + " models" : numbers.format(view.length) + " of " + all + " models";
    let failed = 0;
    for (const i of view) if (isFailure(models[i])) failed++;
    $("count").textContent = of + ", " + numbers.format(failed) + " failed"
      + (models.length < data.total ? " (" + numbers.format(data.total) + " in total; see the note above)" : "");
    grid.setAttribute("aria-rowcount", String(view.length + 1));
  };

  const cells = (row) => {
    const named = element("div", [shortened(row[MODEL])], "named");
    for (const tag of [elements(row[WEAKENED]).length > 0 && "weakened", row[REUSED] && "reused"])
      if (tag) named.append(element("span", tag, "tag"));
    const model = element("td", [named]);
    model.title = row[MODEL];
    const reason = isFailure(row) ? text(row[REASON]) : "";
    model.append(element("span", [badge(outcome(row)), [reason, size(row[BYTES]), length(took(row))].filter((part) => part).join(" · ")], "sub"));
    return [element("td", [badge(outcome(row))]), model, element("td", reason ? [element("code", reason)] : ""),
      element("td", size(row[BYTES]), "n"), element("td", numbers.format(row[FILES]), "n"),
      element("td", length(took(row)), "n"), element("td", time(row[FINISHED]))];
  };
  const shownColumns = () => [...grid.tHead.rows[0].cells].filter((cell) => getComputedStyle(cell).display !== "none").length;
  const gap = (height) => {
    const cell = element("td");
    cell.colSpan = shownColumns();
    cell.style.height = height + "px";
    const made = element("tr", [cell], "gap");
    made.setAttribute("aria-hidden", "true");
    return made;
  };
  const draw = (again) => {
    const height = rowHeight();
    const first = Math.max(0, Math.floor(scroller.scrollTop / height) - EXTRA_ROWS);
    const last = Math.min(view.length, Math.ceil((scroller.scrollTop + viewHeight()) / height) + EXTRA_ROWS);
    if (!again && first === shownFrom && last === shownTo) return;
    shownFrom = first;
    shownTo = last;
    const hadFocus = rows.contains(document.activeElement);
    const made = [gap(first * height)];
    for (let position = first; position < last; position++) {
      const line = element("tr", cells(models[view[position]]));
      line.dataset.position = position;
      line.setAttribute("aria-rowindex", String(position + 2));
      line.setAttribute("role", "row");
      for (const cell of line.cells) cell.setAttribute("role", "gridcell");
      line.tabIndex = -1;
      made.push(line);
    }
    made.push(gap((view.length - last) * height));
    rows.replaceChildren(...made);
    activate(Math.min(Math.max(active, first), Math.max(first, last - 1)), hadFocus);
  };
  const lineAt = (position) => rows.querySelector('tr[data-position="' + position + '"]');
  const activate = (position, focus) => {
    const before = lineAt(active);
    if (before) before.tabIndex = -1;
    active = position;
    const line = lineAt(position);
    if (line) {
      line.tabIndex = 0;
      if (focus) line.focus({ preventScroll: true });
    }
  };
  const moveTo = (position) => {
    if (view.length === 0) return;
    const target = Math.min(Math.max(position, 0), view.length - 1);
    const height = rowHeight();
    const head = grid.tHead.offsetHeight > 5 ? grid.tHead.offsetHeight : 0;
    const room = scroller.clientHeight - head;
    if (target * height < scroller.scrollTop) scroller.scrollTop = target * height;
    else if ((target + 1) * height > scroller.scrollTop + room) scroller.scrollTop = (target + 1) * height - room;
    active = target;
    draw(true);
    activate(target, true);
  };

  // Details of one model.
  const dialog = $("details");
  const pair = (target, label, value) => {
    if (value === "" || value === undefined) return;
    target.append(element("dt", label), element("dd", typeof value === "string" ? [isolated(value)] : value));
  };
  const code = (value) => value ? [element("code", value)] : "";
  const details = (row) => {
    const body = $("details-body");
    body.replaceChildren();
    $("details-title").replaceChildren(isolated(name(row) || row[MODEL]));
    if (text(row[MESSAGE])) body.append(isFailure(row) ? element("p", [isolated(text(row[MESSAGE]))], "message") : element("p", [isolated(text(row[MESSAGE]))]));
    const facts = element("dl");
    pair(facts, "Outcome", [badge(outcome(row))]);
    if (isFailure(row)) pair(facts, "Reason", code(text(row[REASON])));
    pair(facts, "Operation", text(row[OPERATION]).toLowerCase());
    pair(facts, "Model", row[MODEL]);
    pair(facts, "Version", text(row[VERSION]));
    pair(facts, "Size", size(row[BYTES]) + " in " + numbers.format(row[FILES]) + (row[FILES] === 1 ? " file" : " files"));
    pair(facts, "Started", time(row[STARTED]) && time(row[STARTED]) + " UTC");
    pair(facts, "Finished", time(row[FINISHED]) && time(row[FINISHED]) + " UTC" + (took(row) ? " (" + length(took(row)) + ")" : ""));
    pair(facts, "Attempt", row[ATTEMPT] > 1 ? String(row[ATTEMPT]) : "");
    pair(facts, "Run", text(row[RUN]));
    pair(facts, "Catalog line", row[LINE] > 0 ? numbers.format(row[LINE]) : "");
    pair(facts, "Labels", elements(row[LABELS]).join(", "));
    pair(facts, "Disabled checks", elements(row[WEAKENED]).map((check) => "--" + check).join(", "));
    pair(facts, "Digests reused", row[REUSED] ? "yes, from an earlier run" : "");
    pair(facts, "Policy rule", text(row[RULE]));
    pair(facts, "Method", text(row[METHOD]));
    pair(facts, "Signer", code(text(row[SIGNER])));
    pair(facts, "Previous signer", code(text(row[PREVIOUS])));
    pair(facts, "Timestamp", time(row[TIMESTAMP]) && time(row[TIMESTAMP]) + " UTC");
    pair(facts, "Bundle", signature(row));
    pair(facts, "Bundle SHA-256", code(row[BUNDLE]));
    pair(facts, "Root digest", code(row[ROOT]));
    pair(facts, "Hash", [text(row[HASH]), text(row[SERIALIZATION]), row[SHARD] > 0 ? size(row[SHARD]) : ""].filter((part) => part).join(", "));
    body.append(facts);
    const certificate = text(row[CERTIFICATE]);
    if (certificate) {
      body.append(element("h3", isFailure(row) ? "Certificate (only claimed, since the model failed)" : "Certificate"));
      const said = element("dl");
      for (const [label, value] of JSON.parse(certificate)) pair(said, label, value);
      body.append(said);
    }
    const differ = row[CHANGED] + row[MISSING] + row[EXTRA];
    if (differ > 0) {
      const listed = row[DIFFERENCES].length;
      body.append(element("h3", "Differences: " + [[row[CHANGED], "changed"], [row[MISSING], "missing"], [row[EXTRA], "extra"]]
        .filter(([count]) => count > 0).map(([count, kind]) => numbers.format(count) + " " + kind).join(", ")));
      if (listed < differ) body.append(element("p", "The first " + listed + " are listed; the results contain more.", "more"));
      const table = element("table", [element("tbody", row[DIFFERENCES].map(([kind, file, expected, actual, detail]) => {
        const what = element("td", [isolated(file)]);
        for (const [label, value] of [["", detail], ["expected ", expected], ["actual ", actual]])
          if (value) what.append(element("br"), element("span", [label, element("code", value)], "more"));
        return element("tr", [element("td", inWords(text(kind))), what]);
      }))]);
      body.append(table);
    }
    dialog.scrollTop = 0;
    dialog.showModal();
  };
  $("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => activate(active, true));

  rows.addEventListener("click", (event) => {
    const line = event.target.closest("tr[data-position]");
    if (!line) return;
    activate(Number(line.dataset.position), true);
    details(models[view[active]]);
  });
  rows.addEventListener("keydown", (event) => {
    const page = Math.max(1, Math.floor(scroller.clientHeight / rowHeight()) - 2);
    const moves = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: view.length - 1 };
    if (event.key in moves) {
      event.preventDefault();
      moveTo(moves[event.key]);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (view.length > 0) details(models[view[active]]);
    }
  });

  const sortBy = (column, turned) => {
    sortedBy = column;
    direction = turned;
    for (const head of grid.querySelectorAll("th")) {
      if (head.dataset.column === column) head.setAttribute("aria-sort", turned === 1 ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    }
    $("sort").value = column;
    order();
    active = 0;
    scroller.scrollTop = 0;
    draw(true);
  };
  // Amounts and times are sorted in descending order first.
  const firstDirection = (column) => ["bytes", "files", "time", "finished"].includes(column) ? -1 : 1;
  for (const head of grid.querySelectorAll("th")) {
    const column = head.dataset.column;
    head.querySelector("button").addEventListener("click", () =>
      sortBy(column, column === sortedBy ? -direction : firstDirection(column)));
  }
  $("sort").addEventListener("change", () => sortBy($("sort").value, firstDirection($("sort").value)));

  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(update, 80);
  });
  for (const select of [...Object.values(filters), reused]) select.addEventListener("change", update);
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  const clear = () => {
    search.value = "";
    reused.checked = false;
    for (const select of Object.values(filters)) select.value = "";
  };
  $("clear").addEventListener("click", () => {
    clear();
    update();
    search.focus();
  });
  // Links in the sums choose what the table shows.
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href="#models"]');
    if (!link) return;
    const chosen = ["outcome", "reason", "weakened", "run"].find((filter) => filter in link.dataset);
    if (!chosen && !("find" in link.dataset)) return;
    clear();
    if (chosen) filters[chosen].value = link.dataset[chosen];
    else search.value = link.dataset.find;
    for (const select of Object.values(filters)) if (select.selectedIndex < 0) select.value = "";
    update();
  });

  let drawing = false;
  const drawSoon = () => {
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(() => {
      drawing = false;
      draw(false);
    });
  };
  scroller.addEventListener("scroll", drawSoon, { passive: true });
  window.addEventListener("resize", () => requestAnimationFrame(() => draw(true)));

  fill();
  sortBy("outcome", 1);
  update();
})();
