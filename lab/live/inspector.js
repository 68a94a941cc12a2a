// Inside one step: the rule in symbols and with the numbers of the player's step, the state as bars, and as curves over time.
const Inspector = (() => {
  const { el, attr, text } = Dom;
  const HEIGHT = 220; // px of the curves
  const TALL = 340; // px on a phone, where the legend takes several rows
  const NARROW = 560;

  const number = (value, bracket) => {
    const words = Dom.number(value);
    return bracket && words.startsWith("−") ? `(${words})` : words;
  };

  class Inspector {
    // `go(step)` moves the player; `outbox` is null in a file without a server, where nobody can choose another run.
    constructor(outbox, go) {
      this.title = el("h3", { class: "lab-title" });
      this.choose = el("select", { class: "lab-select", onchange: () => outbox?.set("inspect", this.choose.value) });
      this.hint = el("p", { class: "lab-note" });
      this.where = el("p", { class: "lab-where" });
      this.lines = el("div", { class: "lab-lines" });
      this.bars = el("div", { class: "lab-bars" });
      this.facts = el("p", { class: "lab-note" });
      this.curve = new Curve("inside", [], go, () => this.settle());
      this.body = el("div", { class: "lab-inside" }, this.where, this.lines, this.bars, this.facts, this.curve.node);
      this.node = el("section", { class: "lab-inspector" }, el("header", { class: "lab-head" }, this.title, outbox ? this.choose : null), this.hint, this.body);
      this.outbox = outbox;
    }

    destroy() {
      this.curve.destroy();
    }

    show({ inspector, labels, n_steps: n }, colors) {
      this.told = inspector;
      Object.assign(this, { labels, n, colors });
      this.node.hidden = !inspector || (inspector.run === null && !this.outbox);
      if (!inspector) return;
      text(this.title, labels.inspector);
      attr(this.node, "aria-label", labels.inspector);
      attr(this.choose, "aria-label", labels.inspect);
      Control.options(this.choose, inspector.options);
      if (!this.outbox?.holds("inspect")) this.choose.value = inspector.value;
      const open = inspector.run !== null;
      this.body.hidden = !open;
      this.hint.hidden = open;
      text(this.hint, labels.inspect_hint);
      if (!open) return;
      this.node.style.setProperty("--lab-run", inspector.color);
      Dom.each(this.lines, inspector.lines.map((line, i) => ({ line, i })), ({ i }) => i, () => this.line(), (entry, { line }) => {
        Dom.formulas(entry.symbols, [line.symbols]);
        Dom.formulas(entry.numbers, line.numbers ? [line.numbers] : []);
      });
      this.slots = [...this.lines.querySelectorAll("[data-slot]")].map((node) => ({ node, place: Number(node.dataset.slot), bracket: "bracket" in node.dataset }));
      Dom.each(this.bars, inspector.bars.map((bar, i) => ({ bar, i })), ({ i }) => i, () => this.bar(), (entry, { bar }) => this.measure(entry, bar));
      attr(this.curve.node, "aria-label", labels.inside);
      this.curve.node.style.height = `${HEIGHT}px`; // until the width is known
    }

    // A line of the rule, in symbols and in numbers.
    line() {
      const entry = { symbols: el("div", { class: "lab-rule" }), numbers: el("div", { class: "lab-rule lab-filled" }) };
      entry.node = el("div", { class: "lab-line-pair" }, entry.symbols, entry.numbers);
      return entry;
    }

    bar() {
      const entry = { symbol: el("div", { class: "lab-bar-name" }), rows: el("div", { class: "lab-bar-rows" }) };
      entry.node = el("div", { class: "lab-bar" }, entry.symbol, entry.rows);
      return entry;
    }

    measure(entry, bar) {
      entry.bar = bar;
      Dom.formulas(entry.symbol, [bar.symbol]);
      const count = bar.values[0]?.length ?? 0;
      Dom.each(entry.rows, Array.from({ length: count }, (_, i) => i), (i) => i, () => {
        const part = { fill: el("span", { class: "lab-bar-fill" }), value: el("span", { class: "lab-bar-value" }) };
        part.node = el("div", { class: "lab-bar-row" }, el("span", { class: "lab-bar-track", "aria-hidden": "true" }, part.fill), part.value);
        return part;
      }, () => {});
    }

    get open() {
      return Boolean(this.told && this.told.run !== null);
    }

    // Draw the curves in the width there is; like every curve, only when something asks for it.
    async draw(Plotly, width) {
      if (!this.open) return;
      const height = width < NARROW ? TALL : HEIGHT;
      this.curve.node.style.height = `${height}px`;
      await this.curve.draw(Plotly, this.told.figure, { width, height }, this.labels, this.labels.no_plotly);
      this.settle();
    }

    soon() {
      if (this.open) this.curve.soon(this.told.figure, this.labels);
    }

    settle() {
      if (!this.open) return;
      this.curve.reset([], this.colors ?? Ink.colors(this.node));
      if (this.curve.at) this.curve.follow(this.curve.at.position, this.curve.at.atEnd);
    }

    // What the curvature at a point is, in words that Python wrote.
    fact(row) {
      const { facts } = this.told;
      if (!facts) return "";
      const values = Object.fromEntries(Object.entries(facts.values).map(([name, column]) => [name, Dom.number(column[row])]));
      const { high, low } = Object.fromEntries(Object.entries(facts.values).map(([name, column]) => [name, column[row]]));
      const allowed = low < 0 ? ` ${facts.lost}` : high > 0 ? ` ${facts.bound}` : "";
      return Dom.fill(facts.text + allowed, values) + (facts.warned[row] ? ` ⚠ ${facts.warning}` : "");
    }

    // The step that leaves the point at the cursor; at the end, the last one.
    at(position, atEnd) {
      if (!this.open) return;
      const { told, labels, n } = this;
      const row = Math.min(Math.floor(position), n - 1);
      text(this.where, Dom.fill(labels.inside_step, { t: row, next: row + 1 }));
      const numbers = told.numbers[row];
      for (const { node, place, bracket } of this.slots) text(node, number(numbers[place], bracket));
      for (const { rows, bar } of this.bars.labKnown?.values() ?? []) {
        for (const [i, part] of rows.labKnown ?? []) {
          const value = bar.values[row][i];
          const share = bar.most > 0 && Number.isFinite(value) ? Math.abs(value) / bar.most : 0;
          part.fill.style.cssText = `width:${50 * share}%;${value < 0 ? "right:50%" : "left:50%"}`;
          text(part.value, Dom.number(value));
        }
      }
      text(this.facts, this.fact(row));
      this.curve.follow(position, atEnd);
    }
  }

  return Inspector;
})();
