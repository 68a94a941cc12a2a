// Trainings side by side under one player: what each network says at the cursor, the curves, the networks' drawings, histograms. Nothing is computed here, and
// nothing asked of the server while time moves. A picture is that of the last checkpoint at or before the cursor, and says which.
const Training = (() => {
  const { el, attr, text } = Dom;
  const { NARROW, WIDE, PLAYER, UNDER, GAP } = Lesson;
  const ROW = 180; // px of a curve under the pictures
  const LOW = 190; // px of a curve on a phone
  const LEAST = 140; // and of one beside them
  const ABREAST = 540; // px from which the histograms of a layer stand side by side
  const KINDS = ["weights", "activations", "gradients"];
  const CURVES = ["curve", "accuracy", "norm", "rate"];

  class Training extends Lesson {
    constructor(root, outbox, plotly) {
      super(root, outbox, plotly, "training");
      this.curves = CURVES.map((name) => new Curve(name, Frame.FLAT, (step) => this.go(step), () => this.settle()));
      this.side = el("div", { class: "lab-side" }, ...this.curves.map(({ node }) => node));
      this.inside = el("div", { class: "lab-within" });
      this.hint = el("p", { class: "lab-note" });
      const upper = el("div", { class: "lab-upper" }, this.pictures, this.side);
      root.append(upper, this.player.node, this.table.node, this.findings, this.notes, this.inside, this.hint);
    }

    get frames() {
      return this.curves;
    }

    get shown() {
      return this.curves.filter(({ name }) => this.payload.figures[name]);
    }

    show(payload) {
      const { labels, figures, runs } = payload;
      this.tell(payload);
      for (const curve of this.curves) {
        attr(curve.node, "aria-label", labels[curve.name]);
        curve.node.hidden = !figures[curve.name];
      }
      text(this.hint, labels.strips_hint);
      this.networks = [];
      Dom.each(this.inside, runs.map((_, i) => i), (i) => i, () => this.network(), (network) => this.networks.push(network));
      return this.draw();
    }

    // The drawing of one network and its histograms.
    network() {
      const layers = new Layers();
      const title = el("p", { class: "lab-region-title" });
      const swatch = Dom.swatch();
      const label = el("span");
      title.append(swatch.node, label);
      const strips = el("div", { class: "lab-strips", role: "group" });
      return { layers, title, swatch, label, strips, node: el("section", { class: "lab-network" }, title, layers.node, strips) };
    }

    // One picture stands beside the curves; two or more share a row, and the curves stand under the player. A picture is as high as it is wide.
    sizes() {
      const { width } = this;
      const height = this.payload.height - PLAYER;
      const { runs } = this.payload;
      const count = this.shown.length;
      if (width < NARROW) return { picture: { width, height: Math.round(width * 0.86) }, curve: { width, height: LOW } };
      if (runs.length === 1) {
        const wide = Math.min(Math.floor(width * 0.56), height - UNDER + Regions.WIDER);
        const picture = { width: wide, height: wide - Regions.WIDER };
        return { picture, curve: { width: width - wide - GAP, height: Math.max(LEAST, Math.floor((picture.height + UNDER) / count)) } };
      }
      const each = Math.floor((width - GAP * (runs.length - 1)) / runs.length);
      const side = Math.min(each - Regions.WIDER, Math.round(height * 0.7));
      const columns = count === 3 && width >= WIDE ? 3 : Math.min(count, 2);
      return { picture: { width: side + Regions.WIDER, height: side }, curve: { width: Math.floor((width - GAP * (columns - 1)) / columns), height: ROW } };
    }

    async draw() {
      const { figures, labels, runs } = this.payload;
      if (!this.measure()) return;
      const sizes = this.sizes();
      this.root.classList.toggle("lab-alone", runs.length === 1 && this.width >= NARROW);
      this.layRegions(sizes.picture);
      this.networks.forEach((network, i) => this.lay(network, runs[i]));
      for (const curve of this.curves) {
        curve.node.style.height = `${sizes.curve.height}px`;
        curve.node.style.width = `${sizes.curve.width}px`;
      }
      this.placed();
      const Plotly = await this.library();
      if (!Plotly) return;
      await Promise.all(this.shown.map((curve) => curve.draw(Plotly, figures[curve.name], sizes.curve, labels, labels.no_plotly)));
      this.settle();
    }

    lay(network, run) {
      const several = this.payload.runs.length > 1;
      network.title.hidden = !several;
      network.swatch.show(run);
      text(network.label, run.label);
      network.node.style.setProperty("--lab-run", run.color);
      const width = network.node.clientWidth || Math.floor(this.width / (several && this.width >= NARROW ? 2 : 1));
      network.layers.show(run, this.payload, width);
      attr(network.strips, "aria-label", this.payload.labels.strips);
      network.strips.classList.toggle("lab-abreast", width >= ABREAST);
      network.rows = [];
      const listed = run.strips.map((strip) => ({ strip, key: `${strip.kind} ${strip.layer}` }));
      Dom.each(network.strips, listed, ({ key }) => key, () => new Strips.Strip(), (row, { strip }) => {
        row.show(strip, run.color, this.colors, this.payload.labels);
        row.node.style.gridColumn = width >= ABREAST ? KINDS.indexOf(strip.kind) + 1 : "";
        row.node.style.gridRow = width >= ABREAST ? strip.layer + 1 : "";
        network.rows.push(row);
      });
      for (const row of network.rows) row.lay(row.box.clientWidth);
    }

    settle() {
      for (const curve of this.shown) curve.reset([], this.colors);
      this.moved(this.player.position, this.player.atEnd);
    }

    follow(step, atEnd) {
      this.payload.runs.forEach((_, i) => {
        const frame = Lesson.checkpoint(this.payload, i, step);
        this.regions[i].draw(frame);
        this.networks[i].layers.draw(frame);
        for (const row of this.networks[i].rows) row.draw(frame);
      });
      for (const curve of this.curves) curve.follow(step, atEnd);
      this.table.at(step);
    }
  }

  return Training;
})();
