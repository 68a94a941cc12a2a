// On a curve of one parameter: at the player's step the tangent where the slope was taken, and the step along the axis, as an arrow at the height of the
// point, with a hairline down to where it lands. The numbers are the record's; heights off the record's points are read off the drawn curve.
const Tangent = (() => {
  const REACH = 0.14; // of the view's width to either side

  // The height of a curve between its points.
  function height({ w, loss }, x) {
    const share = ((x - w[0]) / (w.at(-1) - w[0])) * (w.length - 1);
    const i = Math.min(w.length - 2, Math.max(0, Math.floor(share)));
    return loss[i] + (share - i) * (loss[i + 1] - loss[i]);
  }

  class Tangent {
    constructor(frame) {
      this.sheet = Ink.canvas();
      this.sheet.node.classList.add("lab-tangent");
      frame.append(this.sheet.node);
    }

    reset(payload, graph, colors) {
      Object.assign(this, { runs: payload.runs, line: payload.line, graph, colors, ready: false });
    }

    hide() {
      this.sheet.node.hidden = true;
    }

    // Above the middle of the arrow.
    name(pen, words, from, to, box) {
      const middle = (from[0] + to[0]) / 2;
      Arrows.label(pen, words, [middle, to[1] + 1], [middle, to[1] - 3], this.colors, box);
    }

    draw(step) {
      const full = this.graph?._fullLayout;
      if (!this.line || !full?.xaxis) return this.hide();
      const { xaxis, yaxis } = full;
      const box = { left: xaxis._offset, top: yaxis._offset, width: xaxis._length, height: yaxis._length };
      if (!this.ready) Ink.fit(this.sheet, box);
      this.ready = true;
      const { node, pen } = this.sheet;
      node.hidden = false;
      pen.clearRect(0, 0, box.width, box.height);
      const reach = REACH * (xaxis.range[1] - xaxis.range[0]);
      const shown = this.runs.filter(({ hidden, tangent }) => !hidden && Number.isFinite(tangent?.slope[step]));
      for (const { color, tangent, w1, w2 } of shown) {
        const [at, slope] = [tangent.at[step], tangent.slope[step]];
        const touch = at === w1[step] ? w2[step] : height(this.line, at);
        const point = (w, loss) => [xaxis.c2p(w), yaxis.c2p(loss)];
        pen.strokeStyle = color;
        pen.lineWidth = 1.4;
        pen.beginPath();
        pen.moveTo(...point(at - reach, touch - reach * slope));
        pen.lineTo(...point(at + reach, touch + reach * slope));
        pen.stroke();
        const [from, to, lands] = [point(w1[step], w2[step]), point(w1[step] + tangent.step[step], w2[step]), point(w1[step + 1], w2[step + 1])];
        pen.lineWidth = 1;
        pen.setLineDash([2, 3]);
        pen.beginPath();
        pen.moveTo(...to);
        pen.lineTo(...lands);
        pen.stroke();
        pen.setLineDash([]);
        if (Arrows.arrow(pen, from, to, "update", color) && shown.length === 1) this.name(pen, tangent.label, from, to, box);
      }
    }
  }

  return { Tangent, height };
})();
