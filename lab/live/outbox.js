// Edits on their way to Python. Nothing is lost and nothing queues: an edit stays until it is acknowledged, one message is in flight at a time,
// and of several values of one control only the latest travels.
const Outbox = (() => {
  const PATIENCE = 400; // ms to wait for an answer before the next message may leave
  const MOST = 64;
  let clock = 0; // shared by all components and monotonic across remounts

  class Outbox {
    constructor() {
      this.send = () => {};
      this.actions = [];
      this.dragging = false;
      this.inFlight = false;
      this.dirty = false;
      this.timer = 0;
    }

    set(key, text) {
      // Never reach back over an add or a remove: those change what the keys mean.
      let from = this.actions.length;
      while (from > 0 && this.actions[from - 1][1] === "set") from -= 1;
      this.actions = this.actions.filter((action, i) => i < from || action[2] !== key);
      this.push("set", key, text);
    }

    push(kind, ...args) {
      clock = Math.max(clock + 1, Date.now() * 1000);
      this.actions.push([clock, kind, ...args]);
      this.changed();
    }

    drag(on) {
      if (this.dragging === on) return;
      this.dragging = on;
      if (!on) this.changed(); // the last word of a drag says that the hand is off
    }

    // An edit of this control that Python has not answered yet.
    holds(key) {
      return this.actions.some((action) => action[1] === "set" && action[2] === key);
    }

    // An edit after which run indices mean something else.
    get restructuring() {
      return this.actions.some((action) => action[1] !== "set" && action[1] !== "hide");
    }

    answered(ack) {
      clock = Math.max(clock, ack);
      this.actions = this.actions.filter((action) => action[0] > ack);
      this.landed();
    }

    askAgain() {
      if (this.asked) return;
      this.asked = true;
      this.send({ actions: this.actions.slice(0, MOST), have: [], dragging: this.dragging });
    }

    changed() {
      this.dirty = true;
      if (!this.inFlight) queueMicrotask(() => this.flush());
    }

    flush() {
      if (this.inFlight || !this.dirty) return;
      this.dirty = this.actions.length > MOST;
      this.inFlight = true;
      this.timer = setTimeout(() => this.landed(), PATIENCE);
      this.send({ actions: this.actions.slice(0, MOST), have: Wire.have(), dragging: this.dragging });
    }

    landed() {
      this.inFlight = false;
      this.asked = false;
      clearTimeout(this.timer);
      this.flush();
    }
  }

  return Outbox;
})();
