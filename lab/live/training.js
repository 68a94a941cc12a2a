// Trainings side by side under one player: what each network says at the cursor, the curves, the networks' drawings, histograms. Nothing is computed here, and
// nothing asked of the server while time moves. A picture is that of the last checkpoint at or before the cursor, and says which.
const Training = (() => {
  const { el, attr, text } = Dom;
  const NARROW = 620;
  const PLAYER = 52; // px
  const WIDE = 900;
  const ROW = 180; // px of a curve under the pictures
  const LOW = 190; // px of a curve on a phone
  const LEAST = 140; // and of one beside them
  const UNDER = 30; // px for the legend
  const ABREAST = 540; // px from which the histograms of a layer stand side by side
  const KINDS = ["weights", "activations", "gradients"];
  const CURVES = ["curve", "accuracy", "norm", "rate"];
  const FLAT = [["zoomIn2d", "zoomOut2d", "resetScale2d"], ["toImage"]];

  // The player of iterations that also knows epochs.
  class Course extends Player {
    constructor(onmove) {
      super(onmove);
      const button = (name, click, icon) => el("button", { class: `lab-tool lab-key lab-key-${name}`, type: "button", onclick: click }, Dom.icon(icon));
      this.keys.epoch_back = button("epoch_back", () => this.epoch(-1), "epoch_back");
      this.keys.epoch_forward = button("epoch_forward", () => this.epoch(1), "epoch_forward");
      this.keys.back.before(this.keys.epoch_back);
      this.keys.forward.after(this.keys.epoch_forward);
    }

    set(n, per, labels) {
      this.per = per;
      this.show(n, labels);
      for (const name of ["epoch_back", "epoch_forward"]) this.name(this.keys[name], labels[name]);
    }

    words(t) {
      return Dom.fill(this.labels.step, { t, n: this.n, epoch: Math.floor(t / this.per) });
    }

    // To the end of the epoch before or after.
    epoch(way) {
      const at = this.step / this.per;
      this.go(this.per * (way > 0 ? Math.floor(at) + 1 : Math.ceil(at) - 1));
    }

    press(event) {
      const way = { PageUp: -1, PageDown: 1 }[event.key];
      if (!way || (event.target !== this.scrub && event.target.closest("input, select, textarea"))) return super.press(event);
      event.preventDefault();
      event.stopPropagation();
      this.epoch(way);
    }
  }

  class Results extends Table {
    at(step) {
      if (!this.rows.length) return;
      text(this.live, this.labels.at_cursor);
      this.rows.forEach(({ run }, i) => {
        const { loss, n } = this.runs[run];
        text(this.body.labKnown.get(i).live, Dom.number(loss[Math.min(this.along(run, step), n - 1)]));
      });
    }
  }

  class Training {
    constructor(root, outbox, plotly) {
      Object.assign(this, { root, outbox, plotly });
      if (plotly) Plot.load(plotly).catch(() => {}); // `draw` reports a failure
      root.classList.add("lab", "lab-training");
      attr(root, "role", "region");
      attr(root, "tabindex", -1);
      this.pictures = el("div", { class: "lab-regions" });
      this.curves = CURVES.map((name) => new Curve(name, FLAT, (step) => this.go(step), () => this.settle()));
      this.side = el("div", { class: "lab-side" }, ...this.curves.map(({ node }) => node));
      this.player = new Course((position, atEnd) => this.follow(position, atEnd));
      this.share = new Share(() => (this.player.atEnd ? "end" : String(this.player.step)));
      if (outbox) this.player.node.append(this.share.node);
      this.table = new Results();
      this.table.along = (run, step) => this.along(run, step);
      this.findings = el("div", { class: "lab-findings" });
      this.notes = el("div", { class: "lab-notes" });
      this.inside = el("div", { class: "lab-within" });
      this.hint = el("p", { class: "lab-note" });
      root.append(el("div", { class: "lab-upper" }, this.pictures, this.side), this.player.node, this.table.node, this.findings, this.notes, this.inside, this.hint);
      root.addEventListener("keydown", (event) => this.payload && this.player.press(event));
      const scrolls = ({ key }) => key === "PageUp" || key === "PageDown"; // before anything has the focus they belong to the page
      this.unfocused = (event) => event.target === document.body && this.payload && !scrolls(event) && this.player.press(event);
      document.addEventListener("keydown", this.unfocused);
      this.watch = new ResizeObserver(() => this.resized());
      this.watch.observe(root);
    }

    destroy() {
      document.removeEventListener("keydown", this.unfocused);
      this.watch.disconnect();
      this.player.playing = false;
      for (const curve of this.curves) curve.destroy();
    }

    go(step) {
      this.root.focus({ preventScroll: true });
      this.player.go(step);
    }

    get shown() {
      return this.curves.filter(({ name }) => this.payload.figures[name]);
    }

    show(payload) {
      this.payload = payload;
      const { labels, figures, runs } = payload;
      attr(this.root, "aria-label", labels.training);
      this.root.dataset.theme = payload.theme;
      this.share.show(labels);
      for (const curve of this.curves) {
        attr(curve.node, "aria-label", labels[curve.name]);
        curve.node.hidden = !figures[curve.name];
      }
      this.table.show(payload);
      const found = payload.findings.map((finding, i) => ({ ...finding, i }));
      Dom.each(this.findings, found, ({ i }) => i, () => ({ node: el("p", { class: "lab-finding" }) }), ({ node }, finding) => {
        text(node, finding.text);
        node.style.borderColor = finding.color;
      });
      const listed = payload.notes.map((note, i) => ({ note, i }));
      Dom.each(this.notes, listed, ({ i }) => i, () => ({ node: el("p", { class: "lab-note" }) }), ({ node }, { note }) => text(node, note));
      text(this.hint, labels.strips_hint);
      const known = runs.map((run, i) => ({ run, i }));
      this.regions = [];
      Dom.each(this.pictures, known, ({ i }) => i, () => new Regions(), (region) => this.regions.push(region));
      this.networks = [];
      Dom.each(this.inside, known, ({ i }) => i, () => this.network(), (network) => this.networks.push(network));
      this.player.set(payload.n_steps, payload.per_epoch, labels);
      if (payload.at !== this.opened) {
        this.opened = payload.at;
        if (payload.at !== null) this.player.go(payload.at);
      }
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

    resized() {
      if (!this.payload || !this.root.clientWidth || this.root.clientWidth === this.width) return;
      cancelAnimationFrame(this.later);
      this.later = requestAnimationFrame(() => this.draw());
    }

    // One picture stands beside the curves; two or more share a row, and the curves stand under the player. A picture is as high as it is wide.
    sizes() {
      const width = this.root.clientWidth;
      const height = this.payload.height - PLAYER;
      const { runs } = this.payload;
      const count = this.shown.length;
      if (width < NARROW) return { picture: { width, height: Math.round(width * 0.86) }, curve: { width, height: LOW } };
      if (runs.length === 1) {
        const wide = Math.min(Math.floor(width * 0.56), height - UNDER + Regions.WIDER);
        const picture = { width: wide, height: wide - Regions.WIDER };
        return { picture, curve: { width: width - wide - 12, height: Math.max(LEAST, Math.floor((picture.height + UNDER) / count)) } };
      }
      const each = Math.floor((width - 12 * (runs.length - 1)) / runs.length);
      const side = Math.min(each - Regions.WIDER, Math.round(height * 0.7));
      const columns = count === 3 && width >= WIDE ? 3 : Math.min(count, 2);
      return { picture: { width: side + Regions.WIDER, height: side }, curve: { width: Math.floor((width - 12 * (columns - 1)) / columns), height: ROW } };
    }

    async draw() {
      const { figures, labels, runs } = this.payload;
      const sizes = this.sizes();
      const width = this.root.clientWidth;
      if (!width) return; // not on the page yet; the observer will call
      this.width = width;
      this.root.classList.toggle("lab-narrow", width < NARROW);
      this.root.classList.toggle("lab-tight", width < WIDE);
      this.root.classList.toggle("lab-alone", runs.length === 1 && width >= NARROW);
      this.colors = { ...Ink.colors(this.root), solid: hex(getComputedStyle(this.root).getPropertyValue("--lab-ground")) };
      this.regions.forEach((region, i) => {
        region.node.style.width = `${sizes.picture.width}px`;
        region.show(runs[i], this.payload, this.colors, sizes.picture);
      });
      this.networks.forEach((network, i) => this.lay(network, runs[i]));
      for (const curve of this.curves) {
        curve.node.style.height = `${sizes.curve.height}px`;
        curve.node.style.width = `${sizes.curve.width}px`;
      }
      this.follow(this.player.position, this.player.atEnd);
      let Plotly;
      try {
        Plotly = await Plot.load(this.plotly);
      } catch {
        for (const curve of this.curves) curve.say(labels.no_plotly);
        return;
      }
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
      this.follow(this.player.position, this.player.atEnd);
    }

    // The iteration of a run at the player's step: the same epoch, and the same share of it.
    along(run, step) {
      const { per_epoch: own } = this.payload.runs[run];
      return Math.floor((step / this.payload.per_epoch) * own + 1e-9);
    }

    follow(position, atEnd) {
      if (!this.colors) return;
      const step = Math.floor(position);
      this.payload.runs.forEach((run, i) => {
        const at = this.along(i, step);
        let frame = run.frames.length - 1;
        while (frame > 0 && run.frames[frame] > at) frame -= 1;
        this.regions[i].draw(frame);
        this.networks[i].layers.draw(frame);
        for (const row of this.networks[i].rows) row.draw(frame);
      });
      for (const curve of this.curves) curve.follow(step, atEnd);
      this.table.at(step);
    }
  }

  // Any colour of CSS as #rrggbb.
  function hex(color) {
    const pen = document.createElement("canvas").getContext("2d");
    pen.fillStyle = color.trim() || "#ffffff";
    return pen.fillStyle.startsWith("#") ? pen.fillStyle : "#ffffff";
  }

  return Training;
})();
