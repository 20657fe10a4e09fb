package io.rivulet.model.profile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.safetensors.SafetensorsFile;
import io.rivulet.model.safetensors.SafetensorsTensor;
import io.rivulet.model.safetensors.SafetensorsType;
import io.rivulet.model.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A profile comes back as it was written, and one that is not sound is refused by name. */
class SparsityProfileFileTest {

  private static final String MODEL = "a".repeat(64);
  private static final ProfiledModel TINY = new ProfiledModel(new ModelFingerprint(MODEL), 2, 4, 6);

  private final Arena arena = Arena.ofShared();
  @TempDir private Path folder;
  private Path file;
  private SparsityProfile written;

  @BeforeEach
  void writesAProfile() throws IOException {
    file = folder.resolve("profile.safetensors");
    written = TinyProfile.of(TINY, arena);
    SparsityProfileFile.write(written, file);
  }

  @AfterEach
  void freesMemory() {
    arena.close();
  }

  @Test
  void readsWhatWasWritten() {
    SparsityProfile read = SparsityProfileFile.read(file, TINY, arena);
    assertEquals(written.source(), read.source());
    assertEquals(written.densePerplexity(), read.densePerplexity());
    assertEquals(written.points(), read.points());
    assertEquals(written.chosenPoint(), read.chosenPoint());
    assertEquals(written.prediction(), read.prediction());
    for (int i = 0; i < 2; i++) {
      LayerProfile expected = written.layers().get(i);
      LayerProfile layer = read.layers().get(i);
      assertArrayEquals(expected.downNorms().row(0), layer.downNorms().row(0));
      assertArrayEquals(expected.thresholds().row(0), layer.thresholds().row(0));
      assertEquals(expected.densities(), layer.densities());
      assertEquals(expected.window(), layer.window());
      assertEquals(expected.order(), layer.order());
      assertEquals(expected.dense(), layer.dense());
      assertEquals(expected.predictor().isPresent(), layer.predictor().isPresent());
    }
    PredictorWeights expected = written.layers().getLast().predictor().orElseThrow();
    PredictorWeights predictor = read.layers().getLast().predictor().orElseThrow();
    assertEquals(expected.quality(), predictor.quality());
    assertEquals(-1, expected.in().data().mismatch(predictor.in().data()));
    assertEquals(-1, expected.out().data().mismatch(predictor.out().data()));
    assertArrayEquals(expected.bias().row(0), predictor.bias().row(0));
  }

  @Test
  void writesOverAFileAndLeavesNothingElse() throws IOException {
    SparsityProfileFile.write(written, file);
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void recognisesProfilesAlone() throws IOException {
    assertTrue(SparsityProfileFile.recognises(file));
    Path other = folder.resolve("other.safetensors");
    new SafetensorsWriter().metadata("format", "pt").write(other);
    assertFalse(SparsityProfileFile.recognises(other));
    assertFalse(SparsityProfileFile.recognises(folder));
    assertRefused(other, "is no sparsity profile: it has no metadata rivulet.sparsity_profile");
    assertRefused(folder.resolve("none"), "does not exist");
  }

  @Test
  void refusesTheProfileOfAnotherModel() {
    String hash = "b".repeat(64);
    assertAnother(
        new ProfiledModel(new ModelFingerprint(hash), 2, 4, 6),
        "field model_sha256 is " + MODEL + ", but the model has " + hash);
    assertAnother(
        new ProfiledModel(TINY.fingerprint(), 3, 4, 6),
        "has 2 layers of 4 neurons, but the model has 3 of 4");
    assertAnother(
        new ProfiledModel(TINY.fingerprint(), 2, 4, 8),
        "has a predictor that reads 6 numbers, but the model is 8 wide");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"version\":1 | \"version\":2 | field version is 2, this version of Rivulet reads 1",
        "\"version\":1, | '' | field version is missing, expected an integer",
        "aaaa\" | AAAA\" | metadata: a fingerprint has 64 hexadecimal digits",
        "\"text_sha256\":\" | \"text_sha256\":\"x | metadata: a text's hash has 64 hexadecimal"
            + " digits",
        "\"text_tokens\":1000 | \"text_tokens\":-1 | field text_tokens is '-1', expected an"
            + " integer",
        "\"dense_perplexity\":8.5 | \"dense_perplexity\":\"x\" | field dense_perplexity is",
        "\"dense_perplexity\":8.5 | \"dense_perplexity\":0 | profile: a perplexity is finite",
        "\"chosen_point\":1 | \"chosen_point\":2 | field chosen_point is '2', expected an integer"
            + " from 0 to 1",
        "\"cett\":0.2 | \"cett\":1.5 | field points[1]: a CETT is from 0 to less than 1, was 1.5",
        "\"cett\":0.2 | \"cett\":0.0 | profile: the CETT of operating points must ascend",
        "\"cett\":0.2 | \"cett\":1e999 | expected a finite number",
        "\"perplexity\":8.625 | \"perplexity\":-1 | field points[1]: a perplexity is finite",
        "\"density\":0.125 | \"density\":1.25 | field points[1]: a density is from 0 to 1",
        "\"lookahead\":1 | \"lookahead\":9 | field prediction.lookahead is '9', expected an"
            + " integer",
        "\"recall\":0.97 | \"recall\":2 | field layers[1].predictor: recall is from 0 to 1, was"
            + " 2.0",
        "\"tokens\":5 | \"tokens\":0 | field layers[0].window.tokens is '0', expected an integer",
        "\"alone\" | \"other\" | field layers[0].window.alone is missing, expected an object",
        "\"recall\":0.875 | \"recall\":2 | field layers[1].window.combined: recall is from 0",
        "[0.25,0.125] | [0.25] | field layers[0].densities has 1 numbers for 2 points",
        "[0.25,0.125] | [0.25,null] | field layers[0].densities is",
        "\"prediction\" | \"other\" | profile: layers must have as many neurons",
        "\"predictor\" | \"other\" | belongs to nothing that the metadata describes",
        "\"layers\":[ | \"layers\":[3, | field layers is '[3,",
        "\"layers\":[ | \"layers\":[{\"densities\":[0,0]}, | tensor 'layers.2.down_norms' is"
            + " missing",
        "\"density\":0.125 |"
            + " \"density\":999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999"
            + " | field points[1]: a density is from 0 to 1",
        "{\"version\" | [\"version\" | is not sound JSON",
      })
  void refusesMetadata(String before, String after, String expected) throws IOException {
    rewrite(json -> json.replaceFirst(Pattern.quote(before), after), writer -> {});
    assertRefused(file, expected);
  }

  @Test
  void refusesTensors() throws IOException {
    replaced("layers.0.down_norms", floats(1, 2, 3, Float.NaN), "holds NaN in row 0");
    replaced("layers.0.down_norms", floats(1, 2, 3, -1), "a finite number from 0 on");
    replaced("layers.0.down_norms", floats(1, 2, 3), "layers must have as many neurons");
    replaced("layers.1.down_norms", floats(1, 2, 3), "'layers.1.predictor.out' is [4, 2] of F32");
    replaced("layers.1.thresholds", floats(1), "is [1] of F32, expected [2] of F32");
    replaced("layers.1.thresholds", floats(0, Float.POSITIVE_INFINITY), "holds Infinity");
    replaced("layers.1.predictor.in", floats(1, 2), "has shape [2]");
    replaced("layers.1.predictor.bias", floats(0, 0, 0, Float.NaN), "holds NaN");
    replaced("layers.1.order", ints(0, 1, 2, 2), "is no permutation");
    replaced("layers.1.order", ints(0, 1, 2, -1), "is no permutation");
    replaced("layers.1.order", ints(0, 1, 2, 4), "is no permutation");
    replaced("layers.1.order", floats(0, 1, 2, 3), "is [4] of F32, expected [4] of I32");
    replaced("layers.2.order", ints(0, 1, 2, 3), "belongs to nothing");
  }

  /** Whatever bytes are changed, nothing but a message of one line comes of it. */
  @Test
  void damageIsRefusedOrDoesNoHarm() throws IOException {
    byte[] sound = Files.readAllBytes(file);
    var random = new SplittableRandom(11);
    int refused = 0;
    for (int i = 0; i < 1000; i++) {
      byte[] damaged =
          Arrays.copyOf(sound, i % 4 == 0 ? random.nextInt(sound.length) : sound.length);
      for (int change = random.nextInt(4); change >= 0 && damaged.length > 0; change--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      Files.write(file, damaged);
      try (Arena own = Arena.ofConfined()) {
        SparsityProfileFile.read(file, own);
      } catch (ModelFileException e) {
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        refused++;
      }
    }
    assertTrue(refused > 500, "" + refused);
  }

  /** Bytes of a tensor with one dimension. */
  private record Vector(SafetensorsType type, ByteBuffer bytes) {}

  private static Vector floats(float... values) {
    ByteBuffer bytes = little(values.length);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return new Vector(SafetensorsType.F32, bytes.flip());
  }

  private static Vector ints(int... values) {
    ByteBuffer bytes = little(values.length);
    for (int value : values) {
      bytes.putInt(value);
    }
    return new Vector(SafetensorsType.I32, bytes.flip());
  }

  private static ByteBuffer little(int values) {
    return ByteBuffer.allocate(values * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void replaced(String name, Vector vector, String expected) throws IOException {
    SparsityProfileFile.write(written, file);
    long length = vector.bytes().remaining() / Float.BYTES;
    rewrite(
        json -> json,
        writer ->
            writer.tensor(
                name,
                vector.type(),
                List.of(length),
                List.of(MemorySegment.ofBuffer(vector.bytes()))),
        name);
    assertRefused(file, expected);
  }

  /** Writes the profile again with other metadata and more tensors, without some. */
  private void rewrite(
      UnaryOperator<String> metadata, Consumer<SafetensorsWriter> more, String... without)
      throws IOException {
    var writer = new SafetensorsWriter();
    try (Arena mapping = Arena.ofConfined()) {
      SafetensorsFile before = SafetensorsFile.open(file, mapping);
      writer.metadata(
          ProfileMetadata.KEY, metadata.apply(before.metadata().get(ProfileMetadata.KEY)));
      for (SafetensorsTensor tensor : before.tensors().values()) {
        if (!List.of(without).contains(tensor.name())) {
          writer.tensor(tensor.name(), tensor.type(), tensor.shape(), List.of(tensor.data()));
        }
      }
      more.accept(writer);
      writer.write(file);
    }
  }

  private void assertAnother(ProfiledModel model, String expected) {
    String message =
        assertThrows(ModelFileException.class, () -> SparsityProfileFile.read(file, model, arena))
            .getMessage();
    assertTrue(message.startsWith(file + ": " + expected), message);
    assertTrue(message.contains("it is the profile of another model; calibrate"), message);
  }

  private void assertRefused(Path path, String expected) {
    String message =
        assertThrows(ModelFileException.class, () -> SparsityProfileFile.read(path, arena))
            .getMessage();
    assertTrue(message.startsWith(path + ": ") && message.contains(expected), message);
    assertEquals(1, message.lines().count());
  }

  @Test
  void refusesAPredictorThatDoesNotFit() {
    PredictorWeights predictor = written.layers().getLast().predictor().orElseThrow();
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new PredictorWeights(
                predictor.out(), predictor.in(), predictor.bias(), predictor.quality()));
    LayerProfile layer = written.layers().getFirst();
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new LayerProfile(
                layer.downNorms(),
                layer.thresholds(),
                layer.densities(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(new NeuronOrder(0, 1, 2)),
                Optional.empty()));
  }
}
