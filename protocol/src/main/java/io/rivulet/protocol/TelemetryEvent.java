package io.rivulet.protocol;

import java.time.Instant;

/** What a node says about itself. */
public sealed interface TelemetryEvent permits SparsityReport, NodeReport {

  /** Who reports. */
  String node();

  /** When, by that node's clock. */
  Instant time();

  /** What {@code ce_type} says of it. */
  default MessageType type() {
    return switch (this) {
      case SparsityReport report -> MessageType.SPARSITY_REPORT;
      case NodeReport report -> MessageType.NODE_REPORT;
    };
  }

  /** As the value of a record in the telemetry topic. */
  default byte[] toJson() {
    return EventJson.write(this);
  }

  /**
   * Reads a record's value; unknown fields are ignored.
   *
   * @param type the record's {@code ce_type}
   * @throws MalformedMessageException naming the type that is not known or the field that cannot be
   *     read
   */
  static TelemetryEvent fromJson(String type, byte[] json) {
    if (type.equals(MessageType.SPARSITY_REPORT.type())) {
      return EventJson.readSparsityReport(json);
    }
    if (type.equals(MessageType.NODE_REPORT.type())) {
      return EventJson.readNodeReport(json);
    }
    throw new MalformedMessageException("ce_type must be one of telemetry's, was '" + type + "'");
  }
}
