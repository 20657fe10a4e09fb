// The colours of densities: even in lightness (OKLab), so that equal steps look equal, also without colour vision. What is
// dense stands out from the paper in both themes.

import {isDark} from "/assets/theme-switch.js";

// Lightness, chroma, hue.
const LIGHT = [[0.965, 0.018, 190], [0.865, 0.07, 190], [0.72, 0.105, 208], [0.54, 0.125, 245], [0.36, 0.13, 285]];
const DARK = [[0.275, 0.035, 255], [0.42, 0.085, 248], [0.585, 0.105, 215], [0.765, 0.125, 170], [0.94, 0.13, 108]];
const SHADES = 256;

const ramps = new Map();

function toLab([l, c, h]) {
  const angle = h * Math.PI / 180;
  return [l, c * Math.cos(angle), c * Math.sin(angle)];
}

// https://bottosson.github.io/posts/oklab/
function toRgb([l, a, b]) {
  const [x, y, z] = [l + 0.3963377774 * a + 0.2158037573 * b, l - 0.1055613458 * a - 0.0638541728 * b,
    l - 0.0894841775 * a - 1.2914855480 * b].map(root => root ** 3);
  return [4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z, -1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z,
    -0.0041960863 * x - 0.7034186147 * y + 1.7076147010 * z]
    .map(v => v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055)
    .map(v => Math.round(255 * Math.min(1, Math.max(0, v))));
}

function build(stops) {
  const points = stops.map(toLab);
  return Array.from({length: SHADES}, (_, i) => {
    const at = i / (SHADES - 1) * (points.length - 1);
    const k = Math.min(Math.floor(at), points.length - 2);
    return toRgb(points[k].map((v, axis) => v + (points[k + 1][axis] - v) * (at - k)));
  });
}

function shades() {
  const stops = isDark() ? DARK : LIGHT;
  if (!ramps.has(stops)) ramps.set(stops, build(stops));
  return ramps.get(stops);
}

/** The colour of a share of the scale, 0 to 1. */
export function colour(share) {
  const [r, g, b] = shades()[Math.round(Math.min(1, Math.max(0, share)) * (SHADES - 1))];
  return `rgb(${r} ${g} ${b})`;
}

/** The ink that reads better on that colour. */
export function ink(share) {
  const linear = shades()[Math.round(Math.min(1, Math.max(0, share)) * (SHADES - 1))]
    .map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.179 ? "#0b1216" : "#ffffff";
}
