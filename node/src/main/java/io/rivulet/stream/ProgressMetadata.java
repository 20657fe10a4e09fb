package io.rivulet.stream;

import io.rivulet.stream.Progress.State;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link Progress} as a committed offset with metadata: {@code rivulet1:OWNER:STATES}. The owner is
 * the node that works on the partition, empty where it gave it up. The states are bytes in base64,
 * one state after the other from the offset on: 0 for an offset that is done or holds no prompt,
 * else one more than its published tokens, then its attempt and its strikes; numbers are in base
 * 128, the lowest digits first, with the upper bit set on all but the last (LEB128).
 */
final class ProgressMetadata {

  private static final Logger log = LoggerFactory.getLogger(ProgressMetadata.class);

  private static final Pattern FORM =
      Pattern.compile("rivulet1:([A-Za-z0-9._-]{0,200}):([A-Za-z0-9_-]*)");
  private static final int DIGIT_BITS = 7;
  private static final int DIGIT_MASK = 0x7f;
  private static final int MORE = 0x80;

  private ProgressMetadata() {}

  /**
   * What to commit.
   *
   * @param owner the node that goes on with the partition; empty: none
   */
  static OffsetAndMetadata of(Progress progress, String owner) {
    var bytes = new ByteArrayOutputStream();
    long end = progress.base();
    for (Map.Entry<Long, State> entry : progress.states().entrySet()) {
      if (entry.getValue().done() || entry.getValue().attempt() > 0) {
        end = entry.getKey() + 1;
      }
    }
    for (long offset = progress.base(); offset < end; offset++) {
      State state = progress.states().getOrDefault(offset, State.DONE);
      if (state.done()) {
        write(0, bytes);
      } else {
        write(state.tokens() + 1, bytes);
        write(state.attempt(), bytes);
        write(state.strikes(), bytes);
      }
    }
    String states = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
    return new OffsetAndMetadata(progress.base(), "rivulet1:" + owner + ":" + states);
  }

  /** The node that did not give the partition up; absent where there is none. */
  static Optional<String> owner(String metadata) {
    Matcher form = FORM.matcher(metadata);
    return form.matches() && !form.group(1).isEmpty()
        ? Optional.of(form.group(1))
        : Optional.empty();
  }

  /** What was committed; with metadata that are not ours, nothing beyond the offset was begun. */
  static Progress read(OffsetAndMetadata committed) {
    Matcher form = FORM.matcher(committed.metadata());
    if (!form.matches()) {
      if (!committed.metadata().isEmpty()) {
        log.warn("offset {} has metadata of somebody else, passed over", committed.offset());
      }
      return new Progress(committed.offset());
    }
    var states = new TreeMap<Long, State>();
    try {
      var bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(form.group(2)));
      for (long offset = committed.offset(); bytes.hasRemaining(); offset++) {
        int code = read(bytes);
        states.put(
            offset, code == 0 ? State.DONE : new State(false, code - 1, read(bytes), read(bytes)));
      }
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      log.warn("offset {} has damaged metadata, passed over", committed.offset());
      return new Progress(committed.offset());
    }
    return new Progress(committed.offset(), states);
  }

  private static void write(int value, ByteArrayOutputStream bytes) {
    int rest = value;
    while (rest > DIGIT_MASK) {
      bytes.write((rest & DIGIT_MASK) | MORE);
      rest >>>= DIGIT_BITS;
    }
    bytes.write(rest);
  }

  private static int read(ByteBuffer bytes) {
    int value = 0;
    for (int shift = 0; shift < Integer.SIZE; shift += DIGIT_BITS) {
      byte digit = bytes.get();
      value |= (digit & DIGIT_MASK) << shift;
      if (digit >= 0) {
        if (value < 0) {
          break;
        }
        return value;
      }
    }
    throw new IllegalArgumentException("a number is too large");
  }
}
