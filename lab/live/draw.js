// A sheet above a curve on which a hand draws η, and the words for what was drawn: "step: factor, step: factor, …".
const Draw = (() => {
  const { el, text } = Dom;
  const MOST = 24; // pieces; this and the next two are well within what the schedule reads
  const LONGEST = 300; // characters
  const LARGEST = 1000; // η/η₀
  const FINE = 512; // pieces to start from; a screen has no more pixels for them
  const FAR = 1e5; // px
  const LEAST = 3; // px; less is a click, not a line

  // What the whole curve becomes: as it was before the stroke's first step, the stroke, and its last value held.
  // `pixels` are [x, y] of the stroke; the answer is one height for every step, in pixels.
  function heights(pixels, rate, { xaxis, yaxis }) {
    const points = pixels.map(([x, y]) => [xaxis.p2l(x), y]);
    const shown = (value) => {
      const y = yaxis.c2p(value); // takes the logarithm itself where the axis has one; that of zero is far below
      return Number.isFinite(y) ? Math.min(FAR, Math.max(-FAR, y)) : FAR;
    };
    let i = 0;
    return Array.from(rate, (value, step) => {
      if (step < points[0][0] - 0.5) return shown(value);
      while (i + 2 < points.length && points[i + 1][0] < step) i += 1;
      const [[x0, y0], [x1, y1]] = [points[i], points[i + 1]];
      return y0 + (y1 - y0) * Math.min(1, Math.max(0, (step - x0) / (x1 - x0)));
    });
  }

  // The two neighbours that differ least become one, until few are left.
  function merge(pieces, most) {
    const cost = (a, b) => ((a.n * b.n) / (a.n + b.n)) * (a.y - b.y) ** 2;
    while (pieces.length > most) {
      let best = 1;
      for (let i = 2; i < pieces.length; i += 1) if (cost(pieces[i - 1], pieces[i]) < cost(pieces[best - 1], pieces[best])) best = i;
      const [a, b] = pieces.splice(best - 1, 2);
      pieces.splice(best - 1, 0, { from: a.from, n: a.n + b.n, y: (a.n * a.y + b.n * b.y) / (a.n + b.n) });
    }
    return pieces;
  }

  const factor = (value) => Number(Math.min(LARGEST, Math.max(0, value)).toPrecision(3));

  // Heights in pixels as a staircase of factors η/η₀; `back` turns a height into η.
  function staircase(levels, back, base) {
    const pieces = [];
    const stride = Math.ceil(levels.length / FINE);
    for (let from = 0; from < levels.length; from += stride) {
      const part = levels.slice(from, from + stride);
      pieces.push({ from, n: part.length, y: part.reduce((sum, y) => sum + y, 0) / part.length });
    }
    for (let most = MOST; ; most -= 1) {
      const steps = merge(pieces, most).map(({ from, y }) => [from, factor(back(y) / base)]);
      const words = steps.filter(([, value], i) => !i || value !== steps[i - 1][1]).map((pair) => pair.join(": ")).join(", ");
      if (words.length <= LONGEST) return words;
    }
  }

  class Sheet {
    // `done(words)` ends a stroke.
    constructor(curve, done) {
      this.curve = curve;
      this.done = done;
      this.paper = Ink.canvas();
      this.hint = el("p", { class: "lab-hint", role: "status" });
      this.node = el("div", { class: "lab-sheet", hidden: true }, this.paper.node, this.hint);
      curve.node.append(this.node);
      this.node.addEventListener("pointerdown", (event) => this.down(event));
      this.node.addEventListener("pointermove", (event) => event.pointerId === this.held && this.move(event));
      this.node.addEventListener("pointerup", (event) => event.pointerId === this.held && this.up());
      this.node.addEventListener("pointercancel", () => this.clear());
    }

    // `run` is {color, rate} with `rate` the present η at every step.
    open(run, base, hint) {
      Object.assign(this, { run, base });
      this.node.hidden = false;
      text(this.hint, hint);
      this.clear();
    }

    close() {
      this.node.hidden = true;
      text(this.hint, "");
      this.clear();
    }

    clear() {
      this.held = null;
      this.stroke = [];
      this.hint.hidden = false;
      this.paper.node.hidden = true;
    }

    get axes() {
      const full = this.curve.graph._fullLayout;
      return full?.xaxis?.p2l && full.yaxis?.p2d && full;
    }

    down(event) {
      if (event.button !== 0 || !event.isPrimary || !this.axes) return;
      event.preventDefault();
      const { xaxis, yaxis } = this.axes;
      Ink.fit(this.paper, { left: xaxis._offset, top: yaxis._offset, width: xaxis._length, height: yaxis._length });
      this.held = event.pointerId;
      this.node.setPointerCapture(this.held);
      this.stroke = [];
      this.hint.hidden = true;
      this.paper.node.hidden = false;
      this.move(event);
    }

    // Only what goes on to the right counts: η has one value at a time.
    move(event) {
      const { xaxis, yaxis } = this.axes;
      const box = this.node.getBoundingClientRect();
      const x = Math.min(xaxis._length, Math.max(0, event.clientX - box.left - xaxis._offset));
      const y = Math.min(yaxis._length, Math.max(0, event.clientY - box.top - yaxis._offset));
      const last = this.stroke.at(-1);
      if (last && x <= last[0]) return;
      this.stroke.push([x, y]);
      if (!last) return;
      const { pen } = this.paper;
      pen.beginPath();
      pen.lineWidth = 2.5;
      pen.lineCap = "round";
      pen.strokeStyle = this.run.color;
      pen.moveTo(...last);
      pen.lineTo(x, y);
      pen.stroke();
    }

    up() {
      const { stroke, run, base } = this;
      if (!(stroke.length > 1 && stroke.at(-1)[0] - stroke[0][0] >= LEAST)) return this.clear();
      const { axes } = this;
      this.clear();
      this.done(staircase(heights(stroke, run.rate, axes), axes.yaxis.p2d, base));
    }
  }

  return { Sheet, staircase };
})();
