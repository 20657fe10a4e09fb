package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.RandomProfile;
import io.rivulet.model.Reference;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.profile.SparsityProfileFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WarmUpTest {

  private static final Set<SparsityMode> MEASURED =
      Set.of(SparsityMode.EXACT, SparsityMode.THRESHOLD, SparsityMode.PREDICTED);

  @TempDir private Path folder;

  /** A round is the prompt and its last tokens, four of eight, in three modes. */
  @ParameterizedTest
  @CsvSource({"8, 13", "100, 13", "3, 10", "1, 4"})
  void aRoundMeasuresAllModesHoweverShortThePrompt(int prefillChunk, int steps) throws IOException {
    try (var model = profiled();
        var team = new ThreadTeam(2);
        var pass = model.transformer().forwardPass(team, prefillChunk, 1, 64)) {
      var warmUp = new WarmUp(model, model.tokenizer().encode(WarmUp.TEXT), pass, prefillChunk);
      for (int step = 0; step < steps - 1; step++) {
        warmUp.step();
      }
      assertTrue(warmUp.tokenTimes(Duration.ZERO).size() < MEASURED.size());
      warmUp.step();
      Map<SparsityMode, Duration> times = warmUp.tokenTimes(Duration.ZERO);
      assertEquals(MEASURED, times.keySet());
      assertTrue(times.values().stream().allMatch(Duration::isPositive), times.toString());
    }
  }

  @Test
  void moreRoundsNeverMakeATimeLonger() throws IOException {
    try (var model = profiled();
        var team = new ThreadTeam(2);
        var pass = model.transformer().forwardPass(team, 8, 1, 64)) {
      var warmUp = new WarmUp(model, new int[0], pass, 8);
      for (int step = 0; step < 13; step++) {
        warmUp.step();
      }
      Map<SparsityMode, Duration> first = warmUp.tokenTimes(Duration.ZERO);
      for (int step = 0; step < 10 * 13; step++) {
        warmUp.step();
      }
      warmUp
          .tokenTimes(Duration.ZERO)
          .forEach(
              (mode, time) -> assertTrue(time.compareTo(first.get(mode)) <= 0, mode + " " + time));
    }
  }

  private LoadedModel profiled() throws IOException {
    Path file = Reference.model("nemotron");
    Path profile = folder.resolve("profile.safetensors");
    try (var bare = LoadedModel.openByNeurons(file, Kernels.scalar());
        Arena arena = Arena.ofShared()) {
      SparsityProfileFile.write(new RandomProfile(0.002f, 1, 0).of(bare, arena), profile);
    }
    return LoadedModel.open(file, profile, Kernels.select());
  }
}
