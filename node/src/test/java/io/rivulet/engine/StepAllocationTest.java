package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.rivulet.kernels.Kernels;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.RandomProfile;
import io.rivulet.model.Reference;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.profile.SparsityProfileFile;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a step of steady decode leaves on the heap, the engine's thread and its team together. */
@Timeout(120)
class StepAllocationTest {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int MOST_BYTES = 2048;
  private static final int TOKENS = 90;
  private static final int FROM = 10;
  private static final int MOST_ROUNDS = 200;

  /** Reads the threads' counters at two of its tokens. */
  private static final class Meter implements GenerationListener {

    private final Recording recording = new Recording();
    private final long[] threads;
    private long allocated;

    Meter(long[] threads) {
      this.threads = threads;
    }

    @Override
    public void onToken(GeneratedToken token) {
      if (token.index() == FROM) {
        allocated = -total();
      } else if (token.index() == TOKENS - 2) {
        allocated += total();
      }
    }

    private long total() {
      return Arrays.stream(THREADS.getThreadAllocatedBytes(threads)).sum();
    }

    @Override
    public void onFinish(GenerationResult result) {
      recording.onFinish(result);
    }

    double bytesPerStep() throws Exception {
      recording.result();
      return (double) allocated / (TOKENS - 2 - FROM);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void isUnderTwoKilobytes(int batch) throws Exception {
    try (var model = LoadedModel.open(Reference.model("nemotron"), Kernels.select())) {
      assertFewBytesOnceWarm(model, SparsityMode.EXACT, batch);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"THRESHOLD", "PREDICTED"})
  void isUnderTwoKilobytesWithAudits(SparsityMode mode, @TempDir Path folder) throws Exception {
    Path file = Reference.model("nemotron");
    Path profile = folder.resolve("profile.safetensors");
    try (var bare = LoadedModel.openByNeurons(file, Kernels.scalar());
        Arena arena = Arena.ofShared()) {
      SparsityProfileFile.write(new RandomProfile(0.002f, 1, 0).of(bare, arena), profile);
    }
    try (var model = LoadedModel.open(file, profile, Kernels.select())) {
      assertFewBytesOnceWarm(model, mode, 4);
    }
  }

  private static void assertFewBytesOnceWarm(LoadedModel model, SparsityMode mode, int batch)
      throws Exception {
    GenerationTask task =
        new GenerationTask("e", TOKENS, SamplingParameters.GREEDY, mode)
            .withStop(new StopParameters(List.of(), Set.of(), 0, true));
    EngineOptions options =
        EngineOptions.DEFAULT
            .withThreads(2)
            .withBatchSize(batch)
            .withAudits(AuditOptions.DEFAULT.withInterval(4));
    try (var engine = BatchEngine.start(model, options)) {
      double bytes = Double.MAX_VALUE;
      // Vectors are objects until the kernels are compiled, which a busy machine does late.
      for (int round = 0; round < MOST_ROUNDS && bytes >= MOST_BYTES; round++) {
        long[] threads = threadsOfTheEngine();
        List<Meter> meters = new ArrayList<>();
        for (int i = 0; i < batch; i++) {
          meters.add(new Meter(threads));
          engine.submit(task, meters.getLast());
        }
        bytes = 0;
        for (Meter meter : meters) {
          bytes = Math.max(bytes, meter.bytesPerStep());
        }
      }
      assertTrue(bytes < MOST_BYTES, bytes + " bytes a step");
    }
  }

  private static long[] threadsOfTheEngine() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("rivulet-"))
        .mapToLong(Thread::threadId)
        .toArray();
  }
}
