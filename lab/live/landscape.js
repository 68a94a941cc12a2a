// Landscapes of the loss with the paths of trainings, what each network says, a player, and panels of figures. Nothing is computed here, and nothing asked of the
// server while time moves: everything shows the last checkpoint at or before the cursor.
const Landscape = (() => {
  const { el, attr, text } = Dom;
  const { NARROW, WIDE, PLAYER, UNDER, GAP } = Lesson;
  const TITLE = 22; // px above a picture
  const BESIDE = 0.34; // of the width at least for the boundaries beside one landscape,
  const BROAD = 1.3; // and all that it leaves when it is so many times as wide as high
  const LEAST = 250; // px of a landscape in a row of three or four
  const SMALL = 220; // px of a boundary under the player
  const TINY = 150; // px below which boundaries do not stand beside the landscape
  const ROW = 190; // px of a figure in a panel

  // A titled figure; a hand on one over time moves the player.
  class Pane {
    constructor(name, time, go) {
      this.time = time;
      this.title = el("p", { class: "lab-pane-title" });
      this.frame = time ? new Curve(`pane-${name}`, Frame.FLAT, go, () => this.settle()) : new Frame(`still lab-pane-${name}`, Frame.FLAT, () => {});
      this.node = el("section", { class: "lab-pane" }, this.title, this.frame.node);
    }

    lay(panel, width, colors) {
      this.colors = colors;
      text(this.title, panel.title);
      attr(this.frame.node, "aria-label", panel.title);
      this.node.style.width = `${width}px`;
      this.frame.node.style.height = `${ROW}px`;
    }

    async draw(Plotly, panel, width, labels) {
      await this.frame.draw(Plotly, panel.figure, { width, height: ROW }, labels, labels.no_plotly);
      this.settle();
    }

    settle() {
      if (!this.time) return;
      this.frame.reset([], this.colors);
      this.frame.redrawn();
    }

    follow(step, atEnd) {
      if (this.time) this.frame.follow(step, atEnd);
    }

    destroy() {
      this.frame.destroy();
    }
  }

  class Landscape extends Lesson {
    constructor(root, outbox, plotly) {
      super(root, outbox, plotly, "landscape");
      this.reliefs = [];
      this.panes = [];
      const group = (name) => el("div", { class: name, role: "group" });
      this.maps = group("lab-maps");
      this.grid = group("lab-panes");
      attr(this.pictures, "role", "group");
      const upper = el("div", { class: "lab-upper" }, this.maps, this.pictures);
      root.append(upper, this.player.node, this.grid, this.table.node, this.findings, this.notes);
    }

    get frames() {
      return [...this.reliefs, ...this.panes].map(({ frame }) => frame);
    }

    show(payload) {
      const { labels, maps, panels } = payload;
      const former = new Set([...this.reliefs, ...this.panes]);
      this.reliefs = [];
      const landforms = maps.map((map, i) => ({ space: map.space, key: `${i} ${map.space}` }));
      Dom.each(this.maps, landforms, ({ key }) => key, ({ space }) => new Relief(space), (relief) => this.reliefs.push(relief));
      this.panes = [];
      const key = ({ name, time }) => `${name} ${time}`;
      Dom.each(this.grid, panels, key, ({ name, time }) => new Pane(name, time, (step) => this.go(step)), (pane) => this.panes.push(pane));
      for (const part of [...this.reliefs, ...this.panes]) former.delete(part);
      for (const part of former) part.destroy();
      attr(this.maps, "aria-label", labels.map);
      attr(this.grid, "aria-label", labels.panels);
      attr(this.pictures, "aria-label", labels.regions);
      this.tell(payload);
      return this.draw();
    }

    // One landscape has the boundaries beside it, if they are not too small there; otherwise landscapes share a row, or two, and the boundaries stand under the
    // player. On a phone everything is in one column.
    sizes() {
      const { width, payload } = this;
      const count = payload.maps.length;
      const height = payload.height - PLAYER - TITLE;
      const runs = payload.runs.length;
      if (width < NARROW) return { map: { width, height: Math.round(width * 0.86) }, beside: 0, picture: { width, height: Math.round(width * 0.86) } };
      const square = (side) => ({ width: side + Regions.WIDER, height: side });
      if (count === 1) {
        const column = Math.max(BESIDE * width, width - BROAD * height - GAP);
        const side = (columns) => {
          const rows = Math.ceil(runs / columns);
          return Math.floor(Math.min((column - GAP * (columns - 1)) / columns - Regions.WIDER, (height + TITLE) / rows - TITLE - UNDER));
        };
        const columns = side(2) > side(1) ? 2 : 1;
        const picture = square(side(columns));
        const beside = columns * (picture.width + GAP) - GAP;
        if (picture.height >= TINY) return { map: { width: width - beside - GAP, height }, beside, picture };
      }
      const each = (columns) => Math.floor((width - GAP * (columns - 1)) / columns);
      const columns = count > 2 && each(count) < LEAST ? 2 : count;
      const wide = Math.floor(each(columns) - Math.max(...this.bars) / columns);
      return { map: { width: wide, height: Math.min(height, wide) }, beside: 0, picture: square(Math.min(SMALL, each(runs) - Regions.WIDER)) };
    }

    // How much wider each landscape is than the others for its colour bar: the level lines of all shall have one scale.
    get bars() {
      const margins = this.payload.maps.map(({ figure }) => figure.layout.margin?.r ?? 0);
      return margins.map((margin) => (this.width < NARROW ? 0 : margin - Math.min(...margins)));
    }

    // As many panels a row as fit, and rows as full as one another.
    columns() {
      const count = this.panes.length;
      const most = this.width < NARROW ? 1 : this.width < WIDE ? 2 : 3;
      return Math.ceil(count / Math.ceil(count / most)) || 1;
    }

    async draw() {
      const { payload } = this;
      const { labels, maps, panels } = payload;
      if (!this.measure()) return;
      const { colors, width } = this;
      const sizes = this.sizes();
      this.root.classList.toggle("lab-alone", sizes.beside > 0);
      this.pictures.style.width = sizes.beside ? `${sizes.beside}px` : "";
      this.layRegions(sizes.picture);
      const places = this.bars.map((bar) => ({ width: sizes.map.width + bar, height: sizes.map.height }));
      this.reliefs.forEach((relief, i) => relief.lay(maps[i], labels, places[i]));
      const columns = this.columns();
      const wide = Math.floor((width - GAP * (columns - 1)) / columns);
      this.panes.forEach((pane, i) => pane.lay(panels[i], wide, colors));
      this.placed();
      const Plotly = await this.library();
      if (!Plotly || payload !== this.payload) return; // a newer one is on its way
      const jobs = this.reliefs.map((relief, i) => relief.draw(Plotly, maps[i], payload, places[i], colors));
      await Promise.all([...jobs, ...this.panes.map((pane, i) => pane.draw(Plotly, panels[i], wide, labels))]);
    }

    follow(step, atEnd) {
      for (const relief of this.reliefs) relief.follow(step);
      this.regions.forEach((region, i) => region.draw(Lesson.checkpoint(this.payload, i, step)));
      for (const pane of this.panes) pane.follow(step, atEnd);
      this.table.at(step);
    }
  }

  return Landscape;
})();
