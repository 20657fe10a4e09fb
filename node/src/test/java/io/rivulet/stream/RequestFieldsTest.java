package io.rivulet.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.broker.EmbeddedBroker;
import io.rivulet.engine.BatchEngine;
import io.rivulet.engine.EngineOptions;
import io.rivulet.kernels.Kernels;
import io.rivulet.model.LoadedModel;
import io.rivulet.protocol.ChatMessage;
import io.rivulet.protocol.Completion;
import io.rivulet.protocol.FinishReason;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.GenerationRequestBuilder;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.Logprobs;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.TokenLogprob;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What requests ask for, from a client through a broker and a node with a real engine and back. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class RequestFieldsTest {

  /** Tokens of the model are bytes, after three control tokens. */
  private static final int BYTES_FROM = 3;

  private static final String TEMPLATE =
      "{{ bos_token }}{% for m in messages %}"
          + "{% if m.role == 'tool' %}{{ raise_exception('no tools here') }}{% endif %}"
          + "{{ m.role }}:{{ m.content }}</s>{% endfor %}";

  private static LoadedModel model;
  private static BatchEngine engine;
  private static EmbeddedBroker broker;
  private static Node node;
  private static RivuletClient client;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    Path file = RandomModel.write(folder.resolve("random.gguf"), TEMPLATE);
    model = LoadedModel.open(file, Kernels.select());
    engine = BatchEngine.start(model, EngineOptions.DEFAULT.withThreads(2));
    broker = EmbeddedBroker.start(EmbeddedBroker.Options.onPort(0));
    var kafka = KafkaConnection.to(broker.bootstrapServers());
    node = Node.start(NodeOptions.of(kafka, "random").withDrainTimeout(Duration.ZERO), engine);
    client = RivuletClient.connect(RivuletClient.Options.of(kafka));
  }

  @AfterAll
  static void stop() {
    client.close();
    node.close();
    broker.close();
    engine.close();
    model.close();
  }

  @Test
  void aStopStringEndsTheStreamBeforeIt() {
    List<TokenEvent> free = answer(letters());
    String stop = "aab";
    int at = text(free).indexOf(stop);
    assertTrue(at > 0, text(free));

    List<TokenEvent> events = answer(letters().stop(List.of("never", stop)));

    assertEquals(text(free).substring(0, at), text(events));
    // One letter a token: those of the stop string have events too, and are counted.
    int tokens = at + stop.length();
    assertEquals(
        IntStream.rangeClosed(0, tokens).boxed().toList(),
        events.stream().map(TokenEvent::index).toList());
    for (int i = 0; i < tokens; i++) {
      assertEquals(free.get(i).tokenIds(), events.get(i).tokenIds());
    }
    Completion end = events.getLast().completion().orElseThrow();
    assertEquals(FinishReason.STOP, end.finishReason());
    assertEquals(tokens, end.usage().orElseThrow().completionTokens());
    assertEquals("", events.getLast().text());
  }

  @Test
  void logProbabilitiesComeWithEveryTokenAndAreTheModels() {
    List<TokenEvent> events = answer(letters().topLogprobs(3));

    for (TokenEvent event : events.subList(0, events.size() - 1)) {
      Logprobs logprobs = event.logprobs().orElseThrow();
      TokenLogprob chosen = logprobs.chosen();
      assertEquals(event.tokenIds(), List.of(chosen.tokenId()));
      assertEquals(event.text(), chosen.token());
      assertEquals(List.of(chosen.tokenId() - BYTES_FROM), chosen.bytes());
      List<Double> top = logprobs.top().stream().map(TokenLogprob::logprob).toList();
      assertEquals(3, top.size());
      assertEquals(top.stream().sorted((a, b) -> Double.compare(b, a)).toList(), top);
      // Biased as it was, the letter was certain; to the model itself it is one of 259.
      assertTrue(chosen.logprob() < -0.5 && chosen.logprob() <= top.getFirst(), "" + chosen);
    }
    assertTrue(events.getLast().logprobs().isEmpty());
    assertTrue(answer(letters()).getFirst().logprobs().isEmpty());
  }

  @Test
  void aChatIsThePromptThatItsTemplateMakes() {
    var messages = List.of(new ChatMessage("system", "brief"), new ChatMessage("user", "who?"));

    List<TokenEvent> events = answer(GenerationRequest.of(messages).seed(3).maxTokens(8));

    // <s>, "system:brief", </s>, "user:who?", </s>: control tokens are one token each, and the
    // space that SentencePiece puts before a text is three bytes.
    Completion end = events.getLast().completion().orElseThrow();
    assertEquals(1 + 3 + 12 + 1 + 3 + 9 + 1, end.usage().orElseThrow().promptTokens());
    assertEquals(8, end.usage().orElseThrow().completionTokens());
  }

  @Test
  void refusalsSayWhatToDo() {
    assertEquals(
        "the model's chat template refuses the messages: no tools here",
        refusal(GenerationRequest.of(List.of(new ChatMessage("tool", "{}")))));
    assertEquals(
        "logit_bias names token 259, but the model's tokens are 0 to 258",
        refusal(GenerationRequest.of("x").logitBias(Map.of(259, 1.0))));
    assertEquals(
        "stop_token_ids names token 1000, but the model's tokens are 0 to 258",
        refusal(GenerationRequest.of("x").stopTokenIds(List.of(4, 1000))));
  }

  /** Draws a and b with equal chances, the same ones each time. */
  private static GenerationRequestBuilder letters() {
    return GenerationRequest.of("once")
        .seed(17)
        .temperature(100)
        .topK(2)
        .maxTokens(60)
        .logitBias(Map.of(BYTES_FROM + 'a', 100.0, BYTES_FROM + 'b', 100.0));
  }

  private static String refusal(GenerationRequestBuilder request) {
    return answer(request.maxTokens(4))
        .getLast()
        .completion()
        .flatMap(Completion::error)
        .orElseThrow();
  }

  private static List<TokenEvent> answer(GenerationRequestBuilder request) {
    try (var stream = client.submit(request.build())) {
      var events = new ArrayList<TokenEvent>();
      stream.forEachRemaining(events::add);
      return events;
    }
  }

  private static String text(List<TokenEvent> events) {
    return events.stream().map(TokenEvent::text).collect(Collectors.joining());
  }
}
