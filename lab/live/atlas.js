// A map of many runs: Python's figure, what the cell under the pointer says, and the hand that picks a cell. Picking is moving sliders: the run of that cell
// appears on the stage beside.
const Atlas = (() => {
  const { el, attr, text } = Dom;
  const BELOW = 74; // px for the reading and the button
  const TAP = 10; // px a finger may wander and still tap
  const BUTTONS = [["toImage"]];
  const BACK = { linear: (z) => z, log: (z) => 10 ** z, signed: (z) => Math.sign(z) * (10 ** Math.abs(z) - 1) };

  class Atlas {
    constructor(root, outbox, plotly) {
      Object.assign(this, { root, outbox, plotly });
      Plot.load(plotly).catch(() => {}); // `draw` reports a failure
      root.classList.add("lab", "lab-atlas");
      attr(root, "role", "region");
      this.frame = new Frame("chart", BUTTONS, () => {});
      attr(this.frame.node, "tabindex", 0);
      this.spot = el("div", { class: "lab-spot", hidden: true });
      this.frame.node.append(this.spot);
      this.reading = el("p", { class: "lab-reading", role: "status" });
      this.best = el("button", { class: "lab-button", type: "button", hidden: true, onclick: () => this.send(this.payload.best) });
      this.notes = el("div", { class: "lab-notes" });
      root.append(this.frame.node, el("div", { class: "lab-under" }, this.reading, this.best), this.notes);
      const on = (name, act) => this.frame.node.addEventListener(name, act, true);
      on("pointerdown", (event) => this.down(event));
      on("pointermove", (event) => this.move(event));
      on("pointerup", (event) => this.up(event, true));
      on("pointercancel", (event) => this.up(event, false));
      on("pointerleave", () => this.read(null));
      this.frame.node.addEventListener("keydown", (event) => this.press(event));
      this.watch = new ResizeObserver(() => root.clientWidth !== this.width && this.draw());
      this.watch.observe(root);
    }

    destroy() {
      this.watch.disconnect();
      this.frame.destroy();
    }

    show(payload) {
      this.payload = payload;
      const { labels, best, notes } = payload;
      attr(this.root, "aria-label", labels.atlas);
      attr(this.frame.node, "aria-label", payload.panels.length ? labels.atlas_hint : labels.atlas);
      this.root.dataset.theme = payload.theme;
      this.best.hidden = !best;
      text(this.best, best?.label);
      const listed = notes.map((note, i) => ({ note, i }));
      Dom.each(this.notes, listed, ({ i }) => i, () => ({ node: el("p", { class: "lab-note" }) }), ({ node }, { note }) => text(node, note));
      return this.draw();
    }

    async draw() {
      const { width } = { width: this.root.clientWidth };
      if (!this.payload || !width) return;
      this.width = width;
      const { figure, labels, height } = this.payload;
      const size = { width, height: Math.min(height - BELOW, Math.max(300, Math.round(width * 1.1))) };
      this.frame.node.style.height = `${size.height}px`;
      let Plotly;
      try {
        Plotly = await Plot.load(this.plotly);
      } catch {
        return void this.frame.say(labels.no_plotly);
      }
      await this.frame.draw(Plotly, figure, size, labels, labels.no_plotly);
      if (!this.grip) this.spot.hidden = true; // Plotly's own mark stands there now
      this.read(this.under);
    }

    // Which map and which of its cells lie there; null beside the maps.
    cellAt(event) {
      const full = this.frame.graph._fullLayout;
      if (!full || !this.payload) return null;
      const box = this.frame.node.getBoundingClientRect();
      for (const panel of this.payload.panels) {
        const [xaxis, yaxis] = [full[panel.xaxis], full[panel.yaxis]];
        if (!xaxis?._length || !yaxis?._length) continue;
        const [right, down] = [event.clientX - box.left - xaxis._offset, event.clientY - box.top - yaxis._offset];
        if (right < 0 || down < 0 || right >= xaxis._length || down >= yaxis._length) continue;
        const column = Math.floor((right / xaxis._length) * panel.cells);
        const row = panel.cells - 1 - Math.floor((down / yaxis._length) * panel.cells);
        return { panel, run: panel.run, cells: panel.cells, column, row, at: [xaxis._offset + right, yaxis._offset + down] };
      }
      return null;
    }

    // The sentence under the map.
    read(cell) {
      this.under = cell;
      const panel = cell && this.payload.panels.find(({ run }) => run === cell.run);
      if (!panel || cell.row >= panel.cells || cell.column >= panel.cells) return text(this.reading, this.payload?.panels.length ? this.payload.labels.atlas_hint : "");
      const { data } = this.payload.figure;
      const [z, apart] = [data[panel.values].z[cell.row][cell.column], data[panel.apart].z[cell.row][cell.column]];
      const value = panel.index ? panel.index[cell.row][cell.column] : Dom.number(panel.zero?.[cell.row][cell.column] ? 0 : BACK[panel.scaling](z));
      const words = apart === 1 ? panel.words.diverged : apart === 0 ? panel.words.not_yet : panel.words.value;
      text(this.reading, Dom.fill(words, { x: Dom.number(panel.x[cell.column]), y: Dom.number(panel.y[cell.row]), value }));
    }

    send({ run, cells, column, row }) {
      this.outbox.only("cell", run, cells, column, row);
    }

    pick(cell) {
      const spot = cell.at;
      this.spot.hidden = false;
      this.spot.style.transform = `translate(${spot[0]}px, ${spot[1]}px)`;
      if (this.last === `${cell.run},${cell.column},${cell.row}`) return;
      this.last = `${cell.run},${cell.column},${cell.row}`;
      this.send(cell);
    }

    // A mouse may drag; a finger taps, so that a swipe still scrolls the page.
    down(event) {
      const cell = this.cellAt(event);
      if (!cell || event.button !== 0 || !event.isPrimary || event.target.closest?.(".modebar")) return;
      this.last = "";
      if (event.pointerType === "touch") return void (this.tap = { x: event.clientX, y: event.clientY });
      this.grip = event.pointerId;
      this.frame.node.setPointerCapture(event.pointerId);
      this.outbox.drag(true);
      event.preventDefault();
      event.stopPropagation();
      this.frame.node.focus({ preventScroll: true });
      this.pick(cell);
    }

    move(event) {
      const cell = this.cellAt(event);
      this.read(cell);
      if (this.grip !== event.pointerId || !cell) return;
      event.stopPropagation();
      this.pick(cell);
    }

    up(event, meant) {
      if (this.grip === event.pointerId) {
        this.grip = undefined;
        this.outbox.drag(false);
      } else if (this.tap) {
        const near = Math.hypot(event.clientX - this.tap.x, event.clientY - this.tap.y) < TAP;
        this.tap = null;
        const cell = meant && near && this.cellAt(event);
        if (cell) {
          this.read(cell);
          this.pick(cell);
        }
      }
    }

    // Arrow keys move the present values by a cell, with Shift by ten.
    press(event) {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
      const panel = this.payload?.panels[0];
      if (!way || !panel) return;
      event.preventDefault();
      event.stopPropagation();
      const by = event.shiftKey ? 10 : 1;
      const [column, row] = panel.at.map((at, i) => Math.min(panel.cells - 1, Math.max(0, at + way[i] * by)));
      if (column === panel.at[0] && row === panel.at[1]) return;
      panel.at = [column, row];
      this.read({ run: panel.run, column, row });
      this.send({ run: panel.run, cells: panel.cells, column, row });
    }
  }

  return Atlas;
})();
