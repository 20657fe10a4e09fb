package io.rivulet.cli;

import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Lets a command close what it opened when the process is told to stop (Ctrl-C, SIGTERM): the
 * command's thread is interrupted, and the process ends when the command has returned.
 */
final class Termination {

  /** A command's work. */
  @FunctionalInterface
  interface Body {
    /** Returns the exit code; closes what it opened, also when interrupted. */
    int run(Termination termination) throws Exception;
  }

  private final Thread command = Thread.currentThread();
  private final AtomicBoolean asked = new AtomicBoolean();
  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook = Thread.ofPlatform().name("termination").unstarted(this::end);

  private Termination() {}

  /** Runs a command's work such that it is told of the process's end and may finish first. */
  static int during(Body body) throws Exception {
    var termination = new Termination();
    Runtime.getRuntime().addShutdownHook(termination.hook);
    try {
      return body.run(termination);
    } finally {
      termination.finish();
    }
  }

  /** Blocks until the process is told to stop. */
  void await() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      // Told to stop: the caller goes on to close what it opened.
    }
  }

  /** Blocks until the process is told to stop, or that comes which is then returned. */
  <T> Optional<T> await(CompletionStage<T> other) {
    try {
      return Optional.of(other.toCompletableFuture().get());
    } catch (InterruptedException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException("what was waited for failed", e.getCause());
    }
  }

  private void end() {
    asked.set(true);
    command.interrupt();
    try {
      done.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // Everything is closed: an orderly end, which the JVM would report as 130 or 143.
    Runtime.getRuntime().halt(0);
  }

  private void finish() {
    done.countDown();
    if (!asked.get()) {
      Runtime.getRuntime().removeShutdownHook(hook);
    }
  }
}
