// One picture on the page: a box whose height is fixed before anything is drawn, Plotly's graph in it, and a sentence in its place when it cannot be drawn.
const Frame = (() => {
  const { el, text } = Dom;
  const PACE = 120; // ms between two pictures of one frame while a hand moves a slider
  const SHARE = 4; // a frame waits this many times as long as its picture took: most of the time belongs to the paths
  const line = new Set(); // the frames that wait for a picture
  let running = false;
  let late = 0;

  const due = () => [...line].find(({ drawn, figure }) => !(performance.now() - drawn < Math.max(PACE, SHARE * (figure.took ?? 0))));

  // One picture at a time, right after the browser has shown new paths: Plotly takes some 15 ms for a curve and more for level lines, in which nothing else is
  // drawn. No frame is asked for in vain: one in which nothing changed costs the compositor as much as another.
  async function run() {
    if (running) return;
    running = true;
    clearTimeout(late);
    do {
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      await due()?.now().catch(console.error);
    } while (due());
    running = false;
    if (line.size) late = setTimeout(run, PACE); // unless new paths come first
  }

  class Frame {
    // `buttons` are Plotly's own above the picture; `onaxes` is called when someone zoomed: everything in pixels has moved.
    constructor(name, buttons, onaxes) {
      this.graph = el("div", { class: "lab-graph" });
      this.message = el("p", { class: "lab-message", role: "status", hidden: true });
      this.node = el("div", { class: `lab-frame lab-${name}`, role: "group" }, this.graph, this.message);
      this.figure = new Plot.Figure(this.graph, buttons);
      this.onaxes = onaxes;
    }

    // `failure` is what to say when Plotly throws.
    async draw(Plotly, figure, size, labels, failure) {
      line.delete(this); // whatever waited is older than this
      try {
        await this.figure.show(Plotly, figure, size, labels);
        this.say("");
      } catch (error) {
        console.error(error);
        return this.say(failure);
      }
      if (!this.listens) this.graph.on("plotly_relayout", () => this.onaxes());
      this.listens = true;
    }

    // The numbers have moved: draw them soon, in the size they have. What is asked for meanwhile takes the place of what waits, so the last word is drawn.
    soon(figure, labels) {
      if (!this.figure.shown) return;
      this.wanted = { figure, labels };
      line.add(this);
      run();
    }

    async now() {
      const { figure, labels } = this.wanted;
      const { width, height } = this.figure.shown ?? {};
      this.drawn = performance.now();
      line.delete(this);
      if (!width) return;
      await this.draw(window.Plotly, figure, { width, height }, labels, labels.no_plotly);
      this.redrawn();
    }

    // After a picture that was asked for with `soon`.
    redrawn() {}

    say(words) {
      text(this.message, words);
      this.message.hidden = !words;
      this.graph.hidden = Boolean(words);
    }

    destroy() {
      line.delete(this);
      this.figure.destroy();
    }
  }

  // Plotly's buttons above a flat picture, and above one in space.
  Frame.FLAT = [["zoomIn2d", "zoomOut2d", "resetScale2d"], ["toImage"]];
  Frame.SPACE = [["resetCameraDefault3d"], ["toImage"]];
  return Frame;
})();
