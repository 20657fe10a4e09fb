package io.rivulet.faults;

import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.GenerationRequestBuilder;
import io.rivulet.protocol.Sparsity;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** The requests that are sent, again and again under other ids. */
final class Catalogue {

  private static final int SIZE = 18;
  private static final List<String> WHO =
      List.of("a fox", "an old king", "the girl", "two friends", "a robot", "the sailor");
  private static final List<String> WHAT =
      List.of("went home", "saw a light", "had a plan", "was late", "found a box", "began to sing");
  private static final List<Sparsity> MODES = List.of(Sparsity.values());
  private static final int[] LENGTHS = {1, 4, 16, 48, 96, 180};

  private Catalogue() {}

  /** Draws requests of mixed lengths, modes and ways to sample; none has an id. */
  static List<GenerationRequest> draw(RandomGenerator random) {
    var requests = new ArrayList<GenerationRequest>();
    for (int i = 0; i < SIZE; i++) {
      requests.add(request(random, i));
    }
    return List.copyOf(requests);
  }

  private static GenerationRequest request(RandomGenerator random, int number) {
    var prompt = new StringBuilder("Once upon a time");
    int sentences = random.nextInt(4) == 0 ? 20 : 1;
    for (int i = 0; i < sentences; i++) {
      prompt.append(' ').append(of(random, WHO)).append(' ').append(of(random, WHAT)).append('.');
    }
    // What has no seed takes one from its id, and would be another answer under each.
    GenerationRequestBuilder builder =
        GenerationRequest.of(prompt.toString())
            .seed(random.nextLong())
            .temperature(random.nextInt(3) == 0 ? 0 : 0.8)
            .maxTokens(LENGTHS[number % LENGTHS.length])
            .ignoreEos(random.nextBoolean())
            .repetitionPenalty(1.05)
            .sparsity(of(random, MODES));
    return random.nextInt(4) == 0 ? builder.stop(List.of(" and", ".")).build() : builder.build();
  }

  private static <T> T of(RandomGenerator random, List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
