package io.rivulet.model.chat;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Templates render as jinja2 renders them; whatever they hold, they end soon and in one line. */
class ChatTemplateTest {

  /** When the recordings were made. */
  private static final Instant MOMENT = Instant.parse("2026-03-04T05:06:07Z");

  private static final List<ChatMessage> HELLO = List.of(new ChatMessage("user", "Hello"));

  static Stream<JsonNode> recordings() throws IOException {
    try (var in = requireNonNull(ChatTemplateTest.class.getResourceAsStream("templates.jsonl"))) {
      String lines = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return lines.lines().map(line -> JsonMapper.shared().readTree(line)).toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void rendersAsJinja2Does(JsonNode recording) {
    List<ChatMessage> messages =
        recording
            .get("messages")
            .valueStream()
            .map(m -> new ChatMessage(m.get("role").asString(), m.get("content").asString()))
            .toList();
    ChatTemplate template = template(recording.get("template").asString());
    if (recording.has("text")) {
      assertEquals(recording.get("text").asString(), template.render(messages, MOMENT));
      return;
    }
    String message =
        assertThrows(IllegalArgumentException.class, () -> template.render(messages, MOMENT))
            .getMessage();
    if (recording.has("refused")) {
      assertEquals(
          "the model's chat template refuses the messages: " + recording.get("refused").asString(),
          message);
    } else {
      assertTrue(message.startsWith("the model's chat template cannot be used: line "), message);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for a in range(10**9) %}{% for b in range(10**9) %}{% endfor %}{% endfor %}",
        "{% for a in range(2000) %}{% for b in range(2000) %}{{ a }}{% endfor %}{% endfor %}",
        "{% set n = namespace(s='x') %}{% for a in range(99) %}{% set n.s = n.s ~ n.s %}{% endfor"
            + " %}",
        "{% set n = namespace(l=[1]) %}{% for a in range(99) %}{% set n.l = n.l + n.l %}{% endfor"
            + " %}",
        "{% for a in range(9999) %}{{ 'x' * 4000000 }}{% endfor %}",
        "{{ 'x' * 10**18 }}",
        "{{ [0] * 10**18 }}",
        "{% set a = 'a' * 4000000 %}{{ ('a' * 2000000 ~ 'b') in a }}",
        "{% set a = 'a' * 4000000 %}{{ a.replace('', a) }}",
        "{{ 'x'|indent(10**9, true) }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
        "{% set n = namespace(l=[]) %}{% for a in range(99999) %}{% set n.l = [n.l] %}{% endfor"
            + " %}{{ n.l }}",
        "{% set n = namespace(l=[]) %}{% for a in range(99999) %}{% set n.l = [n.l] %}{% endfor"
            + " %}{{ n.l|tojson }}",
        "{% set n = namespace(l=[]) %}{% for a in range(99999) %}{% set n.l = [n.l] %}{% endfor"
            + " %}{{ n.l == [n.l] }}",
        "{% set n = namespace(l=[1]) %}{% for a in range(60) %}{% set n.l = [n.l, n.l] %}{% endfor"
            + " %}{{ n.l == n.l + [] }}",
        "{{ 10**18 * 10**18 }}",
        "{{ 2 ** 10 ** 10 }}"
      })
  void endsWhatWouldNotEnd(String endless) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> template(endless).render(HELLO, MOMENT))
            .getMessage();
    assertTrue(message.startsWith("the model's chat template cannot be used: line 1: "), message);
  }

  /** What repeats before and after a one in the middle. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "(, )",
        "[, ]",
        "{'a':, }",
        "-,",
        "`not `,",
        "1 +,",
        "1 ~,",
        "2 **,",
        "range(, )",
        ", .a",
        ", [0]",
        ", |string",
        "`0 if 0 else `,",
        ", `if 1 else 0 `",
        "`0 or `,",
        "`1 and `,"
      })
  void endsWhereExpressionsNestTooDeep(String before, String after) {
    int times = 50_000;
    String expression =
        requireNonNullElse(before, "").repeat(times)
            + " 1 "
            + requireNonNullElse(after, "").repeat(times);
    ChatTemplate deep = template("{{ " + expression + " }}");
    String message =
        assertThrows(IllegalArgumentException.class, () -> deep.render(HELLO, MOMENT)).getMessage();
    assertTrue(message.contains("nests deeper than"), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{% if 1 %}", "{% for a in [1] %}", "{% set a %}", "{% filter e %}"})
  void endsWhereBlocksNestTooDeep(String part) {
    ChatTemplate deep = template(part.repeat(50_000));
    String message =
        assertThrows(IllegalArgumentException.class, () -> deep.render(HELLO, MOMENT)).getMessage();
    assertTrue(message.contains("nests deeper than"), message);
  }

  @Test
  void refusesATemplateOfMoreThanAMillionCharacters() {
    ChatTemplate large = template("x".repeat(1 << 21));
    assertThrows(IllegalArgumentException.class, () -> large.render(HELLO, MOMENT));
  }

  @Test
  void namesTheDayOfTheMomentItIsGivenWhereverItRuns() {
    ChatTemplate template = template("{{ strftime_now('%Y-%m-%d %H:%M') }}");
    assertEquals("2026-03-04 05:06", template.render(HELLO, MOMENT));
    assertEquals("1999-12-31 23:59", template.render(HELLO, Instant.parse("1999-12-31T23:59:00Z")));
  }

  @Test
  void takesALongConversation() {
    var messages =
        Stream.iterate(0, i -> i + 1)
            .limit(2000)
            .map(i -> new ChatMessage(i % 2 == 0 ? "user" : "assistant", "word ".repeat(200)))
            .toList();
    String prompt =
        template("{% for m in messages %}{{ m.role + ': ' + m.content | trim }}\n{% endfor %}")
            .render(messages, MOMENT);
    assertEquals(2000, prompt.lines().count());
  }

  @Test
  void reachesNothingOfJava() {
    for (String property : List.of("class", "getClass", "hashCode", "length", "value", "items")) {
      assertEquals("", template("{{ messages[0].role." + property + " }}").render(HELLO, MOMENT));
    }
  }

  @Test
  void saysTheReasonOfARefusalOnOneLine() {
    ChatTemplate template = template("{{ raise_exception('no\n\tway') }}");
    String message =
        assertThrows(IllegalArgumentException.class, () -> template.render(HELLO, MOMENT))
            .getMessage();
    assertEquals("the model's chat template refuses the messages: no  way", message);
    assertFalse(message.contains("\n"));
  }

  @Test
  void namesTheLineOfAFault() {
    ChatTemplate template = template("one\n{{ messages[0].role }}\n\n{{ missing.role }}");
    assertEquals(
        "the model's chat template cannot be used: line 4: "
            + "'missing' is undefined, and has no 'role'",
        assertThrows(IllegalArgumentException.class, () -> template.render(HELLO, MOMENT))
            .getMessage());
  }

  private static ChatTemplate template(String text) {
    return new ChatTemplate(text, Map.of("bos_token", "<s>", "eos_token", "</s>"));
  }
}
