// The network as a drawing: neurons in columns, a line for every weight between those that are drawn. Width is size, a dash is a minus sign.
const Layers = (() => {
  const { el, svg, attr, text } = Dom;
  const HEIGHT = 190;
  const RADIUS = 7;
  const WIDEST = 5; // px of the largest weight
  const PAD = 26;

  // Over all checkpoints, so that a line keeps its measure while time moves.
  const largest = (rows) => rows.reduce((most, row) => row.reduce((m, w) => (Number.isFinite(w) ? Math.max(m, Math.abs(w)) : m), most), 0) || 1;

  class Layers {
    constructor() {
      this.drawing = svg("svg", { class: "lab-net", role: "img" });
      this.tip = el("p", { class: "lab-note lab-net-tip" });
      this.node = el("div", { class: "lab-layers" }, this.drawing, this.tip);
      this.drawing.addEventListener("pointermove", (event) => this.tell(event.target));
      this.drawing.addEventListener("pointerleave", () => text(this.tip, ""));
    }

    show(run, payload, width) {
      const { sizes, shown } = run.net;
      const shape = `${sizes.join()} ${width} ${payload.labels.more}`;
      Object.assign(this, { run, payload, frame: undefined, largest: largest(run.net.weights), spread: largest(run.net.biases) });
      attr(this.drawing, "aria-label", payload.labels.network);
      if (shape === this.shape) return;
      this.shape = shape;
      attr(this.drawing, "viewBox", `0 0 ${width} ${HEIGHT}`);
      attr(this.drawing, "height", HEIGHT);
      const x = (layer) => PAD + ((width - 2 * PAD) * layer) / (sizes.length - 1);
      const y = (layer, i) => (HEIGHT - 14) * ((i + 0.5) / shown[layer]);
      this.edges = [];
      this.neurons = [];
      for (let layer = 1; layer < sizes.length; layer += 1) {
        for (let from = 0; from < shown[layer - 1]; from += 1) {
          for (let to = 0; to < shown[layer]; to += 1) this.edges.push(svg("line", { x1: x(layer - 1), y1: y(layer - 1, from), x2: x(layer), y2: y(layer, to) }));
        }
      }
      shown.forEach((count, layer) => {
        for (let i = 0; i < count; i += 1) this.neurons.push(svg("circle", { cx: x(layer), cy: y(layer, i), r: Math.min(RADIUS, (HEIGHT - 14) / count / 2.4) }));
      });
      const rest = sizes.map((size, layer) => ({ layer, hidden: size - shown[layer] })).filter(({ hidden }) => hidden > 0);
      const more = rest.map(({ layer, hidden }) => {
        const label = svg("text", { x: x(layer), y: HEIGHT - 2, class: "lab-net-more" });
        label.textContent = Dom.fill(payload.labels.more, { count: hidden });
        return label;
      });
      this.drawing.replaceChildren(...this.edges, ...this.neurons, ...more);
    }

    draw(frame) {
      if (frame === this.frame) return;
      this.frame = frame;
      const { weights, biases, shown } = this.run.net;
      weights[frame].forEach((w, i) => {
        const edge = this.edges[i];
        attr(edge, "stroke-width", (Number.isFinite(w) ? 0.3 + WIDEST * (Math.abs(w) / this.largest) : WIDEST).toFixed(2));
        attr(edge, "class", w < 0 ? "lab-edge lab-minus" : "lab-edge");
        edge.dataset.value = w;
      });
      const first = shown[0];
      biases[frame].forEach((b, i) => {
        const neuron = this.neurons[first + i];
        attr(neuron, "class", b < 0 ? "lab-neuron lab-minus" : "lab-neuron");
        attr(neuron, "stroke-width", (1 + 2.5 * (Number.isFinite(b) ? Math.abs(b) / this.spread : 1)).toFixed(2));
        neuron.dataset.value = b;
      });
      this.neurons.slice(0, first).forEach((neuron) => attr(neuron, "class", "lab-neuron lab-input"));
    }

    tell(target) {
      const { value } = target.dataset ?? {};
      const name = target.tagName === "circle" ? "b" : "w";
      text(this.tip, value === undefined ? "" : `${name} = ${Dom.number(Number(value))}`);
    }
  }

  return Layers;
})();
