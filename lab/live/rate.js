// The curve of η above the cards: it has the player's cursor, moves the player, and lets a hand draw a schedule.
const Rate = (() => {
  const { attr } = Dom;
  const HEIGHT = 200; // px, where the page does not say, and on a phone

  class Rate {
    // `onpencil` is called whenever the pencil is taken up or put down.
    constructor(root, outbox, plotly, onpencil) {
      Object.assign(this, { root, outbox, plotly, onpencil });
      this.curve = new Curve("rate", [], (step) => Timeline.go(step), () => this.settle());
      this.node = this.curve.node;
      this.node.hidden = true;
      this.sheet = new Draw.Sheet(this.curve, (words) => this.drawn(words));
      this.drawing = null; // the run whose pencil is in the hand
      this.escape = (event) => event.key === "Escape" && this.drawing !== null && this.put();
      document.addEventListener("keydown", this.escape, true);
      this.deaf = Timeline.listen(({ position, atEnd }) => this.curve.follow(position, atEnd));
    }

    static height({ rate }) {
      return rate.height ?? HEIGHT;
    }

    destroy() {
      this.deaf();
      document.removeEventListener("keydown", this.escape, true);
      this.curve.destroy();
    }

    show(payload, narrow) {
      const { rate, labels } = payload;
      const early = this.payload?.rate && rate && this.curve.figure.shown;
      this.payload = payload;
      this.node.hidden = !rate;
      const count = rate?.runs?.length;
      // Another number of runs may have made another run of the one in the hand.
      if (count !== this.count || !rate?.runs?.[this.drawing]?.rate?.length) this.put();
      else Object.assign(this.sheet, { run: rate.runs[this.drawing], base: payload.groups.find(({ run }) => run === this.drawing)?.base ?? this.sheet.base });
      this.count = count;
      if (!rate) return;
      attr(this.node, "aria-label", labels.rate);
      this.settle();
      // In the size it has, it can wait for the paths on the map.
      if (early && this.high === this.wanted(narrow)) this.curve.soon(rate.figure, labels);
      else this.resize(this.root.clientWidth, narrow, true);
    }

    wanted(narrow) {
      return narrow ? HEIGHT : Rate.height(this.payload);
    }

    resize(width, narrow, anew = false) {
      if (!this.payload?.rate || !width) return;
      const height = this.wanted(narrow);
      if (!anew && width === this.wide && height === this.high) return;
      Object.assign(this, { wide: width, high: height });
      this.node.style.height = `${height}px`;
      this.draw();
    }

    async draw() {
      const { labels } = this.payload;
      try {
        const Plotly = await Plot.load(this.plotly);
        const { rate } = this.payload; // what came meanwhile is newer
        if (rate) await this.curve.draw(Plotly, rate.figure, { width: this.wide, height: this.high }, labels, labels.no_plotly);
      } catch {
        return this.curve.say(labels.no_plotly);
      }
      this.settle();
    }

    // After any drawing: the cursor takes its place again.
    settle() {
      const { runs } = this.payload?.rate ?? {};
      if (!runs) return;
      this.curve.reset(runs, Ink.colors(this.root));
      this.curve.follow(this.curve.at.position, this.curve.at.atEnd);
    }

    // The pencil of a run: pressed once more, it is put down.
    toggle(run, base) {
      const look = this.payload.rate.runs?.[run];
      if (this.drawing === run || !look?.rate?.length) return this.put();
      this.drawing = run;
      this.sheet.open(look, base, this.payload.labels.draw_hint);
      this.onpencil();
    }

    put() {
      if (this.drawing === null) return;
      this.drawing = null;
      this.sheet.close();
      this.onpencil();
    }

    drawn(words) {
      const run = this.drawing;
      this.put();
      this.outbox.push("draw", run, words);
    }
  }

  return Rate;
})();
