package io.rivulet.engine;

import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells when layers fall back and return, each layer at most once a minute. For one thread. */
final class FallbackLog {

  private static final Logger log = LoggerFactory.getLogger(FallbackLog.class);
  private static final long PAUSE = Duration.ofMinutes(1).toNanos();

  private final long[] toldAt;
  private final int[] untold;

  FallbackLog(int layers) {
    toldAt = new long[layers];
    untold = new int[layers];
    long longAgo = System.nanoTime() - PAUSE;
    for (int layer = 0; layer < layers; layer++) {
      toldAt[layer] = longAgo;
    }
  }

  /** An answer's layer has fallen back or returned. */
  void changed(int layer, LayerTrust trust) {
    long now = System.nanoTime();
    if (now - toldAt[layer] < PAUSE) {
      untold[layer]++;
      return;
    }
    log.info(
        String.format(
            Locale.ROOT,
            "layer %d %s in an answer whose audits find a recall of %.3f and a CETT of %.3f%s",
            layer,
            trust.trusts(layer) ? "leaves neurons out again" : "falls back to computing exactly",
            trust.recall(layer),
            trust.cett(layer),
            untold[layer] == 0 ? "" : "; " + untold[layer] + " such changes were not told"));
    toldAt[layer] = now;
    untold[layer] = 0;
  }
}
