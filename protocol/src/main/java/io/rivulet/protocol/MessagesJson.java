package io.rivulet.protocol;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** The {@code messages} of a request. */
final class MessagesJson {

  static final String FIELD = "messages";

  private MessagesJson() {}

  static void write(List<ChatMessage> messages, ArrayNode json) {
    messages.forEach(
        message -> json.addObject().put("role", message.role()).put("content", message.content()));
  }

  static List<ChatMessage> read(Fields request) {
    var messages = new ArrayList<ChatMessage>();
    for (Fields message : request.children(FIELD, Input.Chat.MAX_MESSAGES)) {
      String role = message.requiredText("role");
      String content = content(message);
      try {
        messages.add(new ChatMessage(role, content));
      } catch (IllegalArgumentException e) {
        throw new MalformedMessageException(message.path() + e.getMessage());
      }
    }
    return messages;
  }

  /** A string, or parts of type text, which become lines as they do in other servers. */
  private static String content(Fields message) {
    if (message.value("content").filter(JsonNode::isArray).isEmpty()) {
      return message.requiredText("content");
    }
    var lines = new ArrayList<String>();
    for (Fields part : message.children("content", Input.Chat.MAX_MESSAGES)) {
      String type = part.requiredText("type");
      if (!type.equals("text")) {
        throw new MalformedMessageException(
            part.path()
                + "type must be text, the model reads nothing else; was "
                + Fields.shown(type));
      }
      lines.add(part.requiredText("text"));
    }
    return String.join("\n", lines);
  }
}
