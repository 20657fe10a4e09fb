package io.rivulet.sparsity.calibration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.Kernels;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.Reference;
import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.profile.SparsityProfileFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A calibration that is interrupted, and goes on. */
class CheckpointTest {

  private static final int CONTEXT = 32;

  private static final CalibrationOptions OPTIONS =
      new CalibrationOptions(List.of(0.0, 0.4), 1000, 1, 0.9, true, 1000, CONTEXT, 2);

  private static final String TEXT = text(1, 5000);

  @TempDir private Path folder;
  private Path checkpoint;
  private LoadedModel model;

  @BeforeEach
  void opensTheModel() {
    checkpoint = folder.resolve("made").resolve("some.partial");
    model = LoadedModel.openByNeurons(Reference.model("nemotron"), Kernels.select());
  }

  @AfterEach
  void closesTheModel() {
    model.close();
  }

  @Test
  void goesOnToTheSameBytes() throws IOException {
    byte[] expected = profile(folder.resolve("whole"), OPTIONS, new Interruption(1 << 20));
    var firstDone = new HashMap<String, Long>();
    int interruptions = 0;
    byte[] found = {};
    while (found.length == 0) {
      var interruption = new Interruption(45);
      boolean begun = interruptions > 0;
      try {
        found = profile(checkpoint, OPTIONS, interruption);
      } catch (Interruption.Now e) {
        interruptions++;
        assertTrue(interruptions < 100, "it never comes to an end");
      }
      interruption.firstDone.forEach((stage, done) -> firstDone.merge(stage, done, Math::max));
      assertEquals(begun, interruption.wentOn, "says that it goes on");
    }
    assertArrayEquals(expected, found);
    assertTrue(interruptions > 3, interruptions + " interruptions");
    long firstWindow = CONTEXT;
    assertTrue(
        firstDone.values().stream().anyMatch(done -> done > firstWindow),
        "no pass began in the middle: " + firstDone);
    assertTrue(Files.exists(checkpoint));
    Checkpoint.remove(checkpoint);
    assertFalse(Files.exists(checkpoint));
  }

  @Test
  void isOfOneCalibrationAlone() throws IOException {
    interrupt();
    assertRefused("with another text: give", TEXT + "more", OPTIONS);
    assertRefused("with another perplexity budget: give", TEXT, budget(2));
    Files.writeString(checkpoint.resolve("calibration.txt"), "something else");
    assertRefused("with another version: give", TEXT, OPTIONS);
    Files.delete(checkpoint.resolve("calibration.txt"));
    assertRefused("holds files of something else", TEXT, OPTIONS);
  }

  @Test
  void isOneProcessesAtATime() throws IOException {
    interrupt();
    try (var first = new CalibrationRun(model, TEXT, text(2, 900), OPTIONS, checkpoint, quiet())) {
      assertTrue(first.checkpoint().resumed());
      assertRefused("is in use by another calibration", TEXT, OPTIONS);
    }
  }

  @Test
  void aDamagedStepIsNamed() throws IOException {
    profile(checkpoint, OPTIONS, quiet());
    Path step = checkpoint.resolve("predictor-1-0.step.safetensors");
    Files.copy(
        checkpoint.resolve("perplexity-exact.step.safetensors"),
        step,
        StandardCopyOption.REPLACE_EXISTING);
    var refused =
        assertThrows(ModelFileException.class, () -> profile(checkpoint, OPTIONS, quiet()));
    assertTrue(refused.getMessage().contains(step.toString()), refused.getMessage());
    assertTrue(refused.getMessage().contains("remove the file"), refused.getMessage());
    Files.delete(step);
    assertTrue(profile(checkpoint, OPTIONS, quiet()).length > 0);
  }

  @Test
  void aFileInItsPlaceIsRefused() throws IOException {
    Files.createDirectories(checkpoint.getParent());
    Files.writeString(checkpoint, "a file");
    assertRefused("is no directory", TEXT, OPTIONS);
  }

  private void interrupt() {
    assertThrows(Interruption.Now.class, () -> profile(checkpoint, OPTIONS, new Interruption(10)));
  }

  private static Interruption quiet() {
    return new Interruption(1 << 20);
  }

  private static CalibrationOptions budget(double percent) {
    return new CalibrationOptions(
        OPTIONS.targets(), percent, 1, OPTIONS.recall(), true, OPTIONS.tokens(), CONTEXT, 2);
  }

  private void assertRefused(String expected, String text, CalibrationOptions options)
      throws IOException {
    List<Path> before = files();
    var refused =
        assertThrows(
            IllegalArgumentException.class, () -> profile(checkpoint, text, options, quiet()));
    assertTrue(refused.getMessage().startsWith(checkpoint.toString()), refused.getMessage());
    assertTrue(refused.getMessage().contains(expected), refused.getMessage());
    assertEquals(before, files());
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(checkpoint)) {
      return files.sorted().toList();
    }
  }

  private byte[] profile(Path at, CalibrationOptions options, CalibrationProgress progress)
      throws IOException {
    return profile(at, TEXT, options, progress);
  }

  private byte[] profile(
      Path at, String text, CalibrationOptions options, CalibrationProgress progress)
      throws IOException {
    Path file = folder.resolve("profile.safetensors");
    try (Arena arena = Arena.ofShared()) {
      SparsityProfileFile.write(
          Calibrator.calibrate(model, text, text(2, 900), options, at, arena, progress), file);
    }
    return Files.readAllBytes(file);
  }

  private static String text(long seed, int letters) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < letters; i++) {
      text.append((char) (i % 5 == 4 ? ' ' : 'a' + random.nextInt(26)));
    }
    return text.toString();
  }

  /** Comes after some steps. */
  private static final class Interruption implements CalibrationProgress {

    /** Comes out of the calibration. */
    private static final class Now extends RuntimeException {
      private static final long serialVersionUID = 1;
    }

    private final Map<String, Long> firstDone = new HashMap<>();
    private int steps;
    private boolean wentOn;

    Interruption(int steps) {
      this.steps = steps;
    }

    @Override
    public void onStep(String stage, long done, long all) {
      if (stage.startsWith("reading")) {
        firstDone.putIfAbsent(stage, done);
      }
      if (--steps == 0) {
        throw new Now();
      }
    }

    @Override
    public void onFinding(String line) {
      wentOn |= line.startsWith("goes on from");
    }
  }
}
