// The button that copies the address: the whole experiment is in it.
const Share = (() => {
  const { el, text } = Dom;

  class Share {
    // `place()` is the player's step, as a link says it.
    constructor(place) {
      this.place = place;
      this.copied = el("span", { class: "lab-bubble", role: "status" });
      this.button = el("button", { class: "lab-button lab-copy", type: "button", onclick: () => this.copy() }, Dom.icon("link"), el("span"));
      this.node = el("div", { class: "lab-share" }, this.button, this.copied);
    }

    show(labels) {
      this.labels = labels;
      text(this.button.querySelector("span"), labels.copy);
      Dom.attr(this.button, "aria-label", labels.copy); // where there is room for the icon only
    }

    async copy() {
      const { labels } = this;
      const address = new URL(window.location.href);
      if (address.searchParams.has("at")) address.searchParams.set("at", this.place());
      const link = address.href;
      let done = true;
      try {
        await navigator.clipboard.writeText(link);
      } catch {
        // No permission, or a page without https: the old way, through a selected text.
        const area = el("textarea", { class: "lab-unseen", "aria-hidden": "true" });
        area.value = link;
        this.node.append(area);
        area.select();
        done = document.execCommand("copy");
        area.remove();
        this.button.focus();
      }
      text(this.copied, done ? labels.copied : labels.not_copied);
      clearTimeout(this.quiet);
      this.quiet = setTimeout(() => text(this.copied, ""), 2500);
    }
  }

  return Share;
})();
