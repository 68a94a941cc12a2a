// The starting point: a ring one can grab, click, tap or move with the arrow keys. It is drawn by us above Plotly's own "start" trace (which stays for
// exported images), so it follows the hand at once, whatever the server does.
const Ring = (() => {
  const { el, svg, attr } = Dom;
  const TAP = 10; // px a finger may wander and still tap

  class Ring {
    constructor(frame, outbox) {
      this.frame = frame; // the element that holds Plotly's graph, in whose pixels we draw
      this.outbox = outbox;
      this.circle = svg("circle", { cx: 32, cy: 32, r: 7, class: "lab-ring-line" });
      this.halo = svg("circle", { cx: 32, cy: 32, r: 16, class: "lab-ring-halo" });
      this.node = el("button", { class: "lab-ring", type: "button", hidden: true, onkeydown: (event) => this.press(event) }, svg("svg", { viewBox: "0 0 64 64", "aria-hidden": "true" }, this.halo, this.circle));
      frame.append(this.node);
      frame.addEventListener("pointerdown", (event) => this.down(event), true);
      frame.addEventListener("pointermove", (event) => this.move(event), true);
      for (const end of ["pointerup", "pointercancel"]) frame.addEventListener(end, (event) => this.up(event, end === "pointerup"), true);
    }

    // On a curve of one parameter (`line`) it moves along the axis, at the curve's height.
    show({ start, view_domain: domain, labels, figures, line }) {
      this.line = line;
      this.domain = [domain.w1, domain.w2];
      this.labels = labels;
      if (!this.grip && !this.outbox.holds("start")) this.at = [...start];
      const marker = figures.map?.data.find((trace) => trace.name === "start")?.marker ?? {};
      attr(this.circle, "r", (marker.size ?? 14) / 2);
      attr(this.circle, "stroke-width", marker.line?.width ?? 2);
      this.node.style.color = marker.line?.color ?? marker.color ?? "";
      this.place();
    }

    // Called again whenever Plotly has drawn: the axes may have moved.
    follow(graph) {
      this.graph = graph;
      this.place();
    }

    axes() {
      const full = this.graph?._fullLayout;
      return full?.xaxis?.p2d && full.yaxis ? [full.xaxis, full.yaxis] : null;
    }

    place() {
      const axes = this.axes();
      if (!axes || !this.at) return void (this.node.hidden = true);
      const [x, y] = axes.map((axis, i) => axis.d2p(this.at[i]));
      const inside = x >= -1 && y >= -1 && x <= axes[0]._length + 1 && y <= axes[1]._length + 1;
      this.node.hidden = !inside && !this.grip;
      this.node.style.transform = `translate(${axes[0]._offset + x - 32}px, ${axes[1]._offset + y - 32}px)`;
      attr(this.node, "aria-label", Dom.fill(this.labels.start, { x: this.text(0), y: this.text(1) }));
    }

    // A thousandth of the domain's order of magnitude: finer than a pixel, and short to read in a link.
    digits(i) {
      const [low, high] = this.domain[i];
      return Math.max(0, 3 - Math.floor(Math.log10(high - low || 1)));
    }
    text(i) {
      return String(Number(this.at[i].toFixed(this.digits(i))));
    }

    go(point) {
      const next = point.map((value, i) => {
        const [low, high] = this.domain[i];
        return Number(Math.min(high, Math.max(low, value)).toFixed(this.digits(i)));
      });
      if (this.line) next[1] = Tangent.height(this.line, next[0]);
      if (next.some(Number.isNaN) || (next[0] === this.at[0] && next[1] === this.at[1])) return;
      this.at = next;
      this.place();
      this.outbox.set("start", this.line ? this.text(0) : `${this.text(0)},${this.text(1)}`);
    }

    pointAt(event) {
      const axes = this.axes();
      const box = this.grip?.box ?? this.frame.getBoundingClientRect(); // asked once a drag: it makes the browser lay out the page
      return axes && [axes[0].p2d(event.clientX - box.left - axes[0]._offset), axes[1].p2d(event.clientY - box.top - axes[1]._offset)];
    }

    // A mouse may press anywhere. A finger drags only the ring, so that a swipe elsewhere still scrolls the page; a tap elsewhere sets the start.
    down(event) {
      const onRing = this.node.contains(event.target);
      if (event.button !== 0 || !event.isPrimary || !(onRing || event.target.closest?.(".nsewdrag")) || !this.axes()) return;
      if (event.pointerType === "touch" && !onRing) {
        this.tap = { x: event.clientX, y: event.clientY };
        return;
      }
      const point = this.pointAt(event);
      // Held off centre, the ring does not jump to the pointer.
      this.grip = { id: event.pointerId, offset: onRing ? point.map((value, i) => this.at[i] - value) : [0, 0], box: this.frame.getBoundingClientRect() };
      this.frame.setPointerCapture(event.pointerId);
      this.frame.classList.add("lab-dragging");
      this.outbox.drag(true);
      event.preventDefault();
      event.stopPropagation();
      if (!onRing) this.go(point);
      this.node.hidden = false;
      this.node.focus({ preventScroll: true });
    }

    move(event) {
      if (!this.grip || event.pointerId !== this.grip.id) return;
      event.stopPropagation(); // no hover labels in the way of the hand
      this.go(this.pointAt(event).map((value, i) => value + this.grip.offset[i]));
    }

    up(event, meant) {
      if (this.grip && event.pointerId === this.grip.id) {
        this.grip = null;
        this.frame.classList.remove("lab-dragging");
        this.outbox.drag(false);
        this.place();
      } else if (this.tap) {
        const near = Math.hypot(event.clientX - this.tap.x, event.clientY - this.tap.y) < TAP;
        this.tap = null;
        if (meant && near) this.go(this.pointAt(event));
      }
    }

    press(event) {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
      if (!way) return;
      event.preventDefault();
      event.stopPropagation();
      const part = event.shiftKey ? 0.1 : 0.01;
      this.go(this.at.map((value, i) => value + way[i] * part * (this.domain[i][1] - this.domain[i][0])));
    }
  }

  return Ring;
})();
