// What the player draws above the pictures. Plotly needs 20 ms for a frame; two canvases need one. The trail keeps what is already drawn and only grows;
// the head, a few dots and lines, is drawn anew each frame.
const Ink = (() => {
  const THIN_FROM = 2000; // points; above, those that would fall on the same pixel are left out of the drawing (never of the cursor)
  const DOTS_UP_TO = 150; // steps, as in the figures
  const UNDRAWN = { drawn: 0, length: 0, marked: 0 }; // of a trail: index into the kept points, px, index into the clipped steps
  const FAINT = 0.16; // opacity of a fan: many seeds are one shade
  const DIAMOND = 6.5; // px from its middle to its corners, as Plotly draws one of size 10
  const FAR = 1e5; // px; a diverging step is drawn towards where it goes, but not to 1e80

  function canvas() {
    const node = Dom.el("canvas", { class: "lab-ink", "aria-hidden": "true" });
    return { node, pen: node.getContext("2d") };
  }

  function fit({ node, pen }, { left, top, width, height }, ratio = window.devicePixelRatio || 1) {
    node.width = Math.round(width * ratio);
    node.height = Math.round(height * ratio);
    node.style.cssText = `left:${left}px;top:${top}px;width:${width}px;height:${height}px`;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.lineJoin = "round";
  }

  // Plotly's dashes for a line of this width, in px.
  const DASHES = { dot: "3 3", dash: "9 9", longdash: "15 15", dashdot: "9 3 3 3", longdashdot: "15 6 3 6" };
  const dashOf = (dash) => (DASHES[dash] ?? dash ?? "").split(/[^\d.]+/).filter(Boolean).map(Number);
  const between = (values, s) => {
    const i = Math.min(Math.floor(s), values.length - 1);
    const next = values[Math.min(i + 1, values.length - 1)];
    const part = s - i > 0 && s - i < 1 && Number.isFinite(next) ? s - i : 0;
    return values[i] + (part ? part * (next - values[i]) : 0);
  };

  function dot(pen, x, y, radius, color, edge) {
    if (!(Math.abs(x) < FAR && Math.abs(y) < FAR)) return;
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.fillStyle = color;
    pen.fill();
    if (!edge) return;
    pen.lineWidth = 1.5;
    pen.strokeStyle = edge;
    pen.stroke();
  }

  // The run's own marker, as small as beside its name.
  function mark(pen, shape, x, y, color) {
    if (!(Math.abs(x) < FAR && Math.abs(y) < FAR)) return;
    pen.save();
    pen.translate(x, y);
    pen.scale(0.85, 0.85);
    pen.translate(-14, -8);
    pen.fillStyle = color;
    pen.fill(shape);
    pen.restore();
  }

  // The first step after which a run is outside the view for good: there its drawing ends, as in the figures.
  function leaves({ w1, w2 }, { w1: [left, right], w2: [low, high] }) {
    let i = w1.length - 1;
    while (i >= 0 && !(w1[i] >= left && w1[i] <= right && w2[i] >= low && w2[i] <= high)) i -= 1;
    return i + 1;
  }

  // The first n points of a path in pixels.
  function project(w1, w2, n, xAxis, yAxis) {
    const [x, y] = [new Float64Array(n), new Float64Array(n)];
    for (let i = 0; i < n; i += 1) {
      x[i] = xAxis.c2p(w1[i]);
      y[i] = yAxis.c2p(w2[i]);
      if (Math.abs(x[i]) > FAR || Math.abs(y[i]) > FAR) {
        // Keep the direction from the step before, not the distance.
        const [dx, dy] = i ? [x[i] - x[i - 1], y[i] - y[i - 1]] : [NaN, NaN];
        const scale = FAR / 2 / Math.max(Math.abs(dx), Math.abs(dy));
        [x[i], y[i]] = Number.isFinite(dx * scale) && Number.isFinite(dy * scale) ? [x[i - 1] + dx * scale, y[i - 1] + dy * scale] : [NaN, NaN];
      }
    }
    return { x, y };
  }

  // A run in pixels: positions, and the indices worth drawing.
  function inPixels(run, domain, xAxis, yAxis) {
    const n = Math.min(run.w1.length, leaves(run, domain) + 1);
    const { x, y } = project(run.w1, run.w2, n, xAxis, yAxis);
    const kept = [];
    for (let i = 0; i < n; i += 1) {
      const last = kept.at(-1);
      const moved = last === undefined || !(Math.abs(x[i] - x[last]) + Math.abs(y[i] - y[last]) < 1);
      if (n <= THIN_FROM || moved || i === run.stop || i === n - 1) kept.push(i);
    }
    return { run, x, y, kept, dash: dashOf(run.dash), shape: new Path2D(Dom.marker(run.marker)), ...UNDRAWN };
  }

  class Trails {
    constructor(frame) {
      this.fan = canvas();
      this.trail = canvas();
      this.head = canvas();
      frame.append(this.fan.node, this.trail.node, this.head.node);
      this.lines = null;
      this.reached = 0;
    }

    // New numbers, or new axes: everything in pixels is out of date.
    reset(runs, domain, graph, colors) {
      Object.assign(this, { runs, domain, graph, colors, lines: null });
    }

    hide() {
      for (const { node } of [this.fan, this.trail, this.head]) node.hidden = true;
    }

    prepare() {
      const { xaxis, yaxis } = this.graph._fullLayout;
      this.box = { left: xaxis._offset, top: yaxis._offset, width: xaxis._length, height: yaxis._length };
      fit(this.trail, this.box);
      fit(this.head, this.box);
      this.spread = false;
      this.lines = this.runs.filter((run) => !run.hidden).map((run) => inPixels(run, this.domain, xaxis, yaxis));
      this.reached = 0;
    }

    // Draw everything up to `s`, a step with a fraction; `tips` are the dots that stand at the cursor, `fan` is the opacity of the other seeds.
    draw(s, tips = true, fan = 0) {
      if (!this.graph?._fullLayout?.xaxis) return;
      if (!this.lines) this.prepare();
      // Every canvas that is shown is laid over the whole map once a frame, even an empty one.
      const seeds = fan && this.runs.some((run) => !run.hidden && run.fan?.w1?.length);
      this.trail.node.hidden = false;
      this.head.node.hidden = !tips;
      this.fan.node.hidden = !seeds;
      if (seeds) {
        this.fans();
        this.fan.node.style.opacity = fan;
      }
      if (s < this.reached) {
        this.trail.pen.clearRect(0, 0, this.box.width, this.box.height);
        for (const line of this.lines) Object.assign(line, UNDRAWN);
      }
      this.reached = s;
      this.head.pen.clearRect(0, 0, this.box.width, this.box.height);
      for (const line of this.lines) this.grow(line, Math.floor(s));
      if (tips) for (const line of this.lines) this.tip(line, s);
    }

    // The other seeds, once for every picture: a run's in one stroke, so that where they cross they do not add up.
    fans() {
      if (this.spread) return;
      this.spread = true;
      fit(this.fan, this.box, 1); // 20 000 hairlines take 3 ms; two pixels wide they would take 40, and they are too faint to tell
      const { pen } = this.fan;
      const { xaxis, yaxis } = this.graph._fullLayout;
      for (const { fan, color, hidden } of this.runs) {
        if (hidden || !fan?.w1?.length || !fan.w2) continue;
        pen.beginPath();
        for (let seed = 0; seed < Math.min(fan.w1.length, fan.w2.length); seed += 1) {
          const { x, y } = project(fan.w1[seed], fan.w2[seed], fan.w1[seed].length, xaxis, yaxis);
          let open = false;
          for (let i = 0; i < x.length; i += 1) {
            if (!Number.isFinite(x[i] + y[i])) open = false;
            else if (open) pen.lineTo(x[i], y[i]);
            else {
              pen.moveTo(x[i], y[i]);
              open = true;
            }
          }
        }
        pen.globalAlpha = FAINT;
        pen.lineWidth = 1;
        pen.strokeStyle = color;
        pen.stroke();
      }
    }

    color(line, i) {
      return line.run.stop !== null && line.run.stop !== undefined && i >= line.run.stop ? this.colors.quiet : line.run.color;
    }

    grow(line, step) {
      const { pen } = this.trail;
      const { kept, x, y } = line;
      let i = line.drawn;
      while (i + 1 < kept.length && kept[i + 1] <= step) {
        const color = this.color(line, kept[i]);
        pen.beginPath();
        pen.lineWidth = color === line.run.color ? 2.2 : 1.6;
        pen.strokeStyle = color;
        pen.setLineDash(line.dash);
        pen.lineDashOffset = line.length;
        pen.moveTo(x[kept[i]], y[kept[i]]);
        // One stroke for as long as the colour holds.
        do {
          const [from, to] = [kept[i], kept[i + 1]];
          const length = Math.hypot(x[to] - x[from], y[to] - y[from]);
          if (Number.isFinite(length)) {
            pen.lineTo(x[to], y[to]);
            line.length += length;
          } else pen.moveTo(x[to], y[to]);
          i += 1;
        } while (i + 1 < kept.length && kept[i + 1] <= step && this.color(line, kept[i]) === color);
        pen.stroke();
        if (x.length <= DOTS_UP_TO + 1) for (let j = line.drawn; j <= i; j += 1) mark(pen, line.shape, x[kept[j]], y[kept[j]], color);
        line.drawn = i;
      }
      pen.setLineDash([]);
      this.clips(line, step);
    }

    // An open diamond at every step whose gradient was clipped.
    clips(line, step) {
      const { pen } = this.trail;
      const steps = line.run.clipped ?? [];
      for (; line.marked < steps.length && steps[line.marked] <= step; line.marked += 1) {
        const at = steps[line.marked];
        const [x, y] = [line.x[at], line.y[at]];
        if (!(Math.abs(x) < FAR && Math.abs(y) < FAR)) continue;
        pen.beginPath();
        pen.moveTo(x, y - DIAMOND);
        for (const [dx, dy] of [[DIAMOND, 0], [0, DIAMOND], [-DIAMOND, 0]]) pen.lineTo(x + dx, y + dy);
        pen.closePath();
        pen.lineWidth = 1.6;
        pen.strokeStyle = this.color(line, at);
        pen.stroke();
      }
    }

    tip(line, s) {
      const { pen } = this.head;
      const at = Math.min(s, line.x.length - 1);
      if (at < 0) return;
      const [x, y] = [between(line.x, at), between(line.y, at)];
      const from = line.kept[line.drawn];
      const color = this.color(line, Math.floor(at));
      if (from !== undefined && Number.isFinite(x + y)) {
        pen.beginPath();
        pen.lineWidth = 2.2;
        pen.strokeStyle = color;
        pen.setLineDash(line.dash);
        pen.lineDashOffset = line.length;
        pen.moveTo(line.x[from], line.y[from]);
        pen.lineTo(x, y);
        pen.stroke();
        pen.setLineDash([]);
      }
      dot(pen, x, y, 5.5, color, this.colors.ground);
    }
  }

  // The page's own colours, which change with its theme.
  function colors(node) {
    const style = getComputedStyle(node);
    const color = (name) => style.getPropertyValue(name).trim();
    return { ground: color("--lab-ground"), line: color("--lab-cursor"), quiet: color("--lab-stopped"), text: color("--lab-ink") };
  }

  return { Trails, canvas, fit, dot, dashOf, project, between, colors };
})();
