package io.rivulet.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Keeps what a generation produced. */
final class Recording implements GenerationListener {

  private final List<GeneratedToken> tokens = new ArrayList<>();
  private final CountDownLatch firstToken = new CountDownLatch(1);
  private final CompletableFuture<GenerationResult> result = new CompletableFuture<>();

  @Override
  public synchronized void onToken(GeneratedToken token) {
    tokens.add(token);
    firstToken.countDown();
  }

  @Override
  public void onFinish(GenerationResult generationResult) {
    if (!result.complete(generationResult)) {
      throw new AssertionError("finished twice");
    }
  }

  GenerationResult result() throws Exception {
    return result.get(60, TimeUnit.SECONDS);
  }

  boolean finished() {
    return result.isDone();
  }

  void awaitFirstToken() throws InterruptedException {
    if (!firstToken.await(60, TimeUnit.SECONDS)) {
      throw new AssertionError("no token came");
    }
  }

  synchronized List<GeneratedToken> tokens() {
    return List.copyOf(tokens);
  }

  List<Integer> ids() throws Exception {
    result();
    return tokens().stream().map(GeneratedToken::tokenId).toList();
  }

  String text() throws Exception {
    GenerationResult end = result();
    StringBuilder text = new StringBuilder();
    tokens().forEach(token -> text.append(token.text()));
    return text.append(end.tail()).toString();
  }
}
