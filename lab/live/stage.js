// The right side: picture, player, curve, table. It puts the parts together and tells them what changed; each part knows how to draw itself.
const Stage = (() => {
  const { el, attr, text } = Dom;
  const NARROW = 560;
  const QUIET = 160; // ms without an update: the hand has let go, or rests
  const CURVE = 120; // ms between pictures of the curve meanwhile
  const AHEAD = 0.14; // opacity of what the cursor has not reached
  const FLAT = [["zoomIn2d", "zoomOut2d", "resetScale2d"], ["toImage"]];
  const SPACE = [["resetCameraDefault3d"], ["toImage"]];

  class Stage {
    constructor(root, outbox, plotly) {
      this.root = root;
      this.plotly = plotly;
      if (plotly) Plot.load(plotly).catch(() => {}); // start at once; `draw` reports a failure
      root.classList.add("lab", "lab-stage");
      attr(root, "role", "region");
      attr(root, "tabindex", -1);

      const frame = (name) => {
        const graph = el("div", { class: "lab-graph" });
        const message = el("p", { class: "lab-message", role: "status", hidden: true });
        return { graph, message, node: el("div", { class: `lab-frame lab-${name}`, role: "group" }, graph, message) };
      };
      [this.map, this.space, this.curve] = ["map", "space", "curve"].map(frame);
      for (const part of [this.map, this.space, this.curve]) part.figure = new Plot.Figure(part.graph, part === this.space ? SPACE : FLAT);
      this.trails = new Ink.Trails(this.map.node);
      this.cursor = new Ink.Cursor(this.curve.node);
      this.ring = outbox ? new Ring(this.map.node, outbox) : null;
      this.player = new Player((position, atEnd) => this.follow(position, atEnd));
      this.table = new Table();
      this.turn = 0;
      this.copied = el("span", { class: "lab-bubble", role: "status" });
      this.copy = el("button", { class: "lab-button lab-copy", type: "button", onclick: () => this.copyLink() }, Dom.icon("link"), el("span"));
      if (outbox) this.player.node.append(el("div", { class: "lab-share" }, this.copy, this.copied));
      root.append(this.map.node, this.space.node, this.player.node, this.curve.node, this.table.node);

      root.addEventListener("keydown", (event) => this.payload && this.player.press(event));
      this.unfocused = (event) => event.target === document.body && this.payload && this.player.press(event);
      document.addEventListener("keydown", this.unfocused); // before anything has the focus, keys speak to the player
      this.scrubbing();
      this.watch = new ResizeObserver(() => this.resized());
      this.watch.observe(root);
    }

    static async offline(root, bytes) {
      const stage = new Stage(root, null, "");
      stage.show(await Wire.unpack(bytes));
      return stage;
    }

    destroy() {
      document.removeEventListener("keydown", this.unfocused);
      this.watch.disconnect();
      clearTimeout(this.rest);
      this.player.playing = false;
      for (const part of [this.map, this.space, this.curve]) part.figure.destroy();
    }

    show(payload) {
      this.payload = payload;
      const { labels, figures } = payload;
      attr(this.root, "aria-label", labels.stage);
      attr(this.map.node, "aria-label", labels.map);
      attr(this.space.node, "aria-label", labels.map);
      attr(this.curve.node, "aria-label", labels.curve);
      this.root.dataset.theme = payload.theme ?? "light";
      text(this.copy.querySelector("span"), labels.copy);
      this.map.node.hidden = !figures.map;
      this.space.node.hidden = !figures.space;
      this.curve.node.hidden = !figures.curve;
      this.ring?.show(payload);
      this.table.show(payload);
      this.player.show(payload.n_steps, labels);
      return this.glide() ? undefined : this.draw();
    }

    // When only the paths have moved, they are drawn on the canvas first, in a millisecond or two; Plotly's own picture follows when the hand rests.
    glide() {
      const { figures, runs } = this.payload;
      const { map } = this;
      if (!figures.map || !map.figure.shown || !this.colors || !Plot.still(map.figure.shown, figures.map)) return false;
      this.turn += 1;
      this.gliding = true;
      this.trails.reset(runs, this.payload.view_domain, map.graph, this.colors);
      this.cursor.reset(runs, this.curve.graph, this.colors);
      this.follow(this.player.position, this.player.atEnd);
      clearTimeout(this.rest);
      this.rest = setTimeout(() => this.draw(), QUIET);
      if (figures.curve && !(performance.now() - this.curveAt < CURVE)) {
        this.curveAt = performance.now();
        const { width, height } = this.curve.figure.shown ?? {};
        const { turn } = this;
        // After the paths are on the screen: the curve takes Plotly some 15 ms.
        if (width) requestAnimationFrame(() => setTimeout(() => turn === this.turn && this.picture(window.Plotly, this.curve, figures.curve, { width, height })));
      }
      return true;
    }

    // Two thirds for the map, one for the curve, on a wide page; on a phone the map is nearly square and the curve has a height of its own.
    heights() {
      const total = this.payload.height ?? 560;
      const width = this.root.clientWidth;
      const rest = total - 52;
      const map = this.payload.figures.curve ? Math.round(rest * 0.67) : rest;
      return width < NARROW ? { width, map: Math.min(map, Math.max(280, Math.round(width * 0.95))), curve: 200 } : { width, map, curve: rest - map };
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
      const { width, map, curve } = this.heights();
      if (!width) return; // not on the page yet; the observer will call
      this.width = width;
      this.root.classList.toggle("lab-narrow", width < NARROW);
      for (const [part, height] of [[this.map, map], [this.space, map], [this.curve, curve]]) part.node.style.height = `${height}px`;
      let Plotly;
      try {
        Plotly = await Plot.load(this.plotly);
      } catch {
        for (const part of [this.map, this.space, this.curve]) this.say(part, labels.no_plotly);
        return;
      }
      const jobs = [];
      if (figures.map) jobs.push(this.picture(Plotly, this.map, figures.map, { width, height: map }));
      if (figures.space) {
        if ((this.webgl ??= Plot.hasWebgl())) jobs.push(this.picture(Plotly, this.space, figures.space, { width, height: map }));
        else this.say(this.space, labels.no_webgl);
      } else this.space.figure.destroy(); // a WebGL context is worth giving back
      if (figures.curve) jobs.push(this.picture(Plotly, this.curve, figures.curve, { width, height: curve }));
      await Promise.all(jobs);
      if (turn !== this.turn) return; // a newer one is on its way, and the overlays already show it
      this.gliding = false;
      this.settle();
    }

    async picture(Plotly, part, figure, size) {
      try {
        await part.figure.show(Plotly, figure, size, this.payload.labels);
        this.say(part, "");
      } catch (error) {
        console.error(error);
        this.say(part, this.payload.labels[part === this.space ? "no_webgl" : "no_plotly"]);
        return;
      }
      if (part.listens) return;
      part.listens = true;
      part.graph.on("plotly_relayout", () => this.gliding || this.settle()); // zoomed: everything in pixels moved
    }

    say(part, words) {
      text(part.message, words);
      part.message.hidden = !words;
      part.graph.hidden = Boolean(words);
    }

    // After any drawing: the overlays take their places again.
    settle() {
      const style = getComputedStyle(this.root);
      const color = (name) => style.getPropertyValue(name).trim();
      const colors = (this.colors = { ground: color("--lab-ground"), line: color("--lab-cursor"), quiet: color("--lab-stopped") });
      this.ring?.follow(this.map.graph);
      this.trails.reset(this.payload.runs, this.payload.view_domain, this.map.graph, colors);
      this.cursor.reset(this.payload.runs, this.curve.graph, colors);
      this.faded = undefined;
      this.follow(this.player.position, this.player.atEnd);
    }

    // The one place that knows what the cursor means for each picture.
    follow(position, atEnd) {
      const { figures } = this.payload;
      const step = Math.floor(position);
      this.table.at(step);
      if (figures.map && (this.gliding || !atEnd)) this.trails.draw(position, !atEnd);
      else this.trails.hide();
      if (figures.curve && !atEnd) this.cursor.draw(position);
      else this.cursor.hide();
      this.fade(this.gliding ? 0 : atEnd ? 1 : AHEAD);
      if (figures.space && this.webgl) this.point(step);
    }

    // While the cursor is before the end, Plotly's paths only hint at what lies ahead; while gliding they are out of date and not shown.
    // Opacity in CSS costs Plotly nothing.
    fade(opacity) {
      if (this.faded === opacity) return;
      this.faded = opacity;
      this.map.node.classList.toggle("lab-gliding", opacity === 0);
      const full = this.map.graph._fullData ?? [];
      const moving = Plot.moving(full);
      full.forEach(({ uid, name }, index) => {
        const group = this.map.graph.querySelector(`.scatterlayer .trace${CSS.escape(uid)}`);
        if (!group) return;
        if (moving.has(index)) group.style.opacity = opacity;
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

    // Press or drag on a curve to choose the step.
    scrubbing() {
      const node = this.curve.node;
      let held = null;
      const go = (event) => {
        const axis = Object.values(this.curve.graph._fullLayout?._plots ?? {}).find(({ xaxis }) => {
          const x = event.clientX - node.getBoundingClientRect().left - xaxis._offset;
          return x >= -8 && x <= xaxis._length + 8;
        })?.xaxis;
        if (axis) this.player.go(Math.round(axis.p2d(event.clientX - node.getBoundingClientRect().left - axis._offset)));
      };
      node.addEventListener("pointerdown", (event) => {
        if (event.button !== 0 || !event.target.closest?.(".nsewdrag")) return;
        held = event.pointerId;
        node.setPointerCapture(held);
        this.root.focus({ preventScroll: true });
        event.preventDefault();
        event.stopPropagation();
        go(event);
      }, true);
      node.addEventListener("pointermove", (event) => event.pointerId === held && go(event), true);
      for (const end of ["pointerup", "pointercancel"]) node.addEventListener(end, () => (held = null), true);
    }

    async copyLink() {
      const { labels } = this.payload;
      const link = window.location.href;
      let done = true;
      try {
        await navigator.clipboard.writeText(link);
      } catch {
        // No permission, or a page without https: the old way, through a selected text.
        const area = el("textarea", { class: "lab-unseen", "aria-hidden": "true" });
        area.value = link;
        this.root.append(area);
        area.select();
        done = document.execCommand("copy");
        area.remove();
        this.copy.focus();
      }
      text(this.copied, done ? labels.copied : labels.not_copied);
      clearTimeout(this.quiet);
      this.quiet = setTimeout(() => text(this.copied, ""), 2500);
    }
  }

  return Stage;
})();
