package io.rivulet.protocol;

/** The {@code ce_type} of each message; the number at its end is the version of its schema. */
public enum MessageType {
  GENERATION_REQUEST("io.rivulet.generation-request.v1"),
  TOKEN("io.rivulet.token.v1"),
  CANCEL("io.rivulet.cancel.v1"),
  SPARSITY_REPORT("io.rivulet.sparsity-report.v1"),
  NODE_REPORT("io.rivulet.node-report.v1");

  private final String type;

  MessageType(String type) {
    this.type = type;
  }

  /** The header's value. */
  public String type() {
    return type;
  }
}
