package io.rivulet.http;

import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.Sparsity;
import java.util.List;
import java.util.Random;

/** Sends prompts for as long as it is open, now more and now fewer, some in bursts. */
final class Load implements AutoCloseable {

  private static final List<String> PROMPTS =
      List.of(
          "It was a dark night, and the captain",
          "“My dear,” said the old lady, “",
          "They walked along the shore until",
          "In the middle of the garden stood",
          "The doctor opened the letter and");

  private final RivuletClient client;
  private final Random random = new Random(5);
  private final Thread thread;
  private volatile boolean stopping;

  Load(KafkaConnection kafka) {
    client = RivuletClient.connect(RivuletClient.Options.of(kafka));
    thread = Thread.ofVirtual().name("load").start(this::run);
  }

  private void run() {
    try {
      for (int i = 0; !stopping; i++) {
        // A calm stretch, then a busy one.
        boolean busy = i / 14 % 3 == 1;
        int prompts = busy ? 3 + random.nextInt(8) : random.nextInt(3);
        for (int p = 0; p < prompts; p++) {
          client.send(request(i));
        }
        Thread.sleep(busy ? 700 : 900 + random.nextInt(500));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private GenerationRequest request(int number) {
    var request =
        GenerationRequest.of(PROMPTS.get(random.nextInt(PROMPTS.size())))
            .maxTokens(60 + random.nextInt(240))
            .temperature(0.6 + random.nextDouble() / 2)
            .seed(random.nextLong());
    return number % 9 == 4 ? request.sparsity(Sparsity.EXACT).build() : request.build();
  }

  @Override
  public void close() {
    stopping = true;
    thread.interrupt();
    client.close();
  }
}
