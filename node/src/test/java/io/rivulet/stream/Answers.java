package io.rivulet.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.engine.BatchEngine;
import io.rivulet.engine.EngineOptions;
import io.rivulet.engine.GeneratedToken;
import io.rivulet.engine.GenerationListener;
import io.rivulet.engine.GenerationResult;
import io.rivulet.kernels.Kernels;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.SparsityMode;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.TokenEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What the shipped model answers when nothing goes wrong, and whether nodes answered that. */
final class Answers {

  /** An uninterrupted answer. */
  record Answer(List<Integer> tokenIds, String text) {}

  private final Map<String, Answer> byId = new TreeMap<>();

  private Answers() {}

  /** Computes the answers without Kafka. */
  static Answers to(List<GenerationRequest> requests) throws Exception {
    var answers = new Answers();
    try (var model = LoadedModel.open(NodeProcess.MODEL, NodeProcess.PROFILE, Kernels.select());
        var engine = BatchEngine.start(model, EngineOptions.DEFAULT.withThreads(2))) {
      var pending = new ArrayList<CompletableFuture<Answer>>();
      for (GenerationRequest request : requests) {
        var answer = new CompletableFuture<Answer>();
        pending.add(answer);
        var _ =
            engine.submit(
                Translation.task(
                    request.id().orElseThrow(), Instant.EPOCH, request, 128, SparsityMode.EXACT),
                listener(answer));
      }
      for (int i = 0; i < requests.size(); i++) {
        answers.byId.put(
            requests.get(i).id().orElseThrow(), pending.get(i).get(60, TimeUnit.SECONDS));
      }
    }
    return answers;
  }

  private static GenerationListener listener(CompletableFuture<Answer> answer) {
    var ids = new ArrayList<Integer>();
    var text = new StringBuilder();
    return new GenerationListener() {
      @Override
      public void onToken(GeneratedToken token) {
        ids.add(token.tokenId());
        text.append(token.text());
      }

      @Override
      public void onFinish(GenerationResult result) {
        answer.complete(new Answer(ids, text.append(result.tail()).toString()));
      }
    };
  }

  int count() {
    return byId.size();
  }

  /** Whether each request has come to an end. */
  boolean complete(List<TokenEvent> events) {
    return byId.keySet().equals(Streams.ended(events));
  }

  /** Each token once and in order, and one end, as the events stand. */
  void assertExactly(List<TokenEvent> events) {
    assertEach(events, false);
  }

  /** The same for a reader that keeps the first event of each index. */
  void assertAtLeast(List<TokenEvent> events) {
    assertEach(events, true);
  }

  private void assertEach(List<TokenEvent> events, boolean mayRepeat) {
    var streams = Streams.byId(events);
    assertEquals(byId.keySet(), streams.keySet());
    byId.forEach((id, answer) -> assertIs(answer, streams.get(id), mayRepeat));
  }

  private static void assertIs(Answer answer, List<TokenEvent> events, boolean mayRepeat) {
    String id = events.getFirst().id();
    var text = new StringBuilder();
    int next = 0;
    for (TokenEvent event : events) {
      if (event.terminal()) {
        continue;
      }
      assertTrue(event.index() <= next, "a gap before " + event);
      assertEquals(
          List.of(answer.tokenIds().get(event.index())), event.tokenIds(), event.toString());
      assertTrue(mayRepeat || event.index() == next, "repeated: " + event);
      if (event.index() == next) {
        text.append(event.text());
        next++;
      }
    }
    var ends = events.stream().filter(TokenEvent::terminal).toList();
    assertEquals(1, ends.size(), id);
    TokenEvent end = ends.getFirst();
    assertEquals(answer.tokenIds().size(), next, id);
    assertEquals(answer.tokenIds().size(), end.index(), id);
    assertEquals(answer.text(), text.append(end.text()).toString(), id);
    var completion = end.completion().orElseThrow();
    assertEquals(end.index(), completion.usage().orElseThrow().completionTokens());
  }
}
