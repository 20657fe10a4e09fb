package io.rivulet.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/**
 * The model that ships against PyTorch on the same weights. Recorded, in {@code src/test}, by
 * {@code reference/record.py model ../../../deploy/model/rivulet-tiny.gguf
 * resources/reference/rivulet-tiny.json} and the token ids.
 */
class ShippedModelTest {

  private static final Path MODEL = Path.of("..", "deploy", "model", "rivulet-tiny.gguf");
  private static final double TOLERANCE = 1e-3;

  /** The strongest scores after one of the tokens. */
  record Position(int position, List<Integer> ids, List<Float> logits) {}

  record Recording(List<Integer> tokens, List<Position> positions, List<List<Float>> density) {}

  @Test
  void agreesWithAnIndependentImplementation() throws IOException {
    Recording recording = recording();
    int length = recording.tokens().size();
    try (var model = LoadedModel.open(MODEL, Kernels.select());
        var team = new ThreadTeam(2);
        var pass = model.transformer().forwardPass(team, length, length, length)) {
      Batch batch = new Batch(length);
      int[] blocks = CacheBlocks.all(pass);
      for (int at = 0; at < length; at++) {
        batch.add(recording.tokens().get(at), at, blocks, SparsityMode.EXACT, true);
      }
      pass.run(batch);
      for (Position expected : recording.positions()) {
        assertScores(expected, pass.logits().row(expected.position()));
      }
      // Where a sum is close to zero its sign may turn with the order of the sum.
      double one = 1.5 / model.spec().neurons();
      for (int layer = 0; layer < model.spec().layers(); layer++) {
        double density = (double) pass.activeNeurons(length - 1, layer) / model.spec().neurons();
        assertEquals(recording.density().get(layer).get(length - 1), density, one);
      }
    }
  }

  private static void assertScores(Position expected, float[] actual) {
    double greatest = Math.abs(expected.logits().getFirst());
    for (int i = 0; i < expected.ids().size(); i++) {
      assertEquals(expected.logits().get(i), actual[expected.ids().get(i)], TOLERANCE * greatest);
    }
  }

  private static Recording recording() throws IOException {
    try (InputStream in =
        ShippedModelTest.class.getResourceAsStream("/reference/rivulet-tiny.json")) {
      return new JsonMapper().readValue(in, Recording.class);
    }
  }
}
