package io.rivulet.protocol;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * The {@code logprobs} of a token event: an entry of {@code logprobs.content} in OpenAI's chat
 * completions, with token ids.
 */
final class LogprobsJson {

  private static final String FIELD = "logprobs";
  private static final String TOP = "top_logprobs";

  private LogprobsJson() {}

  static void write(Logprobs logprobs, ObjectNode event) {
    var json = event.putObject(FIELD);
    write(logprobs.chosen(), json);
    var top = json.putArray(TOP);
    logprobs.top().forEach(token -> write(token, top.addObject()));
  }

  private static void write(TokenLogprob token, ObjectNode json) {
    json.put("token_id", token.tokenId());
    json.put("token", token.token());
    json.put("logprob", token.logprob());
    token.bytes().forEach(json.putArray("bytes")::add);
  }

  static Optional<Logprobs> read(Fields event) {
    return event
        .child(FIELD)
        .map(
            json -> {
              List<Fields> top = json.children(TOP, GenerationRequest.MAX_TOP_LOGPROBS);
              return new Logprobs(
                  readToken(json), top.stream().map(LogprobsJson::readToken).toList());
            });
  }

  private static TokenLogprob readToken(Fields json) {
    return new TokenLogprob(
        json.requiredInteger("token_id", 0, Integer.MAX_VALUE),
        json.requiredText("token"),
        json.integers("bytes"),
        json.requiredNumber("logprob", -Double.MAX_VALUE, 0));
  }
}
