// Numbers as people read them. What is not known is a dash.

const NONE = "–";
const known = value => typeof value === "number" && Number.isFinite(value);

const fixed = digits => new Intl.NumberFormat("en", {minimumFractionDigits: digits, maximumFractionDigits: digits});
const FIXED = [fixed(0), fixed(1), fixed(2), fixed(3)];

/** About three significant digits. */
export function number(value) {
  if (!known(value)) return NONE;
  const size = Math.abs(value);
  return FIXED[size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : 2].format(value);
}

export const whole = value => known(value) ? FIXED[0].format(value) : NONE;

export const share = value => known(value) ? FIXED[value < 0.0995 ? 2 : 1].format(100 * value) + " %" : NONE;

/** A share's place on an axis: 5 %, 12.5 %. */
export const roughShare = value => `${+(100 * value).toFixed(1)} %`;

export const ratio = value => known(value) ? FIXED[3].format(value) : NONE;

export function duration(ms) {
  if (!known(ms)) return NONE;
  if (ms < 1) return ms === 0 ? "0 ms" : FIXED[2].format(ms) + " ms";
  if (ms < 1000) return FIXED[ms < 10 ? 1 : 0].format(ms) + " ms";
  const s = ms / 1000;
  if (s < 60) return FIXED[s < 10 ? 2 : 1].format(s) + " s";
  if (s < 3600) return `${Math.floor(s / 60)} min ${Math.floor(s % 60)} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min`;
}

const UNITS = ["B", "kB", "MB", "GB", "TB"];

export function bytes(value) {
  if (!known(value)) return NONE;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${number(value)} ${UNITS[unit]}`;
}

const CLOCK = new Intl.DateTimeFormat("en", {hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23"});
const SHORT_CLOCK = new Intl.DateTimeFormat("en", {hour: "2-digit", minute: "2-digit", hourCycle: "h23"});

export const clock = ms => CLOCK.format(ms);
export const shortClock = ms => SHORT_CLOCK.format(ms);
