// Small helpers for building and updating elements. Texts always go in as text; markup only where a caller says that it is ours.
const Dom = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  let count = 0;

  function put(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else attr(node, name, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }
  const el = (tag, attributes, ...children) => put(document.createElement(tag), attributes, children);
  const svg = (tag, attributes, ...children) => put(document.createElementNS(SVG, tag), attributes, children);

  // The setters below touch the page only when something changes, so focus, caret and running transitions survive.
  function attr(node, name, value) {
    if (value === null || value === undefined || value === false) node.removeAttribute(name);
    else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value === true ? "" : value);
  }
  function text(node, value) {
    const next = value ?? "";
    if (node.textContent !== next) node.textContent = next;
  }

  // Keyed reconciliation: `items` in order, each with an element that `make` builds once and `update` brings up to date.
  function each(parent, items, keyOf, make, update) {
    const known = (parent.labKnown ??= new Map());
    const keys = new Set(items.map(keyOf));
    for (const [key, entry] of known) {
      if (keys.has(key)) continue;
      entry.node.remove();
      known.delete(key);
    }
    let before = null;
    items.forEach((item, i) => {
      const key = keyOf(item);
      let entry = known.get(key);
      if (!entry) known.set(key, (entry = make(item)));
      const wanted = before ? before.nextSibling : parent.firstChild;
      if (entry.node !== wanted) parent.insertBefore(entry.node, wanted);
      before = entry.node;
      update(entry, item, i);
    });
  }

  // Lines of MathML that Python made from our own formulas.
  function formulas(node, list) {
    const markup = (list ?? []).map((formula) => `<div>${formula}</div>`).join("");
    node.hidden = !markup;
    if (node.labMarkup === markup) return;
    node.labMarkup = markup;
    node.innerHTML = markup;
  }

  const fill = (template, values) => (template ?? "").replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
  const id = () => `lab-${(count += 1)}`;

  const ICONS = {
    play: "M5 3.2v9.6L13 8z",
    pause: "M4 3h3v10H4zM9 3h3v10H9z",
    first: "M3 3h1.8v10H3zM13 3v10L5.6 8z",
    last: "M11.2 3H13v10h-1.8zM3 3v10l7.4-5z",
    back: "M10.8 3v10L3.6 8zM11.4 3H13v10h-1.6z",
    forward: "M5.2 3v10l7.2-5zM3 3h1.6v10H3z",
    epoch_back: "M8 3v10L2.5 8zM13.5 3v10L8 8z",
    epoch_forward: "M8 3v10l5.5-5zM2.5 3v10L8 8z",
  };
  const LINES = {
    hide: "M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8zM8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6z",
    show: "M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8zM3 13 13 3",
    duplicate: "M5.5 5.5h8v8h-8zM10.5 5V2.5h-8v8H5",
    reset: "M3.2 8a4.8 4.8 0 1 0 1.5-3.5L3 6M3 2.5V6h3.5",
    remove: "M4 4l8 8M12 4l-8 8",
    add: "M8 3v10M3 8h10",
    link: "M6.6 9.4 9.4 6.6M7.5 4.6l1.3-1.3a2.8 2.8 0 0 1 4 4l-1.4 1.2M8.5 11.4l-1.3 1.3a2.8 2.8 0 0 1-4-4l1.4-1.2",
    open: "M4 6l4 4 4-4",
    best: "M8 1.5v3M8 11.5v3M1.5 8h3M11.5 8h3M8 5.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 0 0 0-5.6z",
    draw: "M2.8 13.2l.8-3.2 6.8-6.8 2.4 2.4-6.8 6.8zM8.8 4.8l2.4 2.4",
  };
  function icon(name) {
    const path = svg("path", { d: ICONS[name] ?? LINES[name], class: ICONS[name] ? "lab-solid" : "lab-line" });
    return svg("svg", { viewBox: "0 0 16 16", class: "lab-icon", "aria-hidden": "true" }, path);
  }
  function setIcon(button, name) {
    const path = button.querySelector("path");
    attr(path, "d", ICONS[name] ?? LINES[name]);
    attr(path, "class", ICONS[name] ? "lab-solid" : "lab-line");
  }

  // A run's line as Plotly draws it: colour, dash and marker together, because colour alone tells nothing to some readers.
  const DASHES = { dot: "1.5 3", dash: "6 3.5", longdash: "9 4", dashdot: "6 3 1.5 3", longdashdot: "9 3 1.5 3" };
  const MARKERS = {
    circle: "M14 4.6a3.4 3.4 0 1 1 0 6.8 3.4 3.4 0 0 1 0-6.8z", square: "M11 5h6v6h-6z", diamond: "M14 3.8 18.2 8 14 12.2 9.8 8z",
    "triangle-up": "M14 4l4 7h-8z", "triangle-down": "M14 12l4-7h-8z", "triangle-left": "M10 8l7-4v8z", "triangle-right": "M18 8l-7-4v8z",
    cross: "M12.8 4h2.4v2.8H18v2.4h-2.8V12h-2.4V9.2H10V6.8h2.8z", x: "M11 4l3 3 3-3 1 1-3 3 3 3-1 1-3-3-3 3-1-1 3-3-3-3z",
    star: "M14 3l1.3 3.3 3.5.2-2.7 2.2.9 3.4-3-1.9-3 1.9.9-3.4-2.7-2.2 3.5-.2z", pentagon: "M14 4l4 3-1.5 4.6h-5L10 7z", hexagon: "M12 4.4h4L18 8l-2 3.6h-4L10 8z",
  };
  const marker = (name) => MARKERS[String(name ?? "circle").replace(/-open|-dot/g, "")] ?? MARKERS.circle; // centred on (14, 8)
  function swatch() {
    const line = svg("line", { x1: 1, x2: 27, y1: 8, y2: 8 });
    const mark = svg("path", {});
    const node = svg("svg", { viewBox: "0 0 28 16", class: "lab-swatch", "aria-hidden": "true" }, line, mark);
    return {
      node,
      show(look) {
        attr(node, "hidden", !look);
        if (!look) return;
        attr(node, "style", `color:${look.color}`);
        attr(line, "stroke-dasharray", DASHES[look.dash] ?? (/^[\d., px]+$/.test(look.dash ?? "") ? look.dash : null));
        attr(mark, "d", marker(look.marker));
      },
    };
  }

  // Four significant digits, powers of ten as such: 0.01234, 1.234·10⁻⁵.
  const trimmed = (digits) => (digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits).replace("-", "−");
  const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  function number(value) {
    if (Number.isNaN(value) || value === undefined || value === null) return "—";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    const size = Math.abs(value);
    const [mantissa, exponent] = value.toExponential(3).split("e");
    const places = Math.max(0, 3 - Number(exponent));
    if (value === 0) return "0";
    if (Number(exponent) >= -3 && Number(exponent) < 5) return trimmed(value.toFixed(places));
    const power = exponent.replace("+", "").replace("-", "⁻").replace(/\d/g, (digit) => SUPERSCRIPT[digit]);
    return `${trimmed(mantissa)}·10${power}`;
  }

  return { el, svg, attr, text, each, formulas, fill, id, icon, setIcon, swatch, marker, number };
})();
