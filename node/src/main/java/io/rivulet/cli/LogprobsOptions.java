package io.rivulet.cli;

import io.rivulet.protocol.GenerationRequestBuilder;
import io.rivulet.protocol.Logprobs;
import io.rivulet.protocol.TokenLogprob;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Whether and how log-probabilities are told. */
final class LogprobsOptions {

  @Option(
      names = "--logprobs",
      description = "With --json: tell the log-probability of each token by the model itself.")
  private boolean wanted;

  @Option(
      names = "--top-logprobs",
      paramLabel = "N",
      description = "As --logprobs, and those of the N likeliest tokens.")
  private Optional<Integer> top = Optional.empty();

  void addTo(GenerationRequestBuilder request) {
    if (wanted || top.isPresent()) {
      request.topLogprobs(top.orElse(0));
    }
  }

  /** A token's as JSON has them, in the form of token events. */
  static Map<String, Object> members(Logprobs logprobs) {
    Map<String, Object> members = members(logprobs.chosen());
    members.put("top_logprobs", logprobs.top().stream().map(LogprobsOptions::members).toList());
    return members;
  }

  private static Map<String, Object> members(TokenLogprob token) {
    var members = new LinkedHashMap<String, Object>();
    members.put("token_id", token.tokenId());
    members.put("token", token.token());
    members.put("logprob", token.logprob());
    members.put("bytes", token.bytes());
    return members;
  }
}
