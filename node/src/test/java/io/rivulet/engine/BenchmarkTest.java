package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.KeyValueType;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.Reference;
import io.rivulet.model.SparsityMode;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BenchmarkTest {

  @Test
  void countsTheBytesThatATokenReads() {
    try (var model = LoadedModel.open(Reference.model("nemotron"), Kernels.select())) {
      var off =
          new Benchmark.Options(
              20, 10, 1, 1, SparsityMode.OFF, AuditOptions.OFF, KeyValueType.F16, 1, Duration.ZERO);
      Benchmark.Result dense = Benchmark.run(model, off);
      assertEquals((double) model.weightBytes(), dense.bytesPerToken());

      var exact =
          new Benchmark.Options(
              20,
              10,
              2,
              1,
              SparsityMode.EXACT,
              AuditOptions.OFF,
              KeyValueType.F16,
              1,
              Duration.ZERO);
      Benchmark.Result sparse = Benchmark.run(model, exact);
      double density = (sparse.layerDensity().get(0) + sparse.layerDensity().get(1)) / 2;
      assertTrue(density > 0.2 && density < 0.8, "density " + density);
      assertEquals(
          model.transformer().denseBytes() / 2.0 + model.transformer().downBytes() * density,
          sparse.bytesPerToken(),
          1);
      assertTrue(sparse.promptTokensPerSecond() > 0 && sparse.decodeTokensPerSecond() > 0);
      assertTrue(sparse.readBandwidth() > 0);
    }
  }

  @Test
  void refusesWhatDoesNotFitTheContext() {
    try (var model = LoadedModel.open(Reference.model("nemotron"), Kernels.select())) {
      var tooLong =
          new Benchmark.Options(
              90, 10, 1, 1, SparsityMode.OFF, AuditOptions.OFF, KeyValueType.F16, 1, Duration.ZERO);
      var refusal =
          assertThrows(IllegalArgumentException.class, () -> Benchmark.run(model, tooLong));
      assertTrue(refusal.getMessage().contains("context of 96 tokens"), refusal.getMessage());
    }
  }
}
