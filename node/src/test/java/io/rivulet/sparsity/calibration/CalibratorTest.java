package io.rivulet.sparsity.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.engine.Perplexity;
import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.KeyValueType;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.kernels.WeightType;
import io.rivulet.model.Batch;
import io.rivulet.model.FeedForwardObserver;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.Reference;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.TinyModel;
import io.rivulet.model.profile.LayerProfile;
import io.rivulet.model.profile.PredictionQuality;
import io.rivulet.model.profile.SparsityProfile;
import io.rivulet.model.profile.SparsityProfileFile;
import io.rivulet.model.profile.WindowQuality;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CalibratorTest {

  private static final int CONTEXT = 32;

  private static final CalibrationOptions OPTIONS =
      new CalibrationOptions(List.of(0.0, 0.1, 0.4), 1000, 1, 0.9, true, 1024, CONTEXT, 2);

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"nemotron", "llama"})
  void findsWhatAnotherTextConfirms(String name) throws IOException {
    try (var model = LoadedModel.openByNeurons(Reference.model(name), Kernels.select());
        Arena arena = Arena.ofShared()) {
      SparsityProfile profile = calibrate(model, OPTIONS, arena);
      assertEquals(perplexity(model), profile.densePerplexity());
      assertEquals(profile.densePerplexity(), profile.points().getFirst().perplexity());
      assertEquals(2, profile.chosen());
      for (LayerProfile layer : profile.layers()) {
        assertEquals(0, layer.thresholds().get(0, 0));
        assertTrue(layer.densities().get(0) > layer.densities().get(1));
        assertTrue(layer.densities().get(1) > layer.densities().get(2));
      }
      double density = profile.points().get(1).density();
      double mean =
          profile.layers().stream()
              .mapToDouble(layer -> layer.densities().get(1))
              .average()
              .orElse(0);
      assertEquals(mean, density, 0.05, "on the text, and on the held-out text");
    }
  }

  /** By the formula, in double precision, over tokens that the search did not see. */
  @Test
  void thresholdsMakeTheErrorThatWasAskedFor() throws IOException {
    try (var model = LoadedModel.openByNeurons(Reference.model("nemotron"), Kernels.select());
        Arena arena = Arena.ofShared();
        var team = new ThreadTeam(1)) {
      LayerProfile layer = calibrate(model, OPTIONS, arena).layers().getFirst();
      var neurons = new FirstNeurons();
      int[] tokens = model.tokenizer().encode(text(5, 400));
      try (var pass = model.transformer().forwardPass(team, 1, 1, CONTEXT)) {
        pass.observe(neurons);
        Batch batch = new Batch(1);
        for (int at = 0; at < 400; at++) {
          batch.clear();
          batch.add(tokens[at], at % CONTEXT, new int[] {0}, SparsityMode.EXACT, false);
          pass.run(batch);
        }
      }
      for (int point = 1; point < 3; point++) {
        double sum = 0;
        for (float[] activations : neurons.seen) {
          sum += cett(model, layer, point, activations);
        }
        double target = OPTIONS.targets().get(point);
        assertEquals(target, sum / neurons.seen.size(), 0.1 * target);
      }
    }
  }

  private static double cett(
      LoadedModel model, LayerProfile layer, int point, float[] activations) {
    int width = model.spec().width();
    double[] all = new double[width];
    double[] tail = new double[width];
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor one = FloatTensor.allocate(arena, 1, activations.length);
      FloatTensor out = FloatTensor.allocate(arena, 1, width);
      for (int neuron = 0; neuron < activations.length; neuron++) {
        one.set(0, neuron, activations[neuron]);
        model
            .transformer()
            .kernels()
            .accumulateRows(
                model.transformer().downRows(0),
                one,
                1,
                new int[][] {{neuron}},
                new int[] {1},
                out,
                0,
                width);
        double magnitude = norm(out.row(0));
        for (int c = 0; c < width; c++) {
          all[c] += out.get(0, c);
          tail[c] += magnitude > layer.thresholds().get(0, point) ? 0 : out.get(0, c);
        }
      }
    }
    return Math.sqrt(squares(tail) / squares(all));
  }

  private static double norm(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }

  private static double squares(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return sum;
  }

  @Test
  void theProfileServesTheModelThatItWasMadeOf() throws Exception {
    Path file = Reference.model("nemotron");
    Path profileFile = folder.resolve("p.profile.safetensors");
    try (var model = LoadedModel.openByNeurons(file, Kernels.select());
        Arena arena = Arena.ofShared()) {
      SparsityProfileFile.write(calibrate(model, OPTIONS, arena), profileFile);
    }
    try (var model = LoadedModel.open(file, profileFile, Kernels.select())) {
      assertTrue(model.transformer().modes().contains(SparsityMode.THRESHOLD));
    }
  }

  @Test
  void layersAreMeasuredWithAWindowAndOrdered() throws IOException {
    try (var model = LoadedModel.openByNeurons(Reference.model("nemotron"), Kernels.select());
        Arena arena = Arena.ofShared()) {
      for (LayerProfile layer : calibrate(model, OPTIONS, arena).layers()) {
        WindowQuality window = layer.window().orElseThrow();
        PredictionQuality alone = window.alone();
        PredictionQuality predictor = layer.predictor().orElseThrow().quality();
        PredictionQuality both = window.combined().orElseThrow();
        assertTrue(both.recall() >= Math.max(alone.recall(), predictor.recall()) - 0.01);
        assertTrue(both.density() <= alone.density() + predictor.density() + 0.01);
        assertTrue(both.density() >= alone.density());
        assertEquals(layer.neurons(), layer.order().orElseThrow().size());
      }
    }
  }

  @Test
  void aTextThatIsTooShortIsRefused() {
    try (var model = LoadedModel.openByNeurons(Reference.model("nemotron"), Kernels.select());
        Arena arena = Arena.ofShared()) {
      var refused =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  Calibrator.calibrate(
                      model, "too short", text(2, 100), OPTIONS, folder, arena, new Silent()));
      assertTrue(refused.getMessage().startsWith("the text has "), refused.getMessage());
      assertTrue(refused.getMessage().endsWith("give a longer text or a smaller context"));
      refused =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  Calibrator.calibrate(
                      model, text(1, 1500), "short", OPTIONS, folder, arena, new Silent()));
      assertTrue(refused.getMessage().startsWith("the held-out text has "), refused.getMessage());
    }
  }

  /** An up projection of zeros: nothing is over a threshold, and nothing to be predicted. */
  @Test
  void aLayerWithoutAnActiveNeuronStaysWhole() throws IOException {
    LayerProfile layer = ofTinyModel(0, 0, OPTIONS);
    assertEquals(List.of(0.0, 0.0, 0.0), layer.densities());
    assertEquals(Optional.of("no neuron was active"), layer.dense());
  }

  @Test
  void aLayerWithAllNeuronsActiveStaysWhole() throws IOException {
    LayerProfile layer = ofTinyModel(0, 1, options(List.of(0.0), 1000));
    assertEquals(List.of(1.0), layer.densities());
    assertEquals(Optional.of("a recall of 0.900 names 100 % of the neurons"), layer.dense());
  }

  @Test
  void activationsThatAreNoNumbersAreRefused() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> ofTinyModel(Float.NaN, 0, OPTIONS))
            .getMessage();
    assertTrue(message.startsWith("layer 0: neuron 0 has activation NaN"), message);
    assertTrue(message.endsWith("check the model's file, or take it in a type of more range"));
  }

  @Test
  void targetsThatAllMissTheBudgetAreRefused() {
    try (var model = LoadedModel.openByNeurons(Reference.model("nemotron"), Kernels.select());
        Arena arena = Arena.ofShared()) {
      var refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> calibrate(model, options(List.of(0.4, 0.9), 0), arena));
      assertEquals(
          "no CETT target keeps the perplexity within 0.0 %: give smaller ones, 0 among them, or a"
              + " larger budget",
          refused.getMessage());
    }
  }

  /** Of a model that was trained: what predictors miss costs something, and nothing is allowed. */
  @Test
  void whereNoPredictorKeepsTheBudgetTheProfileSaysSo() throws IOException {
    Path shipped = Path.of("..", "deploy", "model");
    String text = Files.readString(shipped.resolve("heldout.txt"));
    try (var model =
            LoadedModel.openByNeurons(shipped.resolve("rivulet-tiny.gguf"), Kernels.select());
        Arena arena = Arena.ofShared()) {
      var options = new CalibrationOptions(List.of(0.0), 0, 1, 0.3, false, 256, CONTEXT, 2);
      SparsityProfile profile =
          Calibrator.calibrate(
              model,
              text.substring(0, 2000),
              text.substring(2000, 3000),
              options,
              folder.resolve("checkpoint"),
              arena,
              new Silent());
      assertTrue(profile.prediction().isEmpty());
      assertEquals(
          Optional.of("no predictor kept the perplexity within 0.0 %"),
          profile.layers().getFirst().dense());
    }
  }

  private static CalibrationOptions options(List<Double> targets, double budget) {
    return new CalibrationOptions(targets, budget, 1, 0.9, false, 1024, CONTEXT, 2);
  }

  /** Of a model of one layer, all of whose neurons have these weights and this bias. */
  private LayerProfile ofTinyModel(float weight, float bias, CalibrationOptions options)
      throws IOException {
    float[] biases = new float[64];
    Arrays.fill(biases, bias);
    Path file =
        new TinyModel()
            .without("blk.0.ffn_up.weight")
            .with(
                writer ->
                    writer
                        .matrix(
                            "blk.0.ffn_up.weight",
                            WeightType.F32,
                            64,
                            32,
                            (row, into) -> Arrays.fill(into, weight))
                        .vector("blk.0.ffn_up.bias", biases))
            .write(folder.resolve("tiny.gguf"));
    try (var model = LoadedModel.openByNeurons(file, Kernels.select());
        Arena arena = Arena.ofShared()) {
      return calibrate(model, options, arena).layers().getFirst();
    }
  }

  private SparsityProfile calibrate(LoadedModel model, CalibrationOptions options, Arena arena)
      throws IOException {
    return Calibrator.calibrate(
        model,
        text(1, 1500),
        text(2, 300),
        options,
        folder.resolve("checkpoint"),
        arena,
        new Silent());
  }

  private static double perplexity(LoadedModel model) {
    var options =
        new Perplexity.Options(
            CONTEXT, OptionalInt.empty(), SparsityMode.OFF, KeyValueType.DEFAULT, 2);
    return Perplexity.of(model, text(2, 300), options, (done, windows, perplexity) -> {})
        .perplexity();
  }

  /** At least so many tokens of random letters. */
  private static String text(long seed, int letters) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 3 * letters; i++) {
      text.append((char) (i % 5 == 4 ? ' ' : 'a' + random.nextInt(26)));
    }
    return text.toString();
  }

  private static final class Silent implements CalibrationProgress {
    @Override
    public void onStep(String stage, long done, long all) {
      assertTrue(done <= all, stage);
    }

    @Override
    public void onFinding(String line) {
      assertTrue(!line.isBlank());
    }
  }

  /** Keeps what the first layer's neurons come to. */
  private static final class FirstNeurons implements FeedForwardObserver {

    private final List<float[]> seen = new ArrayList<>();

    @Override
    public void onAttentionInput(int layer, FloatTensor input, int rows) {
      assertTrue(rows > 0);
    }

    @Override
    public void onNeurons(int layer, FloatTensor activations, int rows) {
      if (layer == 0) {
        seen.add(activations.row(0));
      }
    }
  }
}
