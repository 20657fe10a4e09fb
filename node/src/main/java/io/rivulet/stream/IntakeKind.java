package io.rivulet.stream;

/** How a node takes prompts from Kafka. */
public enum IntakeKind {
  /** As the broker allows: a share group where it has them, else a consumer group. */
  AUTO,
  /**
   * As a member of a share group: any number of nodes share a partition, and tokens are delivered
   * at least once.
   */
  SHARE,
  /**
   * As a member of a consumer group: tokens and progress are one transaction, so that a {@code
   * read_committed} reader sees each token once.
   */
  GROUP
}
