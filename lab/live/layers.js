// The network as a drawing: neurons in columns, a line for every weight between those that are drawn. Width is size, a dash is a minus sign. A neuron that is
// pointed at, or reached with the arrow keys, tells its numbers.
const Layers = (() => {
  const { el, svg, attr, text } = Dom;
  const HEIGHT = 210;
  const HEAD = 18; // px for the names of the layers
  const FOOT = 14; // and for the number of neurons that are not drawn
  const RADIUS = 7;
  const WIDEST = 5; // px of the largest weight
  const PAD = 14;
  const LETTERS = 9; // of a name beside a neuron
  const LETTER = 6.5; // px
  const short = (name) => (name.length > LETTERS ? `${name.slice(0, LETTERS - 1)}…` : name);
  const words = (content, place) => Object.assign(svg("text", place), { textContent: content });
  // Over all checkpoints, so that a line keeps its measure while time moves.
  const largest = (rows) => rows.reduce((most, row) => row.reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), most), 0) || 1;

  class Layers {
    constructor() {
      this.drawing = svg("svg", { class: "lab-net", role: "img", tabindex: 0 });
      this.tip = el("p", { class: "lab-note lab-net-tip", role: "status" });
      this.node = el("div", { class: "lab-layers" }, this.drawing, this.tip);
      this.chosen = null;
      this.drawing.addEventListener("pointermove", (event) => this.choose(this.neurons.indexOf(event.target)));
      for (const end of ["pointerleave", "blur"]) this.drawing.addEventListener(end, () => this.choose(-1));
      this.drawing.addEventListener("keydown", (event) => this.press(event));
    }

    show(run, payload, width) {
      const { sizes, shown, titles, names } = run.net;
      const shape = JSON.stringify([sizes, titles, names, width, payload.labels.more]);
      Object.assign(this, { run, payload, frame: undefined, most: largest(run.net.weights), spread: largest(run.net.biases) });
      attr(this.drawing, "aria-label", payload.labels.network);
      if (shape === this.shape) return;
      this.shape = shape;
      this.chosen = null;
      attr(this.drawing, "viewBox", `0 0 ${width} ${HEIGHT}`);
      attr(this.drawing, "height", HEIGHT);
      const [left, right] = names.map((side) => PAD + RADIUS + LETTER * Math.max(...side.map((name) => short(name).length)));
      const x = (layer) => left + ((width - left - right) * layer) / (sizes.length - 1);
      const y = (layer, i) => HEAD + (HEIGHT - HEAD - FOOT) * ((i + 0.5) / shown[layer]);
      this.edges = [];
      this.neurons = [];
      this.placed = []; // layer and place of every neuron, and where its incoming edges begin
      for (let layer = 0; layer < sizes.length; layer += 1) {
        const first = this.edges.length;
        for (let from = 0; layer && from < shown[layer - 1]; from += 1) {
          for (let to = 0; to < shown[layer]; to += 1) this.edges.push(svg("line", { x1: x(layer - 1), y1: y(layer - 1, from), x2: x(layer), y2: y(layer, to) }));
        }
        const r = Math.min(RADIUS, (HEIGHT - HEAD - FOOT) / shown[layer] / 2.4);
        for (let i = 0; i < shown[layer]; i += 1) {
          this.neurons.push(svg("circle", { cx: x(layer), cy: y(layer, i), r }));
          this.placed.push({ layer, i, first });
        }
      }
      const last = sizes.length - 1;
      const beside = [...names[0].map((name, i) => words(short(name), { x: x(0) - RADIUS - 5, y: y(0, i) + 4, "text-anchor": "end" })), ...names[1].map((name, i) => words(short(name), { x: x(last) + RADIUS + 5, y: y(last, i) + 4 }))];
      const above = titles.map((title, layer) => words(title, { x: x(layer), y: 11, "text-anchor": layer ? (layer === last ? "end" : "middle") : "start" }));
      const more = sizes.map((size, layer) => [size - shown[layer], layer]).filter(([hidden]) => hidden > 0);
      const below = more.map(([count, layer]) => words(Dom.fill(payload.labels.more, { count }), { x: x(layer), y: HEIGHT - 2, "text-anchor": "middle" }));
      this.drawing.replaceChildren(...this.edges, ...this.neurons, ...above, ...beside, ...below);
    }

    draw(frame) {
      if (frame === this.frame) return;
      this.frame = frame;
      const { weights, biases, shown } = this.run.net;
      const look = (node, kind, value, width) => {
        attr(node, "class", `lab-${kind}${Number.isFinite(value) ? (value < 0 ? " lab-minus" : "") : " lab-lost"}`);
        attr(node, "stroke-width", Number.isFinite(value) ? width.toFixed(2) : null);
      };
      weights[frame].forEach((w, i) => look(this.edges[i], "edge", w, 0.3 + WIDEST * (Math.abs(w) / this.most)));
      biases[frame].forEach((b, i) => look(this.neurons[shown[0] + i], "neuron", b, 1 + 2.5 * (Math.abs(b) / this.spread)));
      this.neurons.slice(0, shown[0]).forEach((neuron) => attr(neuron, "class", "lab-neuron lab-input"));
      this.tell();
    }

    choose(index) {
      const next = index < 0 ? null : index;
      if (next === this.chosen) return;
      this.chosen = next;
      this.tell();
    }

    // Left and right to the next layer, up and down within one.
    press(event) {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      const { shown } = this.run.net;
      const at = this.chosen === null ? { layer: 0, i: 0 } : this.placed[this.chosen];
      const layer = this.chosen === null ? 1 : Math.min(shown.length - 1, Math.max(0, at.layer + way[0]));
      const i = Math.min(shown[layer] - 1, Math.max(0, at.i + way[1]));
      this.choose(this.placed.findIndex((place) => place.layer === layer && place.i === i));
    }

    // How to read the drawing, or the numbers of the chosen neuron: its bias and the weights that lead to it.
    tell() {
      this.neurons.forEach((neuron, index) => neuron.classList.toggle("lab-chosen", index === this.chosen));
      if (this.chosen === null) return text(this.tip, this.payload.labels.network);
      const { weights, biases, shown, titles, names } = this.run.net;
      const { layer, i, first } = this.placed[this.chosen];
      if (!layer) return text(this.tip, names[0][i]);
      const led = Array.from({ length: shown[layer - 1] }, (_, from) => Dom.number(weights[this.frame][first + from * shown[layer] + i]));
      const rest = this.run.net.sizes[layer - 1] > shown[layer - 1] ? ", …" : "";
      const name = layer === shown.length - 1 ? names[1][i] : `${titles[layer]}, ${i + 1}`;
      text(this.tip, `${name}: b = ${Dom.number(biases[this.frame][this.chosen - shown[0]])}, w = (${led.join(", ")}${rest})`);
    }
  }

  return Layers;
})();
