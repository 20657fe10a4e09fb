package io.rivulet.cli;

import io.rivulet.protocol.Completion;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.Input;
import io.rivulet.protocol.Logprobs;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.TokenStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Sends a request, shows its tokens as they arrive from the tokens topic, and sums them up. */
final class TokenPrinter {

  private final boolean json;

  TokenPrinter(boolean json) {
    this.json = json;
  }

  /**
   * What a reader of the tokens topic saw of a request.
   *
   * @param tokens token events read
   * @param logprobs of each, where the request asked for them
   * @param toFirstToken from the sending of the prompt
   * @param tokensPerSecond between the first token and the last; 0 where there were fewer than two
   */
  record Answer(
      String text,
      int tokens,
      List<Logprobs> logprobs,
      Duration toFirstToken,
      double tokensPerSecond,
      Completion completion) {}

  /**
   * Sends and reads to the end, printing the prompt and its tokens unless JSON is wanted.
   *
   * @throws CommandFailedException when the node refused the request or failed
   */
  Answer answer(RivuletClient client, GenerationRequest request) {
    var text = new StringBuilder();
    var logprobs = new ArrayList<Logprobs>();
    Duration first = Duration.ZERO;
    Duration last = Duration.ZERO;
    int tokens = 0;
    try (TokenStream events = client.submit(request)) {
      if (request.input() instanceof Input.Text(String prompt)) {
        echo(prompt);
      }
      while (true) {
        TokenEvent event = events.next();
        text.append(event.text());
        event.logprobs().ifPresent(logprobs::add);
        echo(event.text());
        if (event.completion().isPresent()) {
          echo(System.lineSeparator());
          Completion completion = event.completion().get();
          completion
              .error()
              .ifPresent(
                  error -> {
                    throw new CommandFailedException("the node answered: " + error);
                  });
          double seconds = last.minus(first).toNanos() / 1e9;
          return new Answer(
              text.toString(),
              tokens,
              logprobs,
              first,
              tokens < 2 ? 0 : (tokens - 1) / seconds,
              completion);
        }
        last = events.sinceSent();
        first = tokens == 0 ? last : first;
        tokens++;
      }
    }
  }

  /** Prints the one object, or a short summary with a bar for each layer. */
  void summarise(Answer answer) {
    if (json) {
      Json.print(members(answer));
      return;
    }
    System.out.printf(
        Locale.ROOT,
        "%n%d tokens (%s), first after %d ms, then %.1f tokens/s%n",
        answer.tokens(),
        Names.of(answer.completion().finishReason()),
        answer.toFirstToken().toMillis(),
        answer.tokensPerSecond());
    answer
        .completion()
        .sparsity()
        .ifPresent(sparsity -> DensityChart.lines(sparsity).forEach(System.out::println));
  }

  private static Map<String, Object> members(Answer answer) {
    var members = new LinkedHashMap<String, Object>();
    members.put("text", answer.text());
    members.put("tokens", answer.tokens());
    if (!answer.logprobs().isEmpty()) {
      members.put("logprobs", answer.logprobs().stream().map(LogprobsOptions::members).toList());
    }
    members.put("ttft_ms", answer.toFirstToken().toNanos() / 1e6);
    members.put("tokens_per_second", answer.tokensPerSecond());
    answer.completion().sparsity().ifPresent(sparsity -> DensityChart.addTo(members, sparsity));
    members.put("finish_reason", Names.of(answer.completion().finishReason()));
    return members;
  }

  private void echo(String piece) {
    if (!json) {
      System.out.print(piece);
      System.out.flush();
    }
  }
}
