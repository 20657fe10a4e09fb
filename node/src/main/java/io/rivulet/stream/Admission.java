package io.rivulet.stream;

import io.rivulet.protocol.DeadLetter;
import io.rivulet.protocol.MalformedMessageException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Begins an attempt at a delivered record, or sets the record aside as a dead letter. */
final class Admission {

  private static final Logger log = LoggerFactory.getLogger(Admission.class);

  private final GenerationVerticle generation;
  private final PublishedAnswers answers;
  private final Cancels cancels;
  private final Monitor monitor;
  private final int attempts;

  /**
   * Admits to this generation.
   *
   * @param attempts after so many that came to nothing a prompt is set aside
   */
  Admission(
      GenerationVerticle generation,
      PublishedAnswers answers,
      Cancels cancels,
      Monitor monitor,
      int attempts) {
    this.generation = generation;
    this.answers = answers;
    this.cancels = cancels;
    this.monitor = monitor;
    this.attempts = attempts;
  }

  /** The attempt at the record, which is published in the end or fails, whatever the record is. */
  Attempt begin(Delivery delivery) {
    Prompt prompt;
    try {
      prompt = Prompt.read(delivery.record());
    } catch (MalformedMessageException e) {
      Optional<String> id = Prompt.idOf(delivery.record());
      var attempt = new Attempt(id.orElse(""), delivery);
      monitor.watch(attempt, delivery.record(), Optional.empty());
      return afterEarlier(attempt, delivery, refused -> refuse(delivery, refused, "read", e));
    }
    var attempt = new Attempt(prompt.id(), delivery);
    monitor.watch(attempt, delivery.record(), Optional.of(prompt));
    return afterEarlier(attempt, delivery, begun -> begin(prompt, delivery, begun));
  }

  /** What is done with an attempt that knows what earlier ones published. */
  private interface Step {
    void take(Attempt attempt);
  }

  private Attempt afterEarlier(Attempt attempt, Delivery delivery, Step step) {
    boolean first =
        switch (delivery.earlier()) {
          case Earlier.Nothing() -> true;
          case Earlier.Something(), Earlier.Tokens(_) -> attempt.id().isEmpty();
        };
    if (first) {
      takeOrFail(attempt, step);
    } else {
      // Reading takes its time, and whoever delivered has a claim to keep.
      Thread.ofVirtual()
          .name("answer of " + attempt.place())
          .start(
              () -> {
                try {
                  continueAfter(answers.find(attempt, delivery), attempt, step);
                } catch (RuntimeException e) {
                  attempt.fail(e);
                }
              });
    }
    return attempt;
  }

  private void continueAfter(PublishedAnswer answer, Attempt attempt, Step step) {
    if (answer.ended()) {
      log.info("request {} at {} was answered already", attempt.id(), attempt.place());
      generation.acknowledge(attempt, answer.tokenIds().size());
      return;
    }
    if (!answer.tokenIds().isEmpty()) {
      log.info("request {} goes on after {} tokens", attempt.id(), answer.tokenIds().size());
    }
    attempt.continueAfter(answer);
    takeOrFail(attempt, step);
  }

  private static void takeOrFail(Attempt attempt, Step step) {
    try {
      step.take(attempt);
    } catch (RuntimeException | Error e) {
      // An error, too: for want of memory, say, which the next attempt may have.
      attempt.fail(e);
    }
  }

  private void begin(Prompt prompt, Delivery delivery, Attempt attempt) {
    int published = attempt.earlier().tokenIds().size();
    if (delivery.left() == Delivery.Left.NONE && answers.sentAgain(attempt)) {
      generation.acknowledge(attempt, published);
      return;
    }
    Strikes strikes = delivery.strikes().withPublished(published);
    if (strikes.count() > attempts) {
      var poison =
          new IllegalStateException(
              "none of %d attempts in a row brought a token: given up".formatted(attempts));
      refuse(delivery, attempt, "admit", poison);
      return;
    }
    if (delivery.left() != Delivery.Left.ENOUGH) {
      log.info("request {} at {} takes new deliveries", attempt.id(), attempt.place());
      generation.sendAgain(attempt, delivery, strikes.before());
      return;
    }
    cancels.watch(attempt, prompt.sent());
    try {
      generation.begin(prompt, attempt);
    } catch (IllegalArgumentException e) {
      refuse(delivery, attempt, "admit", e);
    }
  }

  /** Publishes the dead letter, and the end where there is an id. */
  private void refuse(Delivery delivery, Attempt attempt, String stage, Throwable error) {
    var letter = DeadLetter.of(delivery.record(), stage, error);
    // What it repeats of the request may not begin a line of the log.
    log.warn(
        "refused the prompt at {}: {}",
        attempt.place(),
        letter.message().replaceAll("\\p{Cntrl}+", " "));
    generation.refuse(attempt, delivery.record(), letter);
  }
}
