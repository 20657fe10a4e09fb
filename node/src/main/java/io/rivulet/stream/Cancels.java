package io.rivulet.stream;

import io.rivulet.protocol.FinishReason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The attempts under way by their requests, and what was cancelled before it was attempted.
 * Thread-safe.
 */
final class Cancels {

  /** Of those that came first, the oldest are forgotten. */
  private static final int REMEMBERED = 50_000;

  private record Watched(Attempt attempt, Instant sent) {}

  private final Map<String, List<Watched>> running = new HashMap<>();

  /** By request, when it was cancelled the last time. */
  private final Map<String, Instant> cancelled = new LinkedHashMap<>();

  /** Ends the attempt as cancelled if its prompt was, or when it is. */
  synchronized void watch(Attempt attempt, Instant promptSent) {
    running
        .computeIfAbsent(attempt.id(), id -> new ArrayList<>(1))
        .add(new Watched(attempt, promptSent));
    attempt.whenDone(() -> forget(attempt));
    Instant at = cancelled.getOrDefault(attempt.id(), Instant.MIN);
    if (!at.isBefore(promptSent)) {
      attempt.end(FinishReason.CANCELLED);
    }
  }

  /** Cancels what was sent under this id up to that time. */
  synchronized void cancel(String id, Instant sent) {
    cancelled.remove(id);
    cancelled.put(id, sent);
    if (cancelled.size() > REMEMBERED) {
      cancelled.remove(cancelled.keySet().iterator().next());
    }
    for (Watched watched : running.getOrDefault(id, List.of())) {
      if (!sent.isBefore(watched.sent())) {
        watched.attempt().end(FinishReason.CANCELLED);
      }
    }
  }

  private synchronized void forget(Attempt attempt) {
    List<Watched> attempts = running.getOrDefault(attempt.id(), new ArrayList<>());
    attempts.removeIf(watched -> watched.attempt() == attempt);
    if (attempts.isEmpty()) {
      running.remove(attempt.id());
    }
  }
}
