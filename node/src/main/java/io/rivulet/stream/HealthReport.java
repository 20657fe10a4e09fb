package io.rivulet.stream;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What was found when a node was asked whether it works. */
public record HealthReport(List<Check> checks) {

  public HealthReport {
    checks = List.copyOf(checks);
  }

  /** Whether all is well. */
  public boolean ok() {
    return checks.stream().allMatch(Check::ok);
  }

  /** Of each part whether it is well. */
  public Map<String, Boolean> byName() {
    return checks.stream().collect(Collectors.toMap(Check::name, Check::ok));
  }

  /**
   * One part of the node.
   *
   * @param name of the part, always the same
   * @param detail how it is, in one line for people
   */
  public record Check(String name, boolean ok, String detail) {}
}
