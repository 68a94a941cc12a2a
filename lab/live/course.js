// The player of iterations that also knows epochs.
const Course = (() => {
  const { el } = Dom;

  class Course extends Player {
    constructor(onmove) {
      super(onmove);
      const button = (name, click, icon) => el("button", { class: `lab-tool lab-key lab-key-${name}`, type: "button", onclick: click }, Dom.icon(icon));
      this.keys.epoch_back = button("epoch_back", () => this.epoch(-1), "epoch_back");
      this.keys.epoch_forward = button("epoch_forward", () => this.epoch(1), "epoch_forward");
      this.keys.back.before(this.keys.epoch_back);
      this.keys.forward.after(this.keys.epoch_forward);
    }

    set(n, per, labels) {
      this.per = per;
      this.show(n, labels);
      for (const name of ["epoch_back", "epoch_forward"]) this.name(this.keys[name], labels[name]);
    }

    words(t) {
      return Dom.fill(this.labels.step, { t, n: this.n, epoch: Math.floor(t / this.per) });
    }

    // To the end of the epoch before or after.
    epoch(way) {
      const at = this.step / this.per;
      this.go(this.per * (way > 0 ? Math.floor(at) + 1 : Math.ceil(at) - 1));
    }

    press(event) {
      const way = { PageUp: -1, PageDown: 1 }[event.key];
      if (!way || (event.target !== this.scrub && event.target.closest("input, select, textarea"))) return super.press(event);
      event.preventDefault();
      event.stopPropagation();
      this.epoch(way);
    }
  }

  return Course;
})();
