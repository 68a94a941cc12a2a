// One picture over time: lines along the steps, the cursor over them with a dot for every run, and a hand that chooses the step.
const Curve = (() => {
  const DOTS = { curve: "height" }; // a run's numbers for the dots; otherwise they are named as the curve is

  class Curve extends Frame {
    // `go(step)` moves the player.
    constructor(name, buttons, go, onaxes) {
      super(`time lab-${name}`, buttons, onaxes);
      this.name = name;
      this.go = go;
      this.cursor = new Cursor(this.node, DOTS[name] ?? name);
      this.scrubbing();
    }

    // New numbers for the dots, or new axes.
    reset(runs, colors) {
      this.cursor.reset(runs, this.graph, colors);
    }

    follow(position, atEnd) {
      this.at = { position, atEnd };
      if (!this.node.hidden && !atEnd) this.cursor.draw(position);
      else this.cursor.hide();
    }

    redrawn() {
      this.cursor.ready = false; // its axes may be others
      if (this.at) this.follow(this.at.position, this.at.atEnd);
    }

    // Press or drag to choose the step.
    scrubbing() {
      const { node } = this;
      let held = null;
      const go = (event) => {
        const along = event.clientX - node.getBoundingClientRect().left;
        const plots = Object.values(this.graph._fullLayout?._plots ?? {});
        const axis = plots.find(({ xaxis }) => along >= xaxis._offset - 8 && along <= xaxis._offset + xaxis._length + 8)?.xaxis;
        if (axis) this.go(this.cursor.step(axis.p2d(along - axis._offset)));
      };
      node.addEventListener("pointerdown", (event) => {
        if (event.button !== 0 || !event.target.closest?.(".nsewdrag")) return;
        held = event.pointerId;
        node.setPointerCapture(held);
        event.preventDefault();
        event.stopPropagation();
        go(event);
      }, true);
      node.addEventListener("pointermove", (event) => event.pointerId === held && go(event), true);
      for (const end of ["pointerup", "pointercancel"]) node.addEventListener(end, () => (held = null), true);
    }
  }

  return Curve;
})();
