// Plotly, loaded once, and a figure that redraws only what changed. Moving a slider changes points of lines; a contour under them, whose arrays are the
// same objects as before, is then not computed again.
const Plot = (() => {
  let loading = null;
  const locales = new Map(); // our words → the locale's name

  function load(url) {
    return (loading ??= new Promise((done, fail) => {
      if (window.Plotly) return done(window.Plotly);
      const script = Object.assign(document.createElement("script"), { src: url, async: true });
      script.onload = () => (window.Plotly ? done(window.Plotly) : fail(new Error("plotly")));
      script.onerror = () => {
        loading = null; // the next update may try again
        script.remove();
        fail(new Error("plotly"));
      };
      document.head.append(script);
    }));
  }

  const hasWebgl = () => {
    const canvas = document.createElement("canvas");
    return Boolean(canvas.getContext("webgl2") ?? canvas.getContext("webgl"));
  };

  // Plotly names its buttons itself; a locale of our own gives it our words. A picture without buttons needs none.
  function settings(Plotly, labels, buttons) {
    const rest = { displaylogo: false, scrollZoom: false, doubleClick: false, showTips: false };
    if (!buttons.length) return { ...rest, displayModeBar: false };
    const key = JSON.stringify([labels.zoom_in, labels.zoom_out, labels.zoom_reset, labels.image]);
    if (!locales.has(key)) {
      locales.set(key, `lab${locales.size}`);
      const dictionary = {
        "Zoom in": labels.zoom_in, "Zoom out": labels.zoom_out, "Reset axes": labels.zoom_reset, "Download plot as a PNG": labels.image, "Download plot": labels.image,
        "Reset camera to default": labels.zoom_reset,
      };
      Plotly.register({ moduleType: "locale", name: locales.get(key), dictionary, format: {} });
    }
    return { ...rest, modeBarButtons: buttons, locale: locales.get(key) };
  }

  // Equal by value; arrays of numbers by identity first, then element by element.
  function same(a, b) {
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
    const list = ArrayBuffer.isView(a) || Array.isArray(a);
    if (list !== (ArrayBuffer.isView(b) || Array.isArray(b))) return false;
    if (list) {
      if (a.length !== b.length) return false;
      for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i] && !same(a[i], b[i])) return false;
      return true;
    }
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => key in b && same(a[key], b[key]));
  }
  const changed = (a, b) => [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => !same(a[key], b[key]));

  // Plotly writes into what it is given; our own copy must stay as it came. Arrays are shared, objects copied.
  const copy = (node) => {
    if (Array.isArray(node)) return node.some((item) => typeof item === "object" && item !== null && !ArrayBuffer.isView(item)) ? node.map(copy) : node;
    if (node === null || typeof node !== "object" || ArrayBuffer.isView(node)) return node;
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, copy(value)]));
  };

  // What may change without Plotly building its picture anew.
  const MOVES = new Set(["x", "y", "text", "customdata", "hovertext", "marker", "name", "hovertemplate"]);
  const OVERLAYS = new Set(["annotations", "shapes"]);

  // The layout's changes as `relayout` wants them, or null when they are of another kind.
  function relaid(old, next) {
    const update = {};
    for (const key of changed(old, next)) {
      if (OVERLAYS.has(key)) update[key] = copy(next[key] ?? []);
      else if (/^[xy]axis\d*$/.test(key) && old[key] && next[key] && next[key].range && changed(old[key], next[key]).every((name) => name === "range")) {
        update[`${key}.range`] = [...next[key].range];
      } else return null;
    }
    return update;
  }

  class Figure {
    constructor(node, buttons) {
      this.node = node;
      this.buttons = buttons;
      this.shown = null; // {data, layout, width, height, words}
      this.next = null;
      this.busy = null;
    }

    // Only the latest request is drawn; the promise resolves when nothing is left to draw.
    show(Plotly, figure, size, labels) {
      this.next = { data: figure.data, layout: figure.layout, ...size };
      this.labels = labels;
      this.busy ??= this.drain(Plotly).finally(() => (this.busy = null));
      return this.busy;
    }

    async drain(Plotly) {
      while (this.next && !this.gone) {
        const next = this.next;
        this.next = null;
        const began = performance.now();
        await this.draw(Plotly, next);
        this.shown = next;
        this.took = performance.now() - began;
      }
      if (this.gone) this.purge();
    }

    draw(Plotly, next) {
      const config = settings(Plotly, this.labels, this.buttons);
      // `animate` takes a contour beside the moved lines off the page (plotly.js 4.1), so it is for pictures of lines only.
      const lines = next.data.every(({ type }) => type === "scatter");
      const change = lines && config.locale === this.locale ? this.difference(next) : null;
      this.way = change ? "move" : "react";
      return change ? this.move(Plotly, change) : this.whole(Plotly, next, config);
    }

    // What separates `next` from the picture, or null when it takes more than moving points and axes.
    difference(next) {
      const old = this.shown;
      if (!old || old.width !== next.width || old.height !== next.height) return null;
      const layout = relaid(old.layout, next.layout);
      const traces = layout && this.moved(old.data, next.data);
      return traces && { layout, traces };
    }

    // The traces that moved, or null when more than that has changed.
    moved(old, next) {
      if (old.length !== next.length) return null;
      const traces = [];
      for (let i = 0; i < next.length; i += 1) {
        const keys = changed(old[i], next[i]);
        if (!keys.length) continue;
        const { xaxis = "x", yaxis = "y", type } = next[i];
        const full = this.node._fullLayout;
        // An axis that fits itself to the data has to be computed again.
        const fits = [xaxis, yaxis].some((name) => full[name.replace(/^([xy])/, "$1axis")]?.autorange);
        if (type !== "scatter" || fits || !keys.every((key) => MOVES.has(key))) return null;
        traces.push({ index: i, keys, update: Object.fromEntries(keys.map((key) => [key, copy(next[i][key])])) });
      }
      return traces;
    }

    whole(Plotly, next, config) {
      this.locale = config.locale;
      const layout = { ...copy(next.layout), width: next.width, height: next.height, autosize: false };
      // Plotly notes the levels of a contour in the object it was given and, when told that nothing changed, looks for them there. So a trace that did not
      // change goes back as that object, and heights that did change go in as a new list, which makes Plotly find levels again.
      const data = next.data.map((trace, i) => {
        if (this.shown && this.node.data && same(trace, this.shown.data[i])) return this.node.data[i];
        return Array.isArray(trace.z) ? { ...copy(trace), z: [...trace.z] } : copy(trace);
      });
      return Plotly.react(this.node, data, layout, config);
    }

    async move(Plotly, { traces, layout }) {
      if (Object.keys(layout).length) await Plotly.relayout(this.node, layout);
      if (!traces.length) return;
      await Plotly.animate(
        this.node,
        { data: traces.map((trace) => trace.update), traces: traces.map((trace) => trace.index) },
        { mode: "immediate", frame: { duration: 0, redraw: false }, transition: { duration: 0 } },
      );
      // Asking for the background it has redraws the legend and nothing else.
      const { legend, showlegend } = this.node._fullLayout;
      if (showlegend && legend && traces.some((trace) => trace.keys.includes("name"))) await Plotly.relayout(this.node, { "legend.bgcolor": legend.bgcolor });
    }

    // A WebGL context is worth giving back; that of a picture which is being drawn, as soon as it stands.
    destroy() {
      this.gone = true;
      if (!this.busy) this.purge();
    }

    purge() {
      if (this.shown) window.Plotly?.purge(this.node);
      this.shown = null;
    }
  }

  // Which traces are the path of which run.
  function paths(data) {
    const marked = data.some((trace) => trace.meta?.run !== undefined);
    const lines = data.flatMap((trace, index) => (/^scatter/.test(trace.type) && (trace.mode ?? "lines").includes("lines") ? [index] : []));
    if (!marked) return lines.map((index, run) => ({ index, run }));
    return data.flatMap((trace, index) => (trace.meta?.run === undefined ? [] : [{ index, run: trace.meta.run }]));
  }

  // The traces that tell of the runs: their paths, what comes after a stop, the other seeds, the clipped steps, and the arrows where they leave.
  function moving(data) {
    const indices = new Set(paths(data).map(({ index }) => index));
    data.forEach((trace, index) => /^(tail:|fan:|clipped:|exits?\b)/.test(trace.name ?? "") && indices.add(index));
    return indices;
  }

  // Whether two pictures have the same axes, so that a canvas above the older one shows the newer one's paths where they are.
  const aligned = (old, next) => changed(old.layout, next.layout).every((key) => OVERLAYS.has(key));

  // Whether what lies beneath the runs and the start, level lines and minima, is the same in two pictures.
  function grounded(old, next) {
    const ground = ({ data }) => {
      const runs = moving(data);
      return data.filter((trace, index) => !runs.has(index) && trace.name !== "start");
    };
    return same(ground(old), ground(next));
  }

  return { load, hasWebgl, Figure, paths, moving, aligned, grounded };
})();
