// Quantiles of histograms: plain counts, one more than bounds, for what is over the last bound.

/** Adds up histograms of the same bounds; null where none has observations. */
export function merge(histograms) {
  let sum = null;
  for (const histogram of histograms) {
    if (!histogram?.counts) continue;
    if (!sum || sum.counts.length !== histogram.counts.length) {
      sum = {bounds: histogram.bounds_ms, counts: [...histogram.counts]};
    } else {
      histogram.counts.forEach((count, i) => sum.counts[i] += count);
    }
  }
  return sum && sum.counts.some(count => count > 0) ? sum : null;
}

/** The value that a share of the observations does not exceed, straight within a bucket. */
export function quantile(histogram, share) {
  if (!histogram) return undefined;
  const {bounds, counts} = histogram;
  const wanted = share * counts.reduce((a, b) => a + b, 0);
  let below = 0;
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] > 0 && below + counts[i] >= wanted) {
      if (i >= bounds.length) return bounds[bounds.length - 1];
      const low = i === 0 ? 0 : bounds[i - 1];
      return low + (bounds[i] - low) * Math.max(0, wanted - below) / counts[i];
    }
    below += counts[i];
  }
  return undefined;
}
