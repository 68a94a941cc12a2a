// What the views of trainings have in common: the player of iterations and epochs with its keys, the table at the cursor, findings, notes, and which checkpoint
// belongs to a step. A view lays its pictures with `draw`, moves them with `follow`, and says which of them are Plotly's with `frames`.
const Lesson = (() => {
  const { el, attr, text } = Dom;
  const NARROW = 620; // px; below, everything stands in one column
  const WIDE = 900;
  const PLAYER = 52; // px
  const UNDER = 30; // px for the legend of a picture
  const GAP = 12; // px between two pictures

  // The iteration of a run at the player's step: the same epoch, and the same share of it.
  function along(payload, run, step) {
    return Math.floor((step / payload.per_epoch) * payload.runs[run].per_epoch + 1e-9);
  }

  // The last checkpoint of a run at or before the player's step.
  function checkpoint(payload, run, step) {
    const { frames } = payload.runs[run];
    const at = along(payload, run, step);
    let frame = frames.length - 1;
    while (frame > 0 && frames[frame] > at) frame -= 1;
    return frame;
  }

  class Results extends Table {
    show(payload) {
      this.payload = payload;
      super.show(payload);
    }

    at(step) {
      if (!this.rows.length) return;
      text(this.live, this.labels.at_cursor);
      this.rows.forEach(({ run }, i) => {
        const { loss, n } = this.runs[run];
        text(this.body.labKnown.get(i).live, Dom.number(loss[Math.min(along(this.payload, run, step), n - 1)]));
      });
    }
  }

  class Lesson {
    constructor(root, outbox, plotly, kind) {
      Object.assign(this, { root, plotly, kind });
      if (plotly) Plot.load(plotly).catch(() => {}); // `draw` reports a failure
      root.classList.add("lab", "lab-lesson", `lab-${kind}`);
      attr(root, "role", "region");
      attr(root, "tabindex", -1);
      this.player = new Course((position, atEnd) => this.moved(position, atEnd));
      this.share = new Share(() => (this.player.atEnd ? "end" : String(this.player.step)));
      if (outbox) this.player.node.append(this.share.node);
      this.table = new Results();
      this.findings = el("div", { class: "lab-findings" });
      this.notes = el("div", { class: "lab-notes" });
      this.pictures = el("div", { class: "lab-regions" });
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
      for (const frame of this.frames) frame.destroy();
    }

    // A hand on a curve: afterwards the arrow keys go on from there.
    go(step) {
      this.root.focus({ preventScroll: true });
      this.player.go(step);
    }

    // Everything but the pictures.
    tell(payload) {
      this.payload = payload;
      const { labels, runs } = payload;
      attr(this.root, "aria-label", labels[this.kind]);
      this.root.dataset.theme = payload.theme;
      this.share.show(labels);
      this.table.show(payload);
      const found = payload.findings.map((finding, i) => ({ ...finding, i }));
      Dom.each(this.findings, found, ({ i }) => i, () => ({ node: el("p", { class: "lab-finding" }) }), ({ node }, finding) => {
        text(node, finding.text);
        node.style.borderColor = finding.color;
      });
      const listed = payload.notes.map((note, i) => ({ note, i }));
      Dom.each(this.notes, listed, ({ i }) => i, () => ({ node: el("p", { class: "lab-note" }) }), ({ node }, { note }) => text(node, note));
      this.regions = [];
      Dom.each(this.pictures, runs.map((_, i) => i), (i) => i, () => new Regions(), (region) => this.regions.push(region));
      this.player.set(payload.n_steps, payload.per_epoch, labels);
      if (payload.at === this.opened) return;
      this.opened = payload.at;
      if (payload.at !== null) this.player.go(payload.at);
    }

    // The page's width and colours, before a picture is laid; 0 while it is not on the page: the observer will call.
    measure() {
      const width = this.room;
      if (!width) return 0;
      this.width = width;
      this.root.classList.toggle("lab-narrow", width < NARROW);
      this.root.classList.toggle("lab-tight", width < WIDE);
      this.colors = { ...Ink.colors(this.root), solid: hex(getComputedStyle(this.root).getPropertyValue("--lab-ground")) };
      return width;
    }

    // What the network says, in pictures of this size.
    layRegions(size) {
      this.regions.forEach((region, i) => {
        region.node.style.width = `${size.width}px`;
        region.show(this.payload.runs[i], this.payload, this.colors, size);
      });
    }

    // Plotly, or null after every frame has said that it did not load.
    async library() {
      try {
        return await Plot.load(this.plotly);
      } catch {
        for (const frame of this.frames) frame.say(this.payload.labels.no_plotly);
        return null;
      }
    }

    // Whole pixels that are there: of 917.6 of them `clientWidth` makes 918, for which a row has no room.
    get room() {
      return Math.floor(this.root.getBoundingClientRect().width);
    }

    resized() {
      const width = this.room;
      if (!this.payload || !width || width === this.width) return;
      cancelAnimationFrame(this.later);
      this.later = requestAnimationFrame(() => this.draw());
    }

    // Time moved; pictures that are not laid yet will ask where it stands.
    moved(position, atEnd) {
      if (this.laid === this.payload) this.follow(Math.floor(position), atEnd);
    }

    // The pictures are laid, or drawn anew: they show where time stands.
    placed() {
      this.laid = this.payload;
      this.moved(this.player.position, this.player.atEnd);
    }
  }

  // Any colour of CSS as #rrggbb.
  function hex(color) {
    const pen = document.createElement("canvas").getContext("2d");
    pen.fillStyle = color.trim() || "#ffffff";
    return pen.fillStyle.startsWith("#") ? pen.fillStyle : "#ffffff";
  }

  return Object.assign(Lesson, { checkpoint, NARROW, WIDE, PLAYER, UNDER, GAP });
})();
