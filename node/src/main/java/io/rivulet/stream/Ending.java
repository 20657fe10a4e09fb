package io.rivulet.stream;

import io.rivulet.engine.GenerationResult;
import io.rivulet.metrics.Outcome;
import io.rivulet.protocol.FinishReason;
import java.util.Optional;

/**
 * How an attempt ends.
 *
 * @param result what was computed; absent where nothing was
 */
record Ending(Outcome outcome, Optional<GenerationResult> result) {

  static final Ending HANDED_BACK = new Ending(Outcome.HANDED_BACK, Optional.empty());
  static final Ending REFUSED = new Ending(Outcome.REFUSED, Optional.empty());
  static final Ending ANSWERED_BEFORE = new Ending(Outcome.ANSWERED_BEFORE, Optional.empty());

  static Ending of(FinishReason reason, Optional<GenerationResult> result) {
    return new Ending(
        switch (reason) {
          case STOP -> Outcome.STOP;
          case LENGTH -> Outcome.LENGTH;
          case CANCELLED -> Outcome.CANCELLED;
          case DEADLINE -> Outcome.DEADLINE;
          case ERROR -> Outcome.ERROR;
        },
        result);
  }
}
