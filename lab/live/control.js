// One row of a card: symbol and name, slider, text box, and beneath it a note and what Python found wrong. The text goes out exactly as it was typed;
// JavaScript validates nothing.
const Control = (() => {
  const { el, attr, text } = Dom;
  const POSITIONS = 2000;
  const LONGEST = { text: 300 }; // characters; outbox.py takes no more
  const parse = (value) => Number(String(value).trim().replace(",", ".").replace("−", "-") || NaN);

  function make(control, outbox) {
    const ids = { box: Dom.id(), help: Dom.id(), note: Dom.id(), error: Dom.id() };
    const symbol = el("span", { class: "lab-symbol" });
    const name = el("span", { class: "lab-name" });
    const label = el("label", { class: "lab-label", for: ids.box }, symbol, name);
    const help = el("span", { class: "lab-unseen", id: ids.help });
    const note = el("p", { class: "lab-note lab-row-note", id: ids.note });
    const error = el("p", { class: "lab-error", role: "alert", id: ids.error });
    const kind = { number, choice, point, text: formula, switch: toggle, rule }[control.kind](control, outbox, ids);
    const node = el("div", { class: `lab-row lab-row-${control.kind}` }, kind.bare ? null : label, ...kind.fields, help, note, error);
    let said = "";

    function update(next, labels) {
      text(symbol, next.symbol);
      text(name, next.name);
      attr(label, "title", next.help || next.name);
      text(help, next.help);
      text(note, next.note);
      // While an edit is on its way, what arrives is the answer to an older one.
      if (!outbox.holds(next.key)) {
        kind.show(next);
        const message = next.error ? `⚠ ${labels.problem} ${next.error}` : "";
        if (message !== said) text(error, (said = message));
      }
      const described = [ids.help, next.note && ids.note, said && ids.error].filter(Boolean).join(" ");
      for (const field of kind.bare ? [] : kind.fields) {
        attr(field, "aria-describedby", described);
        attr(field, "aria-invalid", said ? "true" : null);
      }
      kind.name?.(next, labels);
      node.classList.toggle("lab-wrong", Boolean(said));
      node.classList.toggle("lab-strong", Boolean(next.strong));
    }
    return { node, update };
  }

  // A text box that sends on Enter or on leaving, takes Escape back, and is not overwritten while someone types or while their text stands corrected.
  function textBox(control, outbox, ids, mode) {
    const box = el("input", {
      class: "lab-box", id: ids.box, type: "text", inputmode: mode, autocomplete: "off", autocapitalize: "off", spellcheck: "false",
      maxlength: LONGEST[control.kind] ?? 200,
      onchange: commit,
      onkeydown: (event) => {
        if (event.key === "Enter") commit();
        if (event.key === "Escape") box.value = shown;
        event.stopPropagation();
      },
    });
    let shown = "";
    let typed = null;
    function commit() {
      if (box.value === shown) return;
      shown = typed = box.value;
      outbox.set(control.key, box.value);
    }
    return {
      box,
      slid(value) {
        typed = null;
        box.value = shown = value;
      },
      show({ value, error }) {
        const typing = document.activeElement === box && box.value !== shown;
        if (typing || (error && typed === box.value)) return;
        typed = null;
        shown = value;
        if (box.value !== value) box.value = value;
      },
    };
  }

  function number(control, outbox, ids) {
    const field = textBox(control, outbox, ids, "decimal");
    const range = el("input", {
      class: "lab-range", type: "range", min: 0, max: POSITIONS, step: 1,
      oninput: () => slide(Number(range.value) / POSITIONS),
      onkeydown: press,
      onpointerdown: grab,
    });
    let scale = Scale.make(control);
    let limits = "";
    let at = 0;

    function place(position) {
      at = position;
      range.value = Math.round(at * POSITIONS);
      range.style.setProperty("--lab-at", at);
    }
    function slide(position) {
      const value = scale.text(position);
      place(position);
      attr(range, "aria-valuetext", value);
      field.slid(value);
      outbox.set(control.key, value);
    }
    // A key moves by a hundredth, with Shift by a tenth of that, and always far enough to change the number.
    function press(event) {
      const way = { ArrowRight: 1, ArrowUp: 1, PageUp: 10, ArrowLeft: -1, ArrowDown: -1, PageDown: -10 }[event.key];
      event.stopPropagation();
      if (!way) return;
      event.preventDefault();
      const stride = (way / 100) * (event.shiftKey ? 0.1 : 1);
      const before = scale.text(at);
      let next = at;
      do next = Math.min(1, Math.max(0, next + stride));
      while (scale.text(next) === before && next > 0 && next < 1);
      slide(next);
    }
    function grab() {
      outbox.drag(true);
      const release = () => {
        window.removeEventListener("pointerup", release);
        window.removeEventListener("pointercancel", release);
        outbox.drag(false);
      };
      window.addEventListener("pointerup", release);
      window.addEventListener("pointercancel", release);
    }
    return {
      fields: [range, field.box],
      name(next, labels) {
        attr(range, "aria-label", Dom.fill(labels.slider, { name: next.name || next.symbol }));
      },
      show(next) {
        const now = [next.scale, next.low, next.high].join();
        if (now !== limits) scale = Scale.make(next);
        limits = now;
        field.show(next);
        const value = parse(next.value);
        if (Number.isNaN(value)) return;
        const position = scale.position(value);
        if (scale.text(at) !== next.value || position === 0 || position === 1) place(position);
        attr(range, "aria-valuetext", next.value);
      },
    };
  }

  function point(control, outbox, ids) {
    const field = textBox(control, outbox, ids, "text");
    return { fields: [field.box], show: field.show };
  }

  // Wide enough for a formula.
  function formula(control, outbox, ids) {
    const field = textBox(control, outbox, ids, "text");
    field.box.classList.add("lab-formula");
    return { fields: [field.box], show: field.show };
  }

  function toggle(control, outbox, ids) {
    const box = el("input", {
      class: "lab-switch", id: ids.box, type: "checkbox", role: "switch",
      onchange: () => outbox.set(control.key, box.checked ? "1" : "0"),
      onkeydown: (event) => event.stopPropagation(),
    });
    return {
      fields: [box],
      show(next) {
        box.checked = next.value === "1";
      },
    };
  }

  // Nothing to set: what the controls around it mean.
  function rule() {
    const lines = el("div", { class: "lab-rule" });
    return { bare: true, fields: [lines], show: (next) => Dom.formulas(lines, next.rule) };
  }

  function choice(control, outbox, ids) {
    const select = el("select", { class: "lab-select", id: ids.box, onchange: () => outbox.set(control.key, select.value), onkeydown: (event) => event.stopPropagation() });
    return {
      fields: [select],
      show(next) {
        options(select, next.options);
        if (select.value !== next.value) select.value = next.value;
      },
    };
  }

  function options(select, list) {
    Dom.each(select, list ?? [], (option) => option.key, (option) => ({ node: el("option", { value: option.key }) }), (entry, option) => text(entry.node, option.title));
  }

  return { make, options };
})();
