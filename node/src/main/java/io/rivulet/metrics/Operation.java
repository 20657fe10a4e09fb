package io.rivulet.metrics;

/** What a request asks for, in the words of the GenAI semantic conventions. */
public enum Operation {
  CHAT("chat"),
  TEXT_COMPLETION("text_completion");

  private final String text;

  Operation(String text) {
    this.text = text;
  }

  /** As the conventions write it. */
  public String text() {
    return text;
  }
}
