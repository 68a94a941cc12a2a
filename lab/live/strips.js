// Histograms over time: from left to right the checkpoints, from bottom to top the values, the darker the more; on the right the one at the cursor as bars.
const Strips = (() => {
  const { el, attr, text } = Dom;
  const HEIGHT = 64;
  const BARS = 56; // px of the histogram at the cursor

  class Strip {
    constructor() {
      this.title = el("p", { class: "lab-strip-title" });
      this.still = Ink.canvas();
      this.head = Ink.canvas();
      this.low = el("span");
      this.high = el("span");
      this.none = el("span", { class: "lab-strip-none" });
      this.box = el("div", { class: "lab-strip-box" }, this.still.node, this.head.node, this.none);
      this.node = el("div", { class: "lab-strip", role: "img" }, this.title, el("div", { class: "lab-strip-row" }, el("span", { class: "lab-strip-ends" }, this.high, this.low), this.box));
    }

    show(strip, color, colors, labels) {
      Object.assign(this, { strip, color, colors, labels, frame: undefined });
      text(this.title, strip.title);
      attr(this.node, "aria-label", `${strip.title}: ${strip.low} … ${strip.high}`);
      text(this.low, strip.low);
      text(this.high, strip.high);
      this.box.style.height = `${HEIGHT}px`;
      this.drawn = 0;
    }

    // The width is known only on the page.
    lay(width) {
      if (width === this.drawn) return;
      this.drawn = width;
      const { counts } = this.strip;
      Ink.fit(this.still, { left: 0, top: 0, width, height: HEIGHT });
      Ink.fit(this.head, { left: 0, top: 0, width, height: HEIGHT });
      this.wide = width - BARS - 6;
      const { pen } = this.still;
      const [step, rise] = [this.wide / counts.length, HEIGHT / counts[0].length];
      pen.fillStyle = this.color;
      counts.forEach((row, i) => row.forEach((count, bin) => {
        if (!count) return;
        pen.globalAlpha = Math.sqrt(count / 255);
        pen.fillRect(i * step, HEIGHT - (bin + 1) * rise, step + 0.5, rise + 0.5);
      }));
      pen.globalAlpha = 1;
    }

    draw(frame) {
      if (frame === this.frame || !this.drawn) return;
      this.frame = frame;
      const { pen } = this.head;
      const { counts } = this.strip;
      pen.clearRect(0, 0, this.drawn, HEIGHT);
      pen.fillStyle = this.colors.line;
      pen.fillRect(((frame + 0.5) / counts.length) * this.wide - 0.5, 0, 1.5, HEIGHT);
      const rise = HEIGHT / counts[frame].length;
      pen.fillStyle = this.color;
      const largest = Math.max(...counts[frame]);
      text(this.none, largest ? "" : this.labels.diverged);
      if (!largest) return;
      counts[frame].forEach((count, bin) => pen.fillRect(this.wide + 6, HEIGHT - (bin + 1) * rise + 0.5, (BARS * count) / largest, rise - 1));
    }
  }

  return { Strip };
})();
