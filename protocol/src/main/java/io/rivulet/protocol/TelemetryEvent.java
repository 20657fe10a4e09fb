package io.rivulet.protocol;

import java.time.Instant;

/** What a node says about itself. */
public sealed interface TelemetryEvent permits SparsityReport, NodeReport {

  /** Of the reports' schema. It rises when a field's meaning changes, or one goes. */
  int VERSION = 2;

  /** Of the schema that the report was written by; 1 where it does not say. */
  int version();

  /** Who reports. */
  String node();

  /** The name of the model that it serves. */
  String model();

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
    return TelemetryJson.write(this);
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
      return TelemetryJson.readSparsityReport(json);
    }
    if (type.equals(MessageType.NODE_REPORT.type())) {
      return TelemetryJson.readNodeReport(json);
    }
    throw new MalformedMessageException("ce_type must be one of telemetry's, was '" + type + "'");
  }
}
