// One landscape. Plotly draws level lines, or a surface in space, and whole paths faintly; above level lines stand the paths behind the cursor and each training's
// marker at its checkpoint. In space Plotly's trace named "cursor" moves.
const Relief = (() => {
  const { el, attr, text } = Dom;
  const WIDTH = 2.6; // px of the path behind the cursor
  const HALO = 1.5; // px of ground on each side of it: level lines have many shades
  const SIZE = 1.55; // times the marker beside a name
  const FAR = 1000; // times the picture's size
  const EDGE = 8; // px from the edge to the marker of a point outside
  let webgl = null; // whether there is any; asked once, as every question costs a context
  const waiting = new Set(); // surfaces whose cursor has to move, the one that waits longest first
  let asked = 0;

  // One a frame: Plotly takes some 50 ms for each, and the player shall not stop for four of them.
  function next() {
    const [relief] = waiting;
    waiting.delete(relief);
    relief?.move();
    asked = waiting.size ? requestAnimationFrame(next) : 0;
  }

  class Relief {
    constructor(space) {
      this.space = space;
      this.title = el("p", { class: "lab-region-title" });
      this.swatch = Dom.swatch();
      this.label = el("span");
      this.told = el("span", { class: "lab-region-at", role: "status" });
      this.title.append(this.swatch.node, this.label, this.told);
      this.frame = new Frame("relief", space ? Frame.SPACE : Frame.FLAT, () => this.settle());
      this.ink = Ink.canvas();
      this.ink.node.hidden = true;
      this.frame.node.append(this.ink.node);
      this.node = el("section", { class: "lab-landform" }, this.title, this.frame.node);
    }

    destroy() {
      waiting.delete(this);
      this.frame.destroy();
    }

    // Title and size, before anything is drawn.
    lay(map, labels, size) {
      this.swatch.show(map.swatch);
      text(this.label, map.title);
      attr(this.frame.node, "aria-label", map.title ? `${labels.map}: ${map.title}` : labels.map);
      this.node.style.width = `${size.width}px`;
      this.frame.node.style.height = `${size.height}px`;
    }

    // The paths of `map` take the place of the former ones together with the picture beneath them.
    async draw(Plotly, map, payload, size, colors) {
      const { labels } = payload;
      if (this.space && !(webgl ??= Plot.hasWebgl())) return this.frame.say(labels.no_webgl);
      await this.frame.draw(Plotly, map.figure, size, labels, this.space ? labels.no_webgl : labels.no_plotly);
      Object.assign(this, { map, payload, colors });
      this.settle();
    }

    // After any drawing, and when someone zoomed: everything in pixels has moved.
    settle() {
      this.at = null;
      this.lines = null;
      if (this.step !== undefined) this.follow(this.step);
    }

    follow(step) {
      this.step = step;
      const { map, payload, frame } = this;
      if (!map || !frame.figure.shown || frame.graph.hidden) return (this.ink.node.hidden = true);
      if (this.space && frame.figure.busy) return; // it will settle
      const at = map.tracks.map(({ run }) => Lesson.checkpoint(payload, run, step));
      if (this.at?.every((place, i) => place === at[i])) return;
      this.at = at;
      const lost = map.tracks.some(({ x, y }, i) => !Number.isFinite(x[at[i]] + y[at[i]]));
      const outside = this.space ? this.point() : this.draft();
      const { labels } = payload;
      text(this.told, [lost && labels.diverged, outside && (this.space ? labels.absent : labels.beyond)].filter(Boolean).join(" · "));
    }

    prepare() {
      const { xaxis, yaxis } = this.frame.graph._fullLayout;
      this.box = { left: xaxis._offset, top: yaxis._offset, width: xaxis._length, height: yaxis._length };
      Ink.fit(this.ink, this.box);
      this.lines = this.map.tracks.map((track) => {
        const run = this.payload.runs[track.run];
        return { ...Ink.project(track.x, track.y, track.x.length, xaxis, yaxis), run, dash: Ink.dashOf(run.dash), shape: new Path2D(Dom.marker(run.marker)) };
      });
    }

    // As far as a canvas can draw: of a segment to a point much farther out than this the inner end would be lost.
    far(x, y) {
      const { width, height } = this.box;
      return Math.abs(x - width / 2) > FAR * width || Math.abs(y - height / 2) > FAR * height;
    }

    // The paths up to the cursor, then the markers above all of them. Tells whether a marker stands outside.
    draft() {
      if (!this.lines) this.prepare();
      const { node, pen } = this.ink;
      node.hidden = false;
      pen.clearRect(0, 0, this.box.width, this.box.height);
      this.lines.forEach((line, i) => this.path(line, this.at[i]));
      return this.lines.map((line, i) => this.mark(line, this.at[i])).includes(true);
    }

    path({ x, y, run, dash }, last) {
      const { pen } = this.ink;
      pen.beginPath();
      let down = false;
      for (let i = 0; i <= last; i += 1) {
        if (!Number.isFinite(x[i] + y[i]) || this.far(x[i], y[i])) down = false;
        else if (down) pen.lineTo(x[i], y[i]);
        else {
          pen.moveTo(x[i], y[i]);
          down = true;
        }
      }
      pen.lineCap = "round";
      pen.lineWidth = WIDTH + 2 * HALO;
      pen.strokeStyle = this.colors.ground;
      pen.stroke();
      pen.setLineDash(dash);
      pen.lineWidth = WIDTH;
      pen.strokeStyle = run.color;
      pen.stroke();
      pen.setLineDash([]);
    }

    // Hollow at the edge where the point is outside the picture; nothing where it is not a number.
    mark({ x, y, run, shape }, i) {
      if (!Number.isFinite(x[i] + y[i])) return false;
      const { width, height } = this.box;
      const outside = x[i] < 0 || y[i] < 0 || x[i] > width || y[i] > height;
      const within = (value, size) => (outside ? Math.min(size - EDGE, Math.max(EDGE, value)) : value);
      const { pen } = this.ink;
      pen.save();
      pen.translate(within(x[i], width), within(y[i], height));
      pen.scale(SIZE, SIZE);
      pen.translate(-14, -8);
      pen.lineWidth = 2.4;
      pen.strokeStyle = this.colors.ground;
      pen.stroke(shape);
      pen.fillStyle = outside ? this.colors.ground : run.color;
      pen.fill(shape);
      if (outside) {
        pen.lineWidth = 1.2;
        pen.strokeStyle = run.color;
        pen.stroke(shape);
      }
      pen.restore();
      return outside;
    }

    on({ x, y, z }, i) {
      return Number.isFinite(x[i] + y[i] + z[i]);
    }

    // The cursor in space moves soon. Tells whether a point is not on the surface.
    point() {
      waiting.add(this);
      asked ||= requestAnimationFrame(next);
      return this.map.tracks.some((track, i) => !this.on(track, this.at[i]) && Number.isFinite(track.x[this.at[i]] + track.y[this.at[i]]));
    }

    // WebGL redraws the trace, without the points that are not on the surface.
    move() {
      const { map, at, frame } = this;
      if (!at || frame.figure.busy || !frame.figure.shown) return; // it will settle
      const index = map.figure.data.findIndex(({ name }) => name === "cursor");
      if (index < 0) return;
      const along = (axis) => [map.tracks.map((track, i) => (this.on(track, at[i]) ? track[axis][at[i]] : null))];
      window.Plotly.restyle(frame.graph, { x: along("x"), y: along("y"), z: along("z") }, [index]).catch(console.error);
    }
  }

  return Relief;
})();
