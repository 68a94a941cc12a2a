// The arrows of one run's step on the map: displacements that Python computed, drawn from where they begin. Thin for the gradient, bold for the update;
// the box has the sides that each coordinate's own rate gives. Each kind is labelled once, at its head.
const Arrows = (() => {
  const WIDTHS = { gradient: 1.4, velocity: 2.4, update: 3.6 };
  const HEADS = { gradient: 7, velocity: 9, update: 11 };
  const SHORT = 3; // px; a shorter arrow has no head
  const FAR = 1e5; // px

  function arrow(pen, from, to, name, color) {
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const length = Math.hypot(dx, dy);
    if (!(length > 0 && length < FAR)) return false;
    const [ux, uy, head] = [dx / length, dy / length, Math.min(HEADS[name], length)];
    pen.strokeStyle = pen.fillStyle = color;
    pen.lineWidth = WIDTHS[name];
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(to[0] - ux * head * 0.8, to[1] - uy * head * 0.8);
    pen.stroke();
    if (length < SHORT) return false;
    pen.beginPath();
    pen.moveTo(...to);
    pen.lineTo(to[0] - ux * head - uy * head * 0.42, to[1] - uy * head + ux * head * 0.42);
    pen.lineTo(to[0] - ux * head + uy * head * 0.42, to[1] - uy * head - ux * head * 0.42);
    pen.closePath();
    pen.fill();
    return true;
  }

  // Small letters with the ground's colour around them, beyond the head and inside the picture.
  function label(pen, words, from, to, colors, box) {
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    const [ux, uy] = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
    const x = Math.min(box.width - 16, Math.max(16, to[0] + ux * 14));
    const y = Math.min(box.height - 8, Math.max(8, to[1] + uy * 12));
    pen.font = "600 12px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineWidth = 4;
    pen.strokeStyle = colors.ground;
    pen.strokeText(words, x, y);
    pen.fillStyle = colors.text;
    pen.fillText(words, x, y);
  }

  class Arrows {
    constructor(frame) {
      this.sheet = Ink.canvas();
      this.sheet.node.classList.add("lab-arrows");
      frame.append(this.sheet.node);
    }

    reset(inspector, graph, colors) {
      Object.assign(this, { told: inspector?.arrows, color: inspector?.color, graph, colors, ready: false });
    }

    hide() {
      this.sheet.node.hidden = true;
    }

    // The step that leaves the point with this index.
    draw(step) {
      const full = this.graph?._fullLayout;
      if (!this.told || !full?.xaxis) return this.hide();
      const { xaxis, yaxis } = full;
      const box = { left: xaxis._offset, top: yaxis._offset, width: xaxis._length, height: yaxis._length };
      if (!this.ready) Ink.fit(this.sheet, box);
      this.ready = true;
      const { node, pen } = this.sheet;
      node.hidden = false;
      pen.clearRect(0, 0, box.width, box.height);
      const at = (w1, w2) => [xaxis.c2p(w1), yaxis.c2p(w2)];
      const { arrows, box: sides } = this.told;
      const update = arrows.at(-1);
      if (sides[step]) {
        const [x, y] = update.from[step];
        const [left, top] = at(x - sides[step][0], y + sides[step][1]);
        const [right, bottom] = at(x + sides[step][0], y - sides[step][1]);
        if ([left, top, right, bottom].every((value) => Math.abs(value) < FAR)) {
          pen.setLineDash([3, 3]);
          pen.lineWidth = 1;
          pen.strokeStyle = this.colors.line;
          pen.strokeRect(left, top, right - left, bottom - top);
          pen.setLineDash([]);
        }
      }
      const named = [];
      for (const { name, label: words, from, by } of arrows) {
        if (!from[step]) continue;
        const tail = at(...from[step]);
        const tip = at(from[step][0] + by[step][0], from[step][1] + by[step][1]);
        if (arrow(pen, tail, tip, name, name === "update" ? this.color : this.colors.text)) named.push([words, tail, tip]);
      }
      for (const [words, tail, tip] of named) label(pen, words, tail, tip, this.colors, box);
    }
  }

  Object.assign(Arrows, { arrow, label });
  return Arrows;
})();
