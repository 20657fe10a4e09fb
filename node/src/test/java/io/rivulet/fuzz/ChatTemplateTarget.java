package io.rivulet.fuzz;

import io.rivulet.model.chat.ChatMessage;
import io.rivulet.model.chat.ChatTemplate;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Renders a chat template: its text, then those of messages, each after a byte of zero. */
public final class ChatTemplateTarget {

  private ChatTemplateTarget() {}

  /** Called by Jazzer with what it made up. */
  public static void fuzzerTestOneInput(byte[] data) {
    String[] texts = new String(data, StandardCharsets.UTF_8).split("\0", -1);
    List<ChatMessage> messages = new ArrayList<>();
    for (int i = 1; i < texts.length; i++) {
      messages.add(new ChatMessage(i % 2 == 1 ? "user" : "assistant", texts[i]));
    }
    var template = new ChatTemplate(texts[0], Map.of("bos_token", "<s>", "eos_token", "</s>"));
    try {
      template.render(messages, Instant.EPOCH);
    } catch (IllegalArgumentException e) {
      Scratch.requireOneLine(e);
    }
  }
}
