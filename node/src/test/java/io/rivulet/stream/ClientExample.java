package io.rivulet.stream;

import io.rivulet.protocol.Completion;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.TokenStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/** What the client's documentation shows. */
final class ClientExample {

  private ClientExample() {}

  static void run(String bootstrapServers, PrintStream out) {
    // @start region="example"
    var kafka = KafkaConnection.to(bootstrapServers);
    var options = RivuletClient.Options.of(kafka).withSilence(Duration.ofSeconds(30));
    try (var client = RivuletClient.connect(options)) {

      // One after the other: waits for each token.
      var story = GenerationRequest.of("Once upon a time").maxTokens(20).seed(7).build();
      try (TokenStream tokens = client.submit(story)) {
        tokens.forEachRemaining(event -> out.print(event.text()));
      }
      out.println();

      // By callback: many at once, over one consumer.
      var poem = GenerationRequest.of("Roses are red").id("poem").maxTokens(20).build();
      Instant sent = Instant.now();
      CompletableFuture<Completion> end =
          client.submit(poem).deliverTo(event -> out.print(event.text()));
      out.println(" (" + end.join().finishReason() + ")");

      // After a restart: the same answer from a token on, from Kafka, without computing it again.
      try (TokenStream tokens = client.resume("poem", sent, 10)) {
        tokens.forEachRemaining(event -> out.print(event.text()));
      }
      out.println();

      // Enough of it: the stream ends with CANCELLED, and usage counts what was done.
      try (TokenStream tokens = client.submit(GenerationRequest.of("And so on").build())) {
        TokenEvent event = tokens.next();
        tokens.cancel();
        while (!event.terminal()) {
          event = tokens.next();
        }
        out.println(event.completion().orElseThrow().finishReason());
      }
    }
    // @end
  }
}
