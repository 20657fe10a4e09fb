// Where lines and labels of axes go.

const STEPS = [1, 2, 4, 6, 8, 10];

/** The smallest round number that is no less. */
export function roundUp(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return STEPS.find(step => step * power >= value * (1 - 1e-9)) * power;
}

/** Times for labels, a few between two times. */
export function timeTicks(from, to, most) {
  const step = [10, 15, 30, 60, 120, 300].map(s => 1000 * s).find(ms => (to - from) / ms <= most) ?? 600_000;
  const ticks = [];
  for (let t = Math.ceil(from / step) * step; t <= to; t += step) {
    ticks.push(t);
  }
  return ticks;
}
