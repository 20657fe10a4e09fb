package io.rivulet.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The transformer against PyTorch, over each architecture's forms. */
class ReferenceLogitsTest {

  /** Errors are relative to the greatest logit; in F32 only the order of sums differs. */
  @ParameterizedTest
  @CsvSource({
    "nemotron, 1e-5",
    "llama, 1e-5",
    "llama-relu, 1e-5",
    "nemotron-mixed, 1e-3",
  })
  void agreesWithAnIndependentImplementation(String name, double tolerance) {
    Reference reference = Reference.of(name);
    List<Integer> tokens = reference.tokens();
    int length = tokens.size();
    try (var model = LoadedModel.open(Reference.model(name), Kernels.select());
        var team = new ThreadTeam(2);
        var pass = model.transformer().forwardPass(team, length, length, length)) {
      Batch batch = new Batch(length);
      int[] blocks = CacheBlocks.all(pass);
      for (int at = 0; at < length; at++) {
        batch.add(tokens.get(at), at, blocks, SparsityMode.EXACT, true);
      }
      pass.run(batch);

      for (int at = 0; at < length; at++) {
        assertLogits(reference.logits().get(at), pass.logits().row(at), tolerance);
        if (model.spec().sparse()) {
          assertDensity(reference, at, pass, model.spec());
        }
      }
    }
  }

  private static void assertLogits(List<Float> expected, float[] actual, double tolerance) {
    assertEquals(expected.size(), actual.length);
    double greatest = 0;
    double error = 0;
    for (int id = 0; id < expected.size(); id++) {
      greatest = Math.max(greatest, Math.abs(expected.get(id)));
      error = Math.max(error, Math.abs(expected.get(id) - actual[id]));
    }
    assertTrue(
        error <= tolerance * greatest, "error %s of greatest logit %s".formatted(error, greatest));
  }

  private static void assertDensity(Reference reference, int at, ForwardPass pass, ModelSpec spec) {
    for (int layer = 0; layer < spec.layers(); layer++) {
      double density = (double) pass.activeNeurons(at, layer) / spec.neurons();
      assertEquals(reference.density().get(layer).get(at), density, 1e-6);
    }
  }
}
