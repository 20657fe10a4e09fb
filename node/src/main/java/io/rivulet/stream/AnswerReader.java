package io.rivulet.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rivulet.protocol.CloudEvents;
import io.rivulet.protocol.MalformedMessageException;
import io.rivulet.protocol.TokenEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Makes out, among the records of a tokens partition, the answer to one prompt. */
final class AnswerReader {

  private final Attempt attempt;
  private final byte[] key;
  private final List<Integer> tokenIds = new ArrayList<>();
  private boolean ended;

  /** An answer to the attempt's prompt, of which nothing is read yet. */
  AnswerReader(Attempt attempt) {
    this.attempt = attempt;
    this.key = attempt.id().getBytes(UTF_8);
  }

  /** How many tokens there are, without gaps. */
  int tokens() {
    return tokenIds.size();
  }

  PublishedAnswer answer() {
    return new PublishedAnswer(tokenIds, ended);
  }

  /** Takes the record if it is the next of the answer; an id alone may name several prompts. */
  void read(ConsumerRecord<byte[], byte[]> record) {
    if (!Arrays.equals(record.key(), key) || !isOfPrompt(record) || record.value() == null) {
      return;
    }
    TokenEvent event;
    try {
      event = TokenEvent.fromJson(record.value());
    } catch (MalformedMessageException e) {
      // None of ours: a node writes none that it could not read.
      return;
    }
    if (event.terminal()) {
      ended = true;
    } else if (event.index() == tokenIds.size()) {
      tokenIds.addAll(event.tokenIds());
    }
  }

  private boolean isOfPrompt(ConsumerRecord<byte[], byte[]> record) {
    return CloudEvents.text(record.headers(), EventRecords.PROMPT)
        .equals(Optional.of(attempt.origin().place()));
  }
}
