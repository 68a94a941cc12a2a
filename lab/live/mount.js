// Where Streamlit's calls arrive: one for the first mount, one for every update and change of theme. The view lives on the host element.
const mount = (() => {
  const VIEWS = { atlas: Atlas, landscape: Landscape, panel: Panel, stage: Stage, training: Training };

  class Mounted {
    constructor(kind, host, plotly) {
      this.root = Dom.el("div");
      host.append(this.root);
      this.outbox = new Outbox();
      this.view = new VIEWS[kind](this.root, this.outbox, plotly);
      this.turn = 0;
    }

    async receive(component) {
      if (component === this.component) return;
      this.component = component;
      this.outbox.send = (message) => this.component.setStateValue("message", message);
      const stale = !component.data || component.data === this.data;
      // Asked for only when nothing else is new: it makes the browser compute the styles of the page.
      if (stale || this.ground === undefined) {
        const ground = getComputedStyle(this.root).getPropertyValue("--st-background-color");
        if (stale && this.ground !== undefined && ground !== this.ground) this.outbox.nudge(); // another theme: figures have their colours from Python
        this.ground = ground;
      }
      if (stale) return;
      this.data = component.data;
      const turn = (this.turn += 1);
      try {
        const payload = await Wire.unpack(component.data);
        if (turn !== this.turn) return; // a later one is already being read
        this.outbox.answered(payload.ack ?? 0);
        this.view.show(payload);
      } catch (error) {
        if (turn !== this.turn) return; // a later one is on its way
        if (error instanceof Wire.Missing) this.outbox.askAgain();
        else console.error(error); // the last good picture stays
      }
    }
  }

  return function mount(kind, host, plotly) {
    const mounted = (host.descentLabView ??= new Mounted(kind, host, plotly));
    mounted.receive(host.descentLab);
    // Streamlit also calls this when updates overtake one another; only an element that left the page is really gone.
    return () => setTimeout(() => {
      if (host.isConnected || host.descentLabView !== mounted) return;
      mounted.outbox.heard();
      mounted.view.destroy();
      host.descentLabView = null;
    });
  };
})();
