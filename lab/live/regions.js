// What a network says over the plane of the data, or its fitted curve, at one checkpoint; the objects above it. Python has computed every cell.
const Regions = (() => {
  const { el, attr, text } = Dom;
  const MARGIN = { left: 40, right: 10, top: 6, bottom: 34 };
  const WIDER = MARGIN.left + MARGIN.right - MARGIN.top - MARGIN.bottom; // px by which a picture with square contents is wider than high
  const FAINT = 0.08; // opacity of a class without certainty
  const STRONG = 0.62; // and of one without doubt
  const VALUES = 0.82; // and of the lowest and the highest value
  const SMALL = 300; // objects; of more the marks are smaller

  const rgb = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));

  // Round numbers on an axis, three to five of them.
  function ticks([low, high]) {
    const raw = (high - low) / 4;
    const unit = 10 ** Math.floor(Math.log10(raw));
    const step = unit * ([1, 2, 5].find((nice) => nice * unit >= raw) ?? 10);
    const found = [];
    const first = Math.ceil(low / step);
    for (let i = 0; i < 12; i += 1) { // a count, because far from 0 a step may be too small to move a number
      const value = (first + i) * step;
      if (value <= high + step / 1e6) found.push(Math.abs(value) < step / 1e6 ? 0 : value);
    }
    return found;
  }

  class Regions {
    constructor() {
      this.ground = Ink.canvas();
      this.marks = Ink.canvas();
      this.small = document.createElement("canvas"); // one pixel a cell
      this.title = el("p", { class: "lab-region-title" });
      this.swatch = Dom.swatch();
      this.label = el("span");
      this.at = el("span", { class: "lab-region-at" });
      this.title.append(this.swatch.node, this.label, this.at);
      this.legend = el("p", { class: "lab-legend" });
      this.scale = el("p", { class: "lab-spectrum" }, el("span"), el("span", { class: "lab-scale" }), el("span"));
      this.box = el("div", { class: "lab-region-box", role: "img" }, this.ground.node, this.marks.node);
      this.node = el("figure", { class: "lab-region" }, this.title, this.box, this.legend, this.scale);
    }

    show(run, payload, colors, size) {
      Object.assign(this, { run, payload, colors, size, frame: undefined });
      const { classes, labels } = payload;
      attr(this.box, "aria-label", labels.region);
      this.box.style.height = `${size.height}px`;
      this.swatch.show(payload.runs.length > 1 ? run : null);
      text(this.label, payload.runs.length > 1 ? run.label : "");
      this.colours = run.levels ? classes.map(({ color }) => rgb(color)) : payload.ends.map(rgb);
      this.paint = rgb(this.colors.solid);
      this.named();
      const area = { left: 0, top: 0, ...size };
      Ink.fit(this.ground, area);
      Ink.fit(this.marks, area);
      const width = size.width - MARGIN.left - MARGIN.right;
      const height = size.height - MARGIN.top - MARGIN.bottom;
      const { x, y } = run.view;
      this.across = (value) => MARGIN.left + ((value - x[0]) / (x[1] - x[0])) * width;
      this.up = (value) => MARGIN.top + height - ((value - y[0]) / (y[1] - y[0])) * height;
      this.inside = { left: MARGIN.left, top: MARGIN.top, width, height };
      this.objects();
    }

    // Classes by colour, marker and name; values by the ends of their colours.
    named() {
      const { run, payload } = this;
      const entries = run.levels ? run.labels.map((name, i) => ({ name, i, ...payload.classes[i] })) : [];
      Dom.each(this.legend, entries, ({ i }) => i, () => this.entry(), (entry, look) => {
        entry.svg.setAttribute("style", `color:${look.color}`);
        attr(entry.path, "d", Dom.marker(look.marker));
        text(entry.word, look.name);
      });
      this.legend.hidden = !entries.length;
      this.scale.hidden = Boolean(entries.length) || run.kind === "line";
      const [low, bar, high] = this.scale.children;
      text(low, Dom.number(run.low));
      text(high, Dom.number(run.high));
      const shades = [0, 0.5, 1].map((share) => `rgb(${this.between(share, VALUES).join()})`);
      bar.style.background = `linear-gradient(to right, ${shades.join()})`;
    }

    entry() {
      const path = Dom.svg("path", { fill: "currentColor" });
      const svg = Dom.svg("svg", { viewBox: "8 2 12 12", class: "lab-class", "aria-hidden": "true" }, path);
      const word = el("span");
      return { svg, path, word, node: el("span", { class: "lab-class-name" }, svg, word) };
    }

    // The objects and the axes: the same at every checkpoint.
    objects() {
      const { run, payload, inside, colors } = this;
      const { pen } = this.marks;
      pen.clearRect(0, 0, this.size.width, this.size.height);
      pen.fillStyle = colors.text;
      pen.font = "12px system-ui, sans-serif";
      pen.textAlign = "center";
      pen.textBaseline = "top";
      for (const value of ticks(run.view.x)) pen.fillText(Dom.number(value), this.across(value), inside.top + inside.height + 4);
      pen.fillText(run.names[0], inside.left + inside.width / 2, inside.top + inside.height + 19);
      pen.textAlign = "right";
      pen.textBaseline = "middle";
      for (const value of ticks(run.view.y)) pen.fillText(Dom.number(value), inside.left - 5, this.up(value));
      pen.save();
      pen.translate(9, inside.top + inside.height / 2);
      pen.rotate(-Math.PI / 2);
      pen.textAlign = "center";
      pen.fillText(run.names[1], 0, 0);
      pen.restore();
      const { x, y, learns } = run.points;
      const scale = x.length > SMALL ? 0.75 : 1;
      const shapes = payload.classes.map(({ marker }) => new Path2D(Dom.marker(marker)));
      for (let i = 0; i < x.length; i += 1) {
        const kind = run.levels ? run.targets[i] : 0;
        const color = run.levels ? payload.classes[kind].color : run.kind === "line" ? colors.text : this.valued(run.targets[i]);
        pen.save();
        pen.translate(this.across(x[i]), this.up(y[i]));
        pen.scale(scale, scale);
        pen.translate(-14, -8);
        pen.lineWidth = learns[i] ? 1.2 : 1.8;
        pen.fillStyle = learns[i] ? color : colors.ground;
        pen.strokeStyle = !run.levels && run.kind !== "line" ? colors.text : learns[i] ? colors.ground : color; // a value in the middle has the page's colour
        pen.fill(shapes[kind]);
        pen.stroke(shapes[kind]);
        pen.restore();
      }
    }

    // The colour of a target, stronger than that of the ground behind it.
    valued(value) {
      const { low, high } = this.run;
      const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
      return `rgb(${this.between(share, 1).join()})`;
    }

    // Between the colours of the lowest and the highest value, through the page's own.
    between(share, strength) {
      const far = Math.abs(2 * share - 1) * strength;
      return this.paint.map((ground, i) => Math.round(ground + far * (this.colours[share > 0.5 ? 1 : 0][i] - ground)));
    }

    // The picture of checkpoint `frame`; nothing where it stands already.
    draw(frame) {
      const { run, payload } = this;
      if (frame === this.frame) return;
      this.frame = frame;
      text(this.at, Dom.fill(payload.labels.picture, { t: run.frames[frame] }));
      const { pen } = this.ground;
      pen.clearRect(0, 0, this.size.width, this.size.height);
      if (run.lost[frame]) this.hatch();
      if (run.kind === "line") this.curve(frame);
      else if (!run.lost[frame]) this.field(frame);
      if (run.lost[frame]) this.words(payload.labels.diverged);
    }

    field(frame) {
      const { run, inside } = this;
      const { cells, levels, seen } = run;
      const image = new ImageData(cells, cells);
      const codes = seen[frame];
      for (let row = 0; row < cells; row += 1) {
        for (let column = 0; column < cells; column += 1) {
          const code = codes[row * cells + column];
          const color = levels ? this.mixed(code) : this.between(code / 255, VALUES);
          const at = ((cells - 1 - row) * cells + column) * 4;
          for (let i = 0; i < 3; i += 1) image.data[at + i] = color[i];
          image.data[at + 3] = 255;
        }
      }
      this.small.width = this.small.height = cells;
      this.small.getContext("2d").putImageData(image, 0, 0);
      const { pen } = this.ground;
      pen.imageSmoothingEnabled = false; // a cell is what was computed
      pen.drawImage(this.small, inside.left, inside.top, inside.width, inside.height);
    }

    mixed(code) {
      const { levels } = this.run;
      const kind = Math.floor(code / levels);
      const strength = FAINT + (STRONG - FAINT) * ((code % levels) / (levels - 1));
      return this.paint.map((ground, i) => Math.round(ground + strength * ((this.colours[kind] ?? this.paint)[i] - ground)));
    }

    curve(frame) {
      const { run, inside } = this;
      const { pen } = this.ground;
      const heights = run.line.y[frame];
      pen.save();
      pen.beginPath();
      pen.rect(inside.left, inside.top, inside.width, inside.height);
      pen.clip();
      pen.beginPath();
      let down = false;
      for (let i = 0; i < heights.length; i += 1) {
        const y = this.up(heights[i]);
        if (!Number.isFinite(y) || Math.abs(y) > 1e5) down = false;
        else if (down) pen.lineTo(this.across(run.line.x[i]), y);
        else {
          pen.moveTo(this.across(run.line.x[i]), y);
          down = true;
        }
      }
      pen.strokeStyle = run.color;
      pen.lineWidth = 2.6;
      pen.stroke();
      pen.restore();
      const { y } = run.view;
      if (!run.lost[frame] && !heights.some((height) => height >= y[0] && height <= y[1])) this.words(this.payload.labels.outside);
    }

    // Where there is nothing to show, nobody shall take an empty picture for an answer.
    hatch() {
      const { pen } = this.ground;
      const { left, top, width, height } = this.inside;
      pen.save();
      pen.beginPath();
      pen.rect(left, top, width, height);
      pen.clip();
      pen.beginPath();
      for (let x = left - height; x < left + width; x += 12) {
        pen.moveTo(x, top + height);
        pen.lineTo(x + height, top);
      }
      pen.strokeStyle = this.colors.quiet;
      pen.lineWidth = 1;
      pen.stroke();
      pen.restore();
    }

    words(said) {
      const { pen } = this.ground;
      const { inside, colors } = this;
      const [x, y] = [inside.left + inside.width / 2, inside.top + 22];
      pen.font = "14px system-ui, sans-serif";
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.fillStyle = colors.ground;
      const width = pen.measureText(said).width + 20;
      pen.fillRect(x - width / 2, y - 13, width, 26);
      pen.fillStyle = colors.text;
      pen.fillText(said, x, y);
    }
  }

  Regions.WIDER = WIDER;
  return Regions;
})();
