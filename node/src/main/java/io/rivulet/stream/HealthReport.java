package io.rivulet.stream;

import java.util.List;

/** TEMP until metrics7 is merged. */
public record HealthReport(List<HealthReport.Check> checks) {

  public record Check(String name, boolean ok, String detail) {}

  public boolean ok() {
    return checks.stream().allMatch(Check::ok);
  }
}
