package io.rivulet.metrics;

import java.util.Locale;

/** What became of a delivered prompt. */
public enum Outcome {
  STOP("none"),
  LENGTH("none"),
  CANCELLED("none"),
  /** Its deadline passed. */
  DEADLINE("deadline"),
  /** The engine failed at it. */
  ERROR("engine"),
  /** It cannot be served, or was attempted too often: a dead letter. */
  REFUSED("refused"),
  /** An earlier attempt had published all of its answer. */
  ANSWERED_BEFORE("none"),
  /** It came to no end here: another attempt will be made, perhaps by another node. */
  HANDED_BACK("handed_back");

  private final String errorType;

  Outcome(String errorType) {
    this.errorType = errorType;
  }

  /** For {@code error.type}, {@code none} where it is no error. */
  public String errorType() {
    return errorType;
  }

  /** As labels have it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
