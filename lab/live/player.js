// Time: a bar with buttons and a scrub line, and a clock in the browser. It knows steps, not pictures; `onmove(position, atEnd)` draws.
const Player = (() => {
  const { el, attr, text } = Dom;
  const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
  const STEPS_PER_SECOND = 20;
  const LONGEST = 10; // s for a whole path at 1×
  const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  class Player {
    constructor(onmove) {
      this.onmove = onmove;
      this.n = 0;
      this.position = 0; // a step, with a fraction while it plays smoothly
      this.atEnd = true;
      this.playing = false;
      const button = (name, click) => el("button", { class: `lab-tool lab-key lab-key-${name}`, type: "button", onclick: click }, Dom.icon(name));
      this.keys = {
        play: button("play", () => this.toggle()),
        first: button("first", () => this.go(0)),
        back: button("back", () => this.go(this.step - 1)),
        forward: button("forward", () => this.go(this.step + 1)),
        last: button("last", () => this.go(this.n)),
      };
      this.scrub = el("input", { class: "lab-range lab-scrub", type: "range", min: 0, step: 1, oninput: () => this.go(Number(this.scrub.value)) });
      this.readout = el("output", { class: "lab-step" });
      this.speed = el("select", { class: "lab-select lab-speed" }, ...SPEEDS.map((speed) => el("option", { value: speed }, `${speed}×`)));
      this.speed.value = "1";
      this.node = el("div", { class: "lab-player", role: "group" }, el("div", { class: "lab-keys" }, ...Object.values(this.keys)), this.scrub, this.readout, this.speed);
    }

    get step() {
      return Math.floor(this.position);
    }

    // New numbers: the cursor keeps its step, or stays at the end.
    show(n, labels) {
      this.n = n;
      this.labels = labels;
      if (this.atEnd || this.position > n) this.position = n;
      for (const name of ["first", "back", "forward", "last"]) this.name(this.keys[name], labels[name]);
      attr(this.scrub, "max", n);
      attr(this.scrub, "aria-label", labels.scrub);
      attr(this.speed, "aria-label", labels.speed);
      attr(this.speed, "title", labels.speed);
      this.readout.style.minWidth = `${this.words(n).length + 1}ch`;
      this.tell();
    }

    words(t) {
      return Dom.fill(this.labels.step, { t, n: this.n });
    }

    name(button, label) {
      attr(button, "aria-label", label);
      attr(button, "title", label);
    }

    tell() {
      const { step, n, labels } = this;
      if (this.scrub.value !== String(step)) this.scrub.value = step;
      this.scrub.style.setProperty("--lab-at", n ? step / n : 1);
      const words = this.words(step);
      text(this.readout, words);
      attr(this.scrub, "aria-valuetext", words);
      this.name(this.keys.play, this.playing ? labels.pause : labels.play);
      Dom.setIcon(this.keys.play.firstChild, this.playing ? "pause" : "play");
      // Said, not done: a button that is really disabled would drop the focus, and the arrow keys with it.
      for (const key of [this.keys.first, this.keys.back]) attr(key, "aria-disabled", String(step <= 0));
      for (const key of [this.keys.last, this.keys.forward]) attr(key, "aria-disabled", String(this.atEnd));
    }

    // A person's hand on time stops the clock.
    go(step) {
      this.playing = false;
      this.move(Math.min(this.n, Math.max(0, step)));
    }

    move(position) {
      this.position = position;
      this.atEnd = position >= this.n;
      this.tell();
      this.onmove(position, this.atEnd);
    }

    toggle() {
      if (this.playing) return this.go(this.step);
      if (!this.n) return;
      this.playing = true;
      this.move(this.atEnd ? 0 : this.position);
      this.exact = this.position; // where smooth motion would be; shown in whole steps to those who asked for less motion
      let last = performance.now();
      const frame = (now) => {
        if (!this.playing || !this.node.isConnected) return;
        const rate = Number(this.speed.value) * Math.max(STEPS_PER_SECOND, this.n / LONGEST);
        this.exact = Math.min(this.n, this.exact + (rate * Math.min(250, Math.max(0, now - last))) / 1000);
        last = now;
        if (this.exact >= this.n) this.playing = false;
        const position = calm() ? Math.floor(this.exact) : this.exact;
        if (position !== this.position || !this.playing) this.move(position);
        if (this.playing) requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    }

    // Space and arrows, wherever the focus is in the stage, unless the focused thing uses the key itself.
    press(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
      const action = { " ": () => this.toggle(), ArrowLeft: () => this.go(this.step - 1), ArrowRight: () => this.go(this.step + 1) }[event.key];
      if (!action || (event.key === " " && event.target.closest("button:not(.lab-ring)"))) return;
      event.preventDefault();
      event.stopPropagation();
      action();
    }
  }

  return Player;
})();
