// The left column: the curve of η where the page has one, and beneath it one card a group, updated in place, so that focus, caret and a slider in the hand
// survive every answer from the server.
const Panel = (() => {
  const { el, attr, text } = Dom;
  const NARROW = 480; // px of the panel, on a screen of less than PHONE: there one card is open at a time
  const PHONE = 700;
  const GAP = 8; // px between the curve and the cards
  const TOOLS = ["best", "draw", "hide", "duplicate", "reset", "remove"];

  class Panel {
    constructor(root, outbox, plotly) {
      this.outbox = outbox;
      this.root = root;
      this.labels = {};
      this.closed = new Set(); // wide: the cards someone folded
      this.single = undefined; // narrow: the one card that is open
      this.list = el("div", { class: "lab-cards" });
      this.choose = el("select", { class: "lab-select" });
      this.addIt = el("button", { class: "lab-button", type: "button", onclick: () => this.restructure("add", this.choose.value) }, Dom.icon("add"), el("span", {}));
      this.adder = el("div", { class: "lab-adder" }, this.choose, this.addIt);
      this.full = el("p", { class: "lab-note" });
      root.classList.add("lab", "lab-panel");
      attr(root, "role", "region");
      this.rate = new Rate(root, outbox, plotly, () => this.press());
      root.append(this.rate.node, this.list, this.adder, this.full);
      this.watch = new ResizeObserver(() => this.measure());
      this.watch.observe(root);
    }

    destroy() {
      this.watch.disconnect();
      this.rate.destroy();
    }

    show(payload) {
      const { groups, add, full, labels } = payload;
      const had = this.root.contains(document.activeElement) ? this.focused() : -1;
      const grown = this.groups && groups.find((group) => !this.groups.some((old) => old.id === group.id));
      this.groups = groups;
      this.labels = labels;
      this.payload = payload;
      if (grown) this.single = grown.id;
      if (this.single === undefined) this.single = (groups.find((group) => group.run !== null) ?? groups[0])?.id;
      attr(this.root, "aria-label", labels.panel);
      const cards = payload.height && payload.height - (payload.rate ? Rate.height(payload) + GAP : 0);
      this.root.style.setProperty("--lab-height", cards ? `${cards}px` : "none");
      Dom.each(this.list, groups, (group) => group.id, () => this.card(), (card, group) => this.update(card, group));
      this.adder.hidden = !add;
      if (add) {
        Control.options(this.choose, add.options);
        attr(this.choose, "aria-label", add.label);
        text(this.addIt.querySelector("span"), add.label);
      }
      this.full.hidden = !full;
      text(this.full, full);
      if (this.narrow === undefined) this.measure(); // later the observer does: to ask for the width makes the browser lay out the page
      else this.fold();
      this.rate.show(payload, this.narrow);
      if (grown) this.list.children[groups.indexOf(grown)].scrollIntoView({ block: "nearest" });
      // A removed card takes the focus with it: hand it to the one that moved up.
      if (had >= 0 && !this.root.contains(document.activeElement)) this.list.children[Math.min(had, groups.length - 1)]?.querySelector(".lab-fold")?.focus();
    }

    focused() {
      return [...this.list.children].findIndex((card) => card.contains(document.activeElement));
    }

    measure() {
      const width = this.root.clientWidth;
      if (!width) return;
      this.narrow = width < NARROW && window.innerWidth < PHONE;
      this.root.classList.toggle("lab-narrow", this.narrow);
      this.rate.resize(width, this.narrow);
      this.fold();
    }

    // Whose pencil is in the hand.
    press() {
      for (const card of this.list.children) {
        const button = card.querySelector(".lab-tool-draw");
        attr(button, "aria-pressed", String(this.rate.drawing !== null && Number(button.dataset.run) === this.rate.drawing));
      }
    }

    fold() {
      (this.groups ?? []).forEach((group, i) => {
        const card = this.list.children[i];
        const open = !group.title || (this.narrow ? group.id === this.single : !this.closed.has(group.id));
        card.classList.toggle("lab-open", open);
        attr(card.querySelector(".lab-fold"), "aria-expanded", String(open));
      });
    }

    toggle(id) {
      if (this.narrow) this.single = this.single === id ? null : id;
      else if (!this.closed.delete(id)) this.closed.add(id);
      this.fold();
    }

    // Adding and removing change what a run's number means: wait for the answer before the next such edit.
    restructure(kind, ...args) {
      if (!this.outbox.restructuring) this.outbox.push(kind, ...args);
    }

    card() {
      const body = Dom.id();
      const card = { swatch: Dom.swatch(), tools: {} };
      card.title = el("span", { class: "lab-title" });
      card.fold = el("button", { class: "lab-fold", type: "button", "aria-controls": body, onclick: () => this.toggle(card.group.id) }, card.swatch.node, card.title, Dom.icon("open"));
      card.bar = el("div", { class: "lab-tools" });
      for (const name of TOOLS) card.bar.append((card.tools[name] = this.tool(card, name)));
      card.head = el("header", { class: "lab-head" }, el("h3", {}, card.fold), card.bar);
      card.rule = el("div", { class: "lab-rule" });
      card.note = el("p", { class: "lab-note" });
      card.rows = el("div", { class: "lab-rows" });
      card.node = el("section", { class: "lab-card" }, card.head, el("div", { class: "lab-body", id: body }, card.rule, card.note, card.rows));
      return card;
    }

    tool(card, name) {
      const click = () => {
        const { run, hidden } = card.group;
        if (name === "draw") this.rate.toggle(run, card.group.base);
        else if (name === "hide") this.outbox.restructuring || this.outbox.push("hide", run, hidden ? 0 : 1);
        else this.restructure(name, run);
      };
      return el("button", { class: `lab-tool lab-tool-${name}`, type: "button", onclick: click }, Dom.icon(name), el("span", {}));
    }

    update(card, group) {
      card.group = group;
      card.head.hidden = !group.title;
      attr(card.node, "aria-label", group.title || null);
      card.node.classList.toggle("lab-off", Boolean(group.hidden));
      card.swatch.show(group.swatch);
      card.node.style.setProperty("--lab-run", group.swatch?.color ?? "var(--lab-accent)"); // the sliders of a run are its colour
      text(card.title, group.title);
      for (const [name, button] of Object.entries(card.tools)) {
        const word = this.labels[name === "hide" && group.hidden ? "show" : name];
        button.hidden = !group.actions?.includes(name) || (name === "draw" && (group.hidden || !(this.payload.rate && group.base > 0)));
        text(button.querySelector("span"), word);
        attr(button, "aria-label", `${word}: ${group.title}`);
        attr(button, "title", name === "draw" ? this.labels.draw_help : word);
        if (name === "draw") attr(button, "data-run", group.run);
        if (name === "hide") Dom.setIcon(button, group.hidden ? "show" : "hide");
      }
      Dom.formulas(card.rule, group.rule);
      card.note.hidden = !group.note;
      text(card.note, group.note);
      Dom.each(card.rows, group.controls, (control) => `${control.kind} ${control.key}`, (control) => Control.make(control, this.outbox), (row, control) => row.update(control, this.labels));
    }
  }

  return Panel;
})();
