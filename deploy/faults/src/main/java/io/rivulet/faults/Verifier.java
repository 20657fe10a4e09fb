package io.rivulet.faults;

import io.rivulet.protocol.DeadLetter;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.Topics;
import io.rivulet.stream.IntakeKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads all that was published, as any reader could, and holds it against what was sent. */
final class Verifier {

  private final IntakeKind intake;
  private final Topics topics;
  private final Complaints complaints;
  private final Map<String, List<Spoken>> answers = new HashMap<>();
  private final Map<String, List<ConsumerRecord<byte[], byte[]>>> letters = new HashMap<>();
  private int lost;
  private int badLetters;

  private Verifier(IntakeKind intake, Topics topics, Complaints complaints) {
    this.intake = intake;
    this.topics = topics;
    this.complaints = complaints;
  }

  /**
   * The verdict.
   *
   * @param complaints what nodes did wrong; each finding is added
   */
  static Verdict verify(
      KafkaConnection kafka,
      Topics topics,
      List<Sent> sent,
      IntakeKind intake,
      Complaints complaints) {
    int unruly = complaints.all().size();
    var verifier = new Verifier(intake, topics, complaints);
    try (var topic = new Topic(kafka, topics.tokens(), topics.deadLetters())) {
      topic.toTheEnd(verifier::read);
    }
    return verifier.verify(sent, unruly);
  }

  private void read(ConsumerRecord<byte[], byte[]> record) {
    if (record.topic().equals(topics.tokens())) {
      Spoken spoken = Spoken.read(record);
      answers.computeIfAbsent(spoken.event().id(), id -> new ArrayList<>()).add(spoken);
    } else {
      String place = DeadLetter.read(record.headers()).map(Watch::placeOf).orElse("nowhere");
      letters.computeIfAbsent(place, at -> new ArrayList<>()).add(record);
    }
  }

  private Verdict verify(List<Sent> sent, int unruly) {
    var checks = new ArrayList<StreamCheck>();
    for (Sent each : sent) {
      each.name()
          .ifPresent(
              id -> {
                List<Spoken> events = answers.getOrDefault(id, List.of());
                answers.remove(id);
                if (events.isEmpty()) {
                  lost++;
                  complaints.add(id + " has no event");
                } else {
                  checks.add(check(each, events));
                }
              });
      switch (each) {
        case Sent.Prompt _ -> {}
        case Sent.Poison poison -> check(poison, letters.getOrDefault(poison.place(), List.of()));
      }
      if (each instanceof Sent.Poison poison) {
        letters.remove(poison.place());
      }
    }
    for (String place : letters.keySet()) {
      badLetters++;
      complaints.add("the prompt at " + place + " was set aside");
    }
    for (String id : answers.keySet()) {
      badLetters++;
      complaints.add(id + " was answered and never sent");
    }
    return new Verdict(
        sent.size(),
        checks.stream().mapToInt(StreamCheck::tokens).sum(),
        lost,
        checks.stream().mapToInt(StreamCheck::repeated).sum(),
        checks.stream().mapToInt(StreamCheck::late).sum(),
        checks.stream().mapToInt(StreamCheck::different).sum(),
        checks.stream().mapToInt(StreamCheck::gaps).sum(),
        (int) checks.stream().filter(check -> check.ends() == 0).count(),
        checks.stream().mapToInt(check -> Math.max(0, check.ends() - 1)).sum(),
        checks.stream().mapToInt(StreamCheck::unclaimed).sum(),
        (int) checks.stream().filter(StreamCheck::wrong).count() + badLetters,
        unruly);
  }

  private StreamCheck check(Sent sent, List<Spoken> events) {
    var check = new StreamCheck(events);
    switch (sent) {
      case Sent.Prompt prompt -> check.against(prompt);
      case Sent.Poison _ -> check.refused();
    }
    check.complaint().ifPresent(complaints::add);
    if (intake == IntakeKind.GROUP && check.repeated() + check.late() > 0) {
      complaints.add(
          "%s: %d tokens came again, and %d events after the end"
              .formatted(events.getFirst().event().id(), check.repeated(), check.late()));
    }
    return check;
  }

  /** There is at least one dead letter: it is no part of a transaction, which it could spoil. */
  private void check(Sent.Poison poison, List<ConsumerRecord<byte[], byte[]>> found) {
    if (found.isEmpty()) {
      lost++;
      complaints.add("the record at " + poison.place() + " has no dead letter");
    }
    for (ConsumerRecord<byte[], byte[]> letter : found) {
      if (!Arrays.equals(letter.value(), poison.value().orElse(null))) {
        badLetters++;
        complaints.add("the dead letter of " + poison.place() + " has other bytes");
      }
    }
  }
}
