// Where a value lies on its slider, and what text a position stands for. Positions run from 0 to 1; the ends are exactly `low` and `high`.
const Scale = (() => {
  const TINY = 1e-12;

  // Each scale bends the axis with `bend`, along which the slider is even, and rounds to what a person would write.
  const significant = (value, digits) => String(Number(value.toPrecision(digits)));
  const linear = { bend: (v) => v, back: (u) => u };
  const logarithmic = (low, high) => {
    const floor = low > 0 ? low : Math.max(high * 1e-6, TINY); // zero has no logarithm: it is the end of the slider, reached by the end rule
    return { bend: (v) => Math.log(Math.max(v, floor)), back: Math.exp };
  };
  const complement = (low, high) => {
    const floor = high < 1 ? 1 - high : 1e-6;
    return { bend: (v) => -Math.log(Math.max(1 - v, floor)), back: (u) => 1 - Math.exp(-u) };
  };

  function make({ scale = "linear", low, high }) {
    const { bend, back } = scale === "complement_log" ? complement(low, high) : scale === "linear" ? linear : logarithmic(low, high);
    const [first, last] = [bend(low), bend(high)];

    const position = (value) => Math.min(1, Math.max(0, (bend(value) - first) / (last - first || 1)));

    function round(value) {
      if (scale === "integer_log") return String(Math.round(value));
      if (scale === "complement_log") {
        const rest = 1 - value; // two significant digits of what is missing to 1
        return String(Number(value.toFixed(Math.min(12, Math.max(2, 1 - Math.floor(Math.log10(Math.max(rest, TINY))))))));
      }
      if (scale === "linear") {
        // No finer than a thousandth of the range either, so that a slider through zero does not write 0.000123.
        return significant(Number(value.toFixed(Math.min(15, Math.max(0, 3 - Math.floor(Math.log10(high - low || 1)))))), 3);
      }
      return significant(value, 3);
    }

    function text(at) {
      if (at <= 0) return String(low);
      if (at >= 1) return String(high);
      return round(Math.min(high, Math.max(low, back(first + at * (last - first)))));
    }

    return { position, text };
  }

  return { make };
})();
