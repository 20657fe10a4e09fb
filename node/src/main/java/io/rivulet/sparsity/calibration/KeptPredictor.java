package io.rivulet.sparsity.calibration;

import io.rivulet.model.ModelSpec;
import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.safetensors.SafetensorsWriter;
import io.rivulet.sparsity.predictor.LowRankPredictor;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;

/** A layer's trained predictor, or that there is none, as a step of a checkpoint. */
final class KeptPredictor {

  private static final String RANK = "rank";
  private static final String IN = "in";
  private static final String OUT = "out";
  private static final String BIAS = "bias";

  private KeptPredictor() {}

  static SafetensorsWriter of(Optional<LowRankPredictor> trained) {
    var writer = new SafetensorsWriter();
    Step.put(writer, RANK, List.of(trained.map(LowRankPredictor::rank).orElse(0).doubleValue()));
    trained.ifPresent(
        predictor -> {
          Step.put(writer, IN, predictor.in());
          Step.put(writer, OUT, predictor.out());
          Step.put(writer, BIAS, predictor.bias());
        });
    return writer;
  }

  /**
   * What was kept.
   *
   * @throws ModelFileException if it is damaged
   */
  static Optional<LowRankPredictor> read(Step step, ModelSpec spec) {
    int rank = step.numbers(RANK, 1).getFirst().intValue();
    if (rank == 0) {
      return Optional.empty();
    }
    Arena arena = Arena.ofAuto();
    try {
      return Optional.of(
          new LowRankPredictor(
              step.matrix(IN, rank, spec.width(), arena),
              step.matrix(OUT, spec.neurons(), rank, arena),
              step.matrix(BIAS, 1, spec.neurons(), arena)));
    } catch (IllegalArgumentException e) {
      throw new ModelFileException(step.file(), e.getMessage(), Step.MEND, e);
    }
  }
}
