// One picture on the page: a box whose height is fixed before anything is drawn, Plotly's graph in it, and a sentence in its place when it cannot be drawn.
const Frame = (() => {
  const { el, text } = Dom;

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

    say(words) {
      text(this.message, words);
      this.message.hidden = !words;
      this.graph.hidden = Boolean(words);
    }

    destroy() {
      this.figure.destroy();
    }
  }

  return Frame;
})();
