package io.rivulet.model.chat;

import io.rivulet.model.gguf.GgufMetadata;
import io.rivulet.model.jinja.Arguments;
import io.rivulet.model.jinja.JinjaException;
import io.rivulet.model.jinja.JinjaTemplate;
import io.rivulet.model.jinja.Limits;
import io.rivulet.model.jinja.Value;
import io.rivulet.model.tokenizer.Tokenizer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a model wants a conversation written: the Jinja template of its file, with the variables and
 * functions that Hugging Face's {@code apply_chat_template} gives to one. The template is not
 * trusted: what it takes is limited. Safe to use from many threads.
 */
public final class ChatTemplate {

  private static final String TEMPLATE_KEY = "tokenizer.chat_template";
  private static final String TOKENS_KEY = "tokenizer.ggml.tokens";

  /** A template's own refusal of the messages it is given. */
  private static final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RefusedException(String reason) {
      super(reason);
    }
  }

  private final String template;
  private final Map<String, Value> variables;

  /**
   * A template and what it is given besides the messages.
   *
   * @param tokens the texts of special tokens by their variables' names, {@code bos_token}
   */
  public ChatTemplate(String template, Map<String, String> tokens) {
    this.template = template;
    var values = new HashMap<String, Value>();
    tokens.forEach((name, text) -> values.put(name, Value.of(text)));
    values.put("add_generation_prompt", Value.TRUE);
    values.put("raise_exception", new Value.Function("raise_exception", ChatTemplate::refuse));
    this.variables = Map.copyOf(values);
  }

  /**
   * The template of a model's file, if it has one.
   *
   * @throws io.rivulet.model.gguf.ModelFileException if the key is not a string
   */
  public static Optional<ChatTemplate> from(GgufMetadata metadata, Tokenizer tokenizer) {
    if (!metadata.contains(TEMPLATE_KEY)) {
      return Optional.empty();
    }
    List<String> texts = metadata.texts(TOKENS_KEY);
    var tokens = new HashMap<String, String>();
    putToken(tokens, "bos_token", texts, tokenizer.bos());
    putToken(tokens, "eos_token", texts, tokenizer.eos());
    return Optional.of(new ChatTemplate(metadata.text(TEMPLATE_KEY), tokens));
  }

  private static void putToken(
      Map<String, String> tokens, String name, List<String> texts, int id) {
    if (id != Tokenizer.NONE) {
      tokens.put(name, texts.get(id));
    }
  }

  /**
   * The conversation as one prompt, up to where the model's next message begins.
   *
   * @param moment what a template that names the day takes for now, in UTC, so that the same
   *     arguments give the same text on every machine
   * @throws IllegalArgumentException if the template refuses these messages, is not sound, or takes
   *     more than the limits; the message is one line
   */
  public String render(List<ChatMessage> messages, Instant moment) {
    var values = new HashMap<>(variables);
    values.put(
        "messages", new Value.Sequence(messages.stream().map(ChatTemplate::dictionary).toList()));
    ZonedDateTime time = moment.atZone(ZoneOffset.UTC);
    values.put(
        "strftime_now",
        new Value.Function(
            "strftime_now",
            arguments -> Value.of(Strftime.format(arguments.text(0, "format"), time))));
    try {
      return JinjaTemplate.parse(template).render(values, Limits.USUAL);
    } catch (RefusedException e) {
      throw new IllegalArgumentException(
          "the model's chat template refuses the messages: " + e.getMessage(), e);
    } catch (JinjaException e) {
      throw new IllegalArgumentException(
          "the model's chat template cannot be used: " + e.getMessage(), e);
    }
  }

  private static Value dictionary(ChatMessage message) {
    var fields = new LinkedHashMap<String, Value>();
    fields.put("role", Value.of(message.role()));
    fields.put("content", Value.of(message.content()));
    return Value.Mapping.of(fields);
  }

  private static Value refuse(Arguments arguments) {
    throw new RefusedException(
        arguments.text(0, "message").replaceAll("[\\p{Cntrl}\\u2028\\u2029]", " "));
  }
}
