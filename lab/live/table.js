// The results, one row a run, with a last column that follows the cursor.
const Table = (() => {
  const { el, attr, text } = Dom;

  class Table {
    constructor() {
      this.caption = el("caption", { class: "lab-unseen" });
      this.first = el("th", { scope: "col" });
      this.live = el("th", { scope: "col", class: "lab-live" });
      this.middle = [];
      this.head = el("tr", {}, this.first, this.live);
      this.body = el("tbody");
      this.node = el("div", { class: "lab-table", tabindex: 0, role: "region" }, el("table", {}, this.caption, el("thead", {}, this.head), this.body));
    }

    show({ table, runs, labels }) {
      this.runs = runs;
      this.labels = labels;
      this.node.hidden = !table;
      this.rows = table?.rows ?? [];
      if (!table) return;
      attr(this.node, "aria-label", labels.table);
      text(this.caption, labels.table);
      text(this.first, labels.run);
      this.fit(this.head, this.middle, table.columns, "th", { scope: "col" }, this.live);
      Dom.each(this.body, this.rows.map((row, i) => ({ row, i })), ({ i }) => i, () => this.row(), (entry, { row }) => {
        entry.swatch.show(row.swatch);
        text(entry.label, row.label);
        this.fit(entry.node, entry.cells, row.cells, "td", {}, entry.live);
      });
    }

    row() {
      const entry = { swatch: Dom.swatch(), label: el("span"), live: el("td", { class: "lab-live" }), cells: [] };
      entry.node = el("tr", {}, el("th", { scope: "row" }, el("span", { class: "lab-who" }, entry.swatch.node, entry.label)), entry.live);
      return entry;
    }

    // As many cells as there are texts, before the last one.
    fit(parent, cells, texts, tag, attributes, before) {
      while (cells.length > texts.length) cells.pop().remove();
      while (cells.length < texts.length) {
        const cell = el(tag, attributes);
        parent.insertBefore(cell, before);
        cells.push(cell);
      }
      cells.forEach((cell, i) => text(cell, texts[i]));
    }

    at(step) {
      if (!this.rows.length) return;
      text(this.live, Dom.fill(this.labels.at_cursor, { t: step }));
      this.rows.forEach(({ run }, i) => {
        const loss = this.runs[run]?.loss;
        text(this.body.labKnown.get(i).live, loss?.length ? Dom.number(loss[Math.min(step, loss.length - 1)]) : "");
      });
    }
  }

  return Table;
})();
