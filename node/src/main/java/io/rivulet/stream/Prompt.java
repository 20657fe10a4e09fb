package io.rivulet.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rivulet.protocol.GenerationRequest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A request as it was delivered.
 *
 * @param id what its tokens are named by
 * @param sent the timestamp of its first record, the same at every delivery
 */
record Prompt(String id, Instant sent, GenerationRequest request) {

  /**
   * Reads a record of the prompts topic.
   *
   * @throws io.rivulet.protocol.MalformedMessageException naming what cannot be read
   */
  static Prompt read(ConsumerRecord<byte[], byte[]> record) {
    var request = GenerationRequest.fromJson(value(record));
    Origin origin = Origin.of(record);
    String id = request.id().or(() -> keyOf(record)).orElse(origin.place());
    return new Prompt(id, origin.sent(), request);
  }

  /** The id of a record that cannot be read, where there is one. */
  static Optional<String> idOf(ConsumerRecord<byte[], byte[]> record) {
    return GenerationRequest.idIn(value(record)).or(() -> keyOf(record));
  }

  private static byte[] value(ConsumerRecord<byte[], byte[]> record) {
    return record.value() == null ? new byte[0] : record.value();
  }

  private static Optional<String> keyOf(ConsumerRecord<byte[], byte[]> record) {
    if (record.key() == null) {
      return Optional.empty();
    }
    try {
      String key = UTF_8.newDecoder().decode(ByteBuffer.wrap(record.key())).toString();
      return Optional.of(key).filter(GenerationRequest::isId);
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
