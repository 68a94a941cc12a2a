// Where the player stands, for whoever wants to know. Panel and stage are two components on one page, but one module: a word between them needs no server.
const Timeline = (() => {
  const START = { position: 0, atEnd: true, n: 0 };
  const listeners = new Set();
  let leader = null; // the stage whose player it is; on the way from page to page there may be two for a moment: the one that spoke last
  let now = START;

  function become(next) {
    now = next;
    for (const listener of listeners) listener(now);
  }

  return {
    lead(stage) {
      leader = stage;
    },
    leave(stage) {
      if (leader !== stage) return;
      leader = null;
      become(START);
    },
    tell(stage, position, atEnd, n) {
      if (leader === stage) become({ position, atEnd, n });
    },
    go(step) {
      leader?.go(step);
    },
    // Tells at once how things stand; what it returns ends it.
    listen(listener) {
      listeners.add(listener);
      listener(now);
      return () => listeners.delete(listener);
    },
  };
})();
