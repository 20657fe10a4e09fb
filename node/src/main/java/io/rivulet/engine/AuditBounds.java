package io.rivulet.engine;

import java.util.OptionalDouble;

/**
 * What an answer's audits of a layer must find, or it is computed exactly for the answer.
 *
 * @param recallFloor the least recall; absent where no predictor names the layer's neurons
 * @param cettCeiling the greatest CETT; both are absent where nothing is audited
 */
public record AuditBounds(OptionalDouble recallFloor, OptionalDouble cettCeiling) {

  /** None. */
  public static final AuditBounds NONE =
      new AuditBounds(OptionalDouble.empty(), OptionalDouble.empty());
}
