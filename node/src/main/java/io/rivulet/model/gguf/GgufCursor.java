package io.rivulet.model.gguf;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Reads forward through a mapped file, never past its end. */
final class GgufCursor {

  private static final String DAMAGED =
      "the file is damaged or was not written by the rules of GGUF: download or convert it again";

  private final Path path;
  private final MemorySegment file;
  private long position;

  GgufCursor(Path path, MemorySegment file) {
    this.path = path;
    this.file = file;
  }

  long position() {
    return position;
  }

  long remaining() {
    return file.byteSize() - position;
  }

  /** Takes so many bytes; what is being read is named should there be fewer. */
  MemorySegment bytes(long count, String what) {
    if (count > remaining()) {
      long needed = Math.max(0, count) + position;
      throw truncated(what, needed < 0 ? "more than 2^63" : "at least " + needed);
    }
    MemorySegment bytes = file.asSlice(position, count);
    position += count;
    return bytes;
  }

  long integer(GgufValueType type, String what) {
    return GgufLayout.integer(bytes(type.minBytes(), what), type, 0);
  }

  /** A count: not negative, and small enough for that many things to follow in the file. */
  long count(long minBytesEach, long limit, String what) {
    long count = integer(GgufValueType.UINT64, what);
    if (count < 0 || count > limit) {
      throw malformed(
          "%s is %s, the limit is %d".formatted(what, Long.toUnsignedString(count), limit));
    }
    if (count > remaining() / minBytesEach) {
      throw truncated(what, "at least " + (position + count * minBytesEach));
    }
    return count;
  }

  /** A string that may hold anything. */
  String text(long maxBytes, String what) {
    return GgufArray.text(bytes(count(1, maxBytes, "the length of " + what), what));
  }

  /** A string that names something: not empty, valid UTF-8. */
  String name(long maxBytes, String what) {
    MemorySegment bytes = bytes(count(1, maxBytes, "the length of " + what), what);
    if (bytes.byteSize() == 0) {
      throw malformed(what + " is empty");
    }
    try {
      ByteBuffer buffer = bytes.asByteBuffer();
      return StandardCharsets.UTF_8.newDecoder().decode(buffer).toString();
    } catch (CharacterCodingException e) {
      throw new ModelFileException(path, what + " is not valid UTF-8", DAMAGED, e);
    }
  }

  ModelFileException malformed(String problem) {
    return new ModelFileException(path, problem, DAMAGED);
  }

  ModelFileException truncated(String what, String expected) {
    return new ModelFileException(
        path,
        "truncated at %s: expected %s bytes, has %d".formatted(what, expected, file.byteSize()),
        "download or copy it again");
  }
}
