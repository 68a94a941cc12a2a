// The player's step on a curve: a line in every subplot, and in the first one a dot for each run that has numbers under this name.
const Cursor = (() => {
  const { canvas, fit, dot, between } = Ink;

  class Cursor {
    constructor(frame, name) {
      this.name = name;
      this.head = canvas();
      frame.append(this.head.node);
    }

    reset(runs, graph, colors) {
      Object.assign(this, { runs, graph, colors, ready: false });
    }

    // Whether the axis counts evaluations; only the curve of the loss does.
    get across() {
      return this.name === "height" && this.runs?.some(({ evaluations }) => evaluations);
    }

    // The step at a place on the axis; where runs have axes of their own, the first one's.
    step(x) {
      const first = this.across && this.runs.find(({ hidden }) => !hidden);
      if (!first) return Math.round(x);
      const after = first.evaluations.findIndex((count) => count > x);
      return after < 0 ? first.evaluations.length - 1 : Math.max(0, after - 1);
    }

    hide() {
      this.head.node.hidden = true;
    }

    draw(s) {
      const full = this.graph?._fullLayout;
      if (!full?.xaxis) return;
      if (!this.ready) fit(this.head, { left: 0, top: 0, width: full.width, height: full.height });
      this.ready = true;
      const { node, pen } = this.head;
      node.hidden = false;
      pen.clearRect(0, 0, full.width, full.height);
      // Over evaluations every run is at a place of its own at a step: there is no one line.
      for (const { xaxis, yaxis } of this.across ? [] : Object.values(full._plots)) {
        const x = xaxis._offset + xaxis.c2p(s);
        if (x < xaxis._offset - 1 || x > xaxis._offset + xaxis._length + 1) continue;
        pen.fillStyle = this.colors.line;
        pen.fillRect(x - 0.5, yaxis._offset, 1, yaxis._length);
      }
      const { xaxis, yaxis } = full;
      const stairs = (this.graph._fullData ?? []).some(({ line }) => line?.shape === "hv"); // between two steps the dot stays on the tread
      for (const run of this.runs) {
        const heights = run[this.name];
        if (run.hidden || !heights?.length) continue;
        const at = Math.min(s, heights.length - 1);
        const i = Math.floor(at);
        const height = (j) => yaxis.c2p(heights[j]); // takes the logarithm itself where the axis has one
        const y = stairs ? height(i) : between([height(i), height(Math.min(i + 1, heights.length - 1))], at - i);
        if (y >= -4 && y <= yaxis._length + 4) dot(pen, xaxis._offset + xaxis.c2p(this.across ? between(run.evaluations, at) : at), yaxis._offset + y, 4, run.color, this.colors.ground);
      }
    }
  }

  return Cursor;
})();
