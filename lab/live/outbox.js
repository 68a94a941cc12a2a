// Edits on their way to Python. Nothing is lost and nothing piles up: an edit stays until it is acknowledged, of several values of one control only the
// latest travels, and at most two messages are under way: one being computed, one waiting, so that the server does not idle while the answer travels.
const Outbox = (() => {
  const PATIENCE = 400; // ms to wait for an answer before the next message may leave all the same
  const ASKING = 2000; // ms until what could not be read is asked for once more
  const UNDER_WAY = 2;
  const MOST = 64;
  let clock = 0; // shared by all components and monotonic across remounts

  class Outbox {
    constructor() {
      this.send = () => {};
      this.actions = [];
      this.dragging = false;
      this.underWay = []; // for each message, the last edit in it
      this.dirty = false;
      this.timer = 0;
      this.asking = 0;
    }

    set(key, text) {
      if (this.restructuring && /^run\d/.test(key)) return; // which run that is, is just being decided
      // Never reach back over an add or a remove: those change what the keys mean.
      let from = this.actions.length;
      while (from > 0 && this.actions[from - 1][1] === "set") from -= 1;
      this.actions = this.actions.filter((action, i) => i < from || action[2] !== key);
      this.push("set", key, text);
    }

    // Of several of this kind only the latest travels.
    only(kind, ...args) {
      this.actions = this.actions.filter((action) => action[1] !== kind);
      this.push(kind, ...args);
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
      return this.actions.some((action) => !["set", "hide", "draw", "best", "cell"].includes(action[1]));
    }

    heard() {
      clearTimeout(this.asking);
      this.asking = 0;
    }

    answered(ack) {
      this.heard();
      clock = Math.max(clock, ack);
      this.actions = this.actions.filter((action) => action[0] > ack);
      this.landed(this.underWay.filter((last) => last > ack));
    }

    // Until an answer can be read: the first one to this may be older than the question.
    askAgain() {
      if (this.asking) return;
      this.post(this.actions.slice(0, MOST), []);
      this.asking = setTimeout(() => {
        this.asking = 0;
        this.askAgain();
      }, ASKING);
    }

    // `at` tells which of the components spoke last: what the browser holds is the same for both.
    post(actions, have) {
      clock = Math.max(clock + 1, Date.now() * 1000);
      this.send({ actions, have, dragging: this.dragging, at: clock });
    }

    // Nothing was edited, but a new answer is wanted.
    nudge() {
      this.post(this.actions.slice(0, MOST), Wire.have());
    }

    changed() {
      this.dirty = true;
      queueMicrotask(() => this.flush()); // several edits of one moment travel together
    }

    flush() {
      if (!this.dirty || this.underWay.length >= UNDER_WAY) return;
      const actions = this.actions.slice(0, MOST);
      this.dirty = actions.length < this.actions.length;
      this.underWay.push(actions.at(-1)?.[0] ?? 0);
      this.wait();
      this.post(actions, Wire.have());
    }

    landed(left) {
      this.underWay = left;
      this.wait();
      this.flush();
    }

    // The server may have nothing new to say, or be gone: do not wait for ever.
    wait() {
      clearTimeout(this.timer);
      if (this.underWay.length) this.timer = setTimeout(() => this.landed([]), PATIENCE);
    }
  }

  return Outbox;
})();
