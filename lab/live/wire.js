// The browser's end of wire.py: bytes in, plain objects with typed arrays out.
const Wire = (() => {
  const KEPT = 12;
  const kept = new Map(); // content address → array or plain value; the oldest first. Shared by all components, and it outlives them.
  const TYPES = { f4: Float32Array, f8: Float64Array, i4: Int32Array, u1: Uint8Array };
  const NOT_FINITE = { nan: NaN, inf: Infinity, "-inf": -Infinity };

  class Missing extends Error {} // the server believed that we still hold an array; ask again

  async function inflate(bytes) {
    const { writable, readable } = new DecompressionStream("deflate"); // fed by hand: a Blob would make a round through the browser's main process
    const writer = writable.getWriter();
    const fed = Promise.all([writer.write(bytes), writer.close()]);
    const [buffer] = await Promise.all([new Response(readable).arrayBuffer(), fed]);
    return buffer;
  }

  // The first bytes of all numbers come first, then the second ones, and so on.
  function arrayAt(buffer, offset, { dtype, shape }) {
    const flat = new TYPES[dtype](shape.reduce((a, b) => a * b, 1));
    const [from, to] = [new Uint8Array(buffer, offset, flat.byteLength), new Uint8Array(flat.buffer)];
    const width = flat.BYTES_PER_ELEMENT;
    for (let plane = 0, i = 0; plane < width; plane += 1) for (let at = plane; at < to.length; at += width, i += 1) to[at] = from[i];
    if (shape.length === 1) return flat;
    const [rows, columns] = shape; // Plotly takes heights as an array of rows
    return Array.from({ length: rows }, (_, i) => flat.subarray(i * columns, (i + 1) * columns));
  }

  function remember(address, value) {
    kept.delete(address);
    kept.set(address, value);
    if (kept.size > KEPT) kept.delete(kept.keys().next().value);
    return value;
  }

  async function unpack(data) {
    const buffer = await inflate(data);
    const length = new DataView(buffer).getUint32(0, true);
    const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
    const offsets = [];
    let at = 4 + length;
    for (const size of head.blobs) {
      offsets.push(at);
      at += Math.ceil(size / 8) * 8;
    }
    const placed = new Map(); // an array that occurs twice is one object here too
    const decode = (node) => {
      if (node === null || typeof node !== "object") return node;
      if (Array.isArray(node)) return node.map(decode);
      if ("$n" in node) return NOT_FINITE[node.$n];
      if ("$h" in node) {
        const known = kept.get(node.$h); // the same object as last time, so Plotly sees that nothing changed
        if (known) return remember(node.$h, known);
        if ("$v" in node) return remember(node.$h, decode(node.$v));
        if (!("$" in node)) throw new Missing(node.$h);
        return remember(node.$h, arrayAt(buffer, offsets[node.$], node));
      }
      if ("$" in node) {
        const key = [node.$, node.dtype, node.shape].join(); // the same bytes may be read in two shapes
        if (!placed.has(key)) placed.set(key, arrayAt(buffer, offsets[node.$], node));
        return placed.get(key);
      }
      return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, decode(value)]));
    };
    return decode(head.payload);
  }

  return { unpack, have: () => [...kept.keys()], Missing };
})();
