package io.rivulet.http;

import io.rivulet.protocol.Sparsity;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import tools.jackson.databind.node.JsonNodeFactory;

/** What the page must know of the server: the limits of prompts, and whether one signs in. */
final class SettingsRoute {

  private final String json;

  SettingsRoute(boolean signIn) {
    var settings = JsonNodeFactory.instance.objectNode();
    settings.put("sign_in", signIn);
    settings.put("most_prompt_characters", PromptReader.MOST_CHARACTERS);
    settings.put("most_tokens", PromptReader.MOST_TOKENS);
    settings.put("history_ms", TelemetryRoute.KEPT.toMillis());
    var modes = settings.putArray("sparsity");
    for (Sparsity mode : Sparsity.values()) {
      modes.add(mode.name().toLowerCase(Locale.ROOT));
    }
    json = settings.toString();
  }

  void handle(HttpServerRequest call) {
    var _ =
        call.response()
            .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
            .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
            .end(json);
  }
}
