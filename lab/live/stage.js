// The right side: picture, player, curves, table. It puts the parts together and tells them what changed; each part knows how to draw itself.
const Stage = (() => {
  const { el, attr, text } = Dom;
  const NARROW = 560;
  const QUIET = 160; // ms without an update: the hand has let go, or rests
  const AHEAD = 0.14; // opacity of what the cursor has not reached
  const BESIDE = 0.75; // opacity of the other seeds meanwhile, which are faint already
  const CURVES = ["curve", "norm", "rate", "curvature"];
  const PLAYER = 52; // px
  const LOW = 200; // px of a curve on a phone

  class Stage {
    constructor(root, outbox, plotly) {
      this.root = root;
      this.plotly = plotly;
      if (plotly) Plot.load(plotly).catch(() => {}); // start at once; `draw` reports a failure
      root.classList.add("lab", "lab-stage");
      attr(root, "role", "region");
      attr(root, "tabindex", -1);

      const moved = () => this.gliding || this.settle();
      this.map = new Frame("map", Frame.FLAT, moved);
      this.map.redrawn = () => this.gliding && this.fade(0, true); // Plotly has just drawn paths that the canvas has overtaken
      this.space = new Frame("space", Frame.SPACE, moved);
      this.curves = CURVES.map((name) => new Curve(name, Frame.FLAT, (step) => this.go(step), moved));
      this.lower = el("div", { class: "lab-curves" }, ...this.curves.map(({ node }) => node));
      this.trails = new Ink.Trails(this.map.node);
      this.arrows = new Arrows(this.map.node);
      this.tangent = new Tangent.Tangent(this.map.node);
      this.ring = outbox ? new Ring(this.map.node, outbox) : null;
      this.player = new Player((position, atEnd) => this.follow(position, atEnd));
      this.table = new Table();
      this.inspector = new Inspector(outbox, (step) => this.go(step));
      this.turn = 0;
      this.share = new Share(() => (this.player.atEnd ? "end" : String(this.player.step)));
      if (outbox) this.player.node.append(this.share.node);
      this.notes = el("div", { class: "lab-notes" });
      root.append(this.map.node, this.space.node, this.player.node, this.lower, this.table.node, this.notes, this.inspector.node);

      root.addEventListener("keydown", (event) => this.payload && this.player.press(event));
      this.unfocused = (event) => event.target === document.body && this.payload && this.player.press(event);
      document.addEventListener("keydown", this.unfocused); // before anything has the focus, keys speak to the player
      this.watch = new ResizeObserver(() => this.resized());
      this.watch.observe(root);
    }

    static async offline(root, bytes) {
      const stage = new Stage(root, null, "");
      stage.show(await Wire.unpack(bytes));
      return stage;
    }

    get frames() {
      return [this.map, this.space, ...this.curves];
    }

    destroy() {
      Timeline.leave(this);
      document.removeEventListener("keydown", this.unfocused);
      this.watch.disconnect();
      clearTimeout(this.rest);
      this.player.playing = false;
      for (const part of [...this.frames, this.inspector]) part.destroy();
    }

    // A hand on a curve, here or in the panel: afterwards the arrow keys go on from there.
    go(step) {
      this.root.focus({ preventScroll: true });
      this.player.go(step);
    }

    show(payload) {
      this.payload = payload;
      const { labels, figures } = payload;
      attr(this.root, "aria-label", labels.stage);
      attr(this.map.node, "aria-label", labels.map);
      attr(this.space.node, "aria-label", labels.map);
      this.root.dataset.theme = payload.theme ?? "light";
      this.share.show(labels);
      this.map.node.hidden = !figures.map;
      this.space.node.hidden = !figures.space;
      for (const curve of this.curves) {
        attr(curve.node, "aria-label", labels[curve.name]);
        curve.node.hidden = !figures[curve.name];
      }
      this.lower.hidden = !this.shown.length;
      this.ring?.show(payload);
      this.table.show(payload);
      Dom.each(this.notes, (payload.notes ?? []).map((note, i) => ({ note, i })), ({ i }) => i, () => ({ node: el("p", { class: "lab-note" }) }), ({ node }, { note }) => text(node, note));
      this.inspector.show(payload, this.colors);
      this.player.show(payload.n_steps, labels);
      if (payload.at !== this.opened) this.place(payload.at);
      Timeline.lead(this);
      return this.glide() ? undefined : this.draw();
    }

    // A link may say at which step the player stands.
    place(at) {
      this.opened = at;
      if (at !== null) this.player.go(at);
    }

    // While the axes stay, paths are drawn on the canvas first, in a millisecond or two; Plotly's own picture follows when the hand rests. Level lines that
    // move beneath them follow at the pace that Plotly can keep.
    glide() {
      const { figures, runs, labels } = this.payload;
      const { map } = this;
      if (!figures.map || !map.figure.shown || !this.colors || !Plot.aligned(map.figure.shown, figures.map)) return false;
      if (this.laid !== this.shown.map(({ name }) => name).join()) return false; // the curves share their row anew
      this.turn += 1;
      this.gliding = true;
      this.trails.reset(runs, this.payload.view_domain, map.graph, this.colors);
      for (const curve of this.shown) curve.reset(runs, this.colors);
      this.arrows.reset(this.payload.inspector, map.graph, this.colors);
      this.tangent.reset(this.payload, map.graph, this.colors);
      this.follow(this.player.position, this.player.atEnd);
      clearTimeout(this.rest);
      this.rest = setTimeout(() => this.draw(), QUIET);
      if (!Plot.grounded(map.figure.shown, figures.map)) map.soon(figures.map, labels);
      for (const curve of this.shown) curve.soon(figures[curve.name], labels);
      this.inspector.soon();
      return true;
    }

    // The curves that this payload has.
    get shown() {
      return this.curves.filter(({ name }) => this.payload.figures[name]);
    }

    // Two thirds for the map, one for the curves side by side, on a wide page; on a phone the map is nearly square and each curve has a height of its own.
    sizes() {
      const width = this.root.clientWidth;
      const rest = (this.payload.height ?? 560) - PLAYER;
      const count = this.shown.length;
      const map = count ? Math.round(rest * 0.67) : rest;
      if (width >= NARROW) return { map: { width, height: map }, curve: { width: Math.floor(width / Math.max(1, count)), height: rest - map } };
      return { map: { width, height: Math.min(map, Math.max(280, Math.round(width * 0.95))) }, curve: { width, height: LOW } };
    }

    resized() {
      if (!this.payload || !this.root.clientWidth || this.root.clientWidth === this.width) return;
      cancelAnimationFrame(this.later);
      this.later = requestAnimationFrame(() => this.draw());
    }

    async draw() {
      const { figures, labels } = this.payload;
      const turn = (this.turn += 1);
      clearTimeout(this.rest);
      const sizes = this.sizes();
      const { width } = sizes.map;
      if (!width) return; // not on the page yet; the observer will call
      const { shown } = this;
      this.laid = shown.map(({ name }) => name).join();
      this.width = width;
      this.root.classList.toggle("lab-narrow", width < NARROW);
      for (const part of this.frames) part.node.style.height = `${(this.curves.includes(part) ? sizes.curve : sizes.map).height}px`;
      let Plotly;
      try {
        Plotly = await Plot.load(this.plotly);
      } catch {
        for (const part of this.frames) part.say(labels.no_plotly);
        return;
      }
      const jobs = [];
      if (figures.map) jobs.push(this.map.draw(Plotly, figures.map, sizes.map, labels, labels.no_plotly));
      if (figures.space) {
        if ((this.webgl ??= Plot.hasWebgl())) jobs.push(this.space.draw(Plotly, figures.space, sizes.map, labels, labels.no_webgl));
        else this.space.say(labels.no_webgl);
      } else this.space.destroy(); // a WebGL context is worth giving back
      for (const curve of shown) jobs.push(curve.draw(Plotly, figures[curve.name], sizes.curve, labels, labels.no_plotly));
      jobs.push(this.inspector.draw(Plotly, width));
      await Promise.all(jobs);
      if (turn !== this.turn) return; // a newer one is on its way, and the overlays already show it
      this.gliding = false;
      this.settle();
    }

    // After any drawing: the overlays take their places again.
    settle() {
      const colors = (this.colors = Ink.colors(this.root));
      this.ring?.follow(this.map.graph);
      this.trails.reset(this.payload.runs, this.payload.view_domain, this.map.graph, colors);
      for (const curve of this.shown) curve.reset(this.payload.runs, colors);
      this.arrows.reset(this.payload.inspector, this.map.graph, colors);
      this.tangent.reset(this.payload, this.map.graph, colors);
      this.faded = undefined;
      this.follow(this.player.position, this.player.atEnd);
    }

    // The one place that knows what the cursor means for each picture.
    follow(position, atEnd) {
      const { figures } = this.payload;
      const step = Math.floor(position);
      this.table.at(step);
      if (figures.map && (this.gliding || !atEnd)) this.trails.draw(position, !atEnd, this.gliding ? (atEnd ? 1 : BESIDE) : 0);
      else this.trails.hide();
      for (const curve of this.curves) curve.follow(position, atEnd);
      this.inspector.at(position, atEnd);
      for (const drawing of [this.arrows, this.tangent]) {
        if (figures.map && !atEnd) drawing.draw(step);
        else drawing.hide();
      }
      Timeline.tell(this, position, atEnd, this.player.n);
      this.fade(this.gliding ? 0 : atEnd ? 1 : AHEAD);
      if (figures.space && this.webgl) this.point(step);
    }

    // While the cursor is before the end, Plotly's paths only hint at what lies ahead; while gliding they are out of date and not shown.
    // Opacity in CSS costs Plotly nothing.
    fade(opacity, anew = false) {
      if (this.faded === opacity && !anew) return;
      this.faded = opacity;
      this.map.node.classList.toggle("lab-gliding", opacity === 0);
      const full = this.map.graph._fullData ?? [];
      const moving = Plot.moving(full);
      full.forEach(({ uid, name, opacity: own = 1 }, index) => {
        const group = this.map.graph.querySelector(`.scatterlayer .trace${CSS.escape(uid)}`);
        if (!group) return;
        if (moving.has(index)) group.style.opacity = own * (opacity === AHEAD && name?.startsWith("fan:") ? BESIDE : opacity);
        if (name === "start" && this.ring) group.style.opacity = 0; // the ring stands there
      });
    }

    // In space the cursor is a trace; WebGL redraws it, at most once a frame.
    point(step) {
      const data = this.payload.figures.space.data;
      const index = data.findIndex((trace) => trace.name === "cursor");
      if (index < 0 || (this.pointed === step && this.pointedIn === data)) return;
      Object.assign(this, { pointed: step, pointedIn: data });
      const shown = Plot.paths(data).filter(({ run }) => !this.payload.runs[run]?.hidden);
      const at = (axis) => [shown.map(({ index: i }) => data[i][axis][Math.min(step, data[i][axis].length - 1)])];
      const colors = shown.map(({ run }) => this.payload.runs[run]?.color ?? this.colors.quiet);
      window.Plotly.restyle(this.space.graph, { x: at("x"), y: at("y"), z: at("z"), "marker.color": [colors] }, [index]).catch(console.error);
    }
  }

  return Stage;
})();
