package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufMetadata;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * SentencePiece's precompiled normalization: replaces the longest sequences of bytes that it knows
 * by others. Sequences are found in an XOR-compressed double array (Kanda et al. 2018), as the
 * Darts library lays it out: 4 bytes a node, little-endian, of which bits 0 to 7 are the label, bit
 * 8 says whether a sequence ends here, bit 9 whether the offset in bits 10 to 30 counts 256s.
 * Replacements follow it, each ended by a zero byte.
 */
final class CharacterMap {

  static final String KEY = "tokenizer.ggml.precompiled_charsmap";

  private final int[] nodes;
  private final byte[] replacements;

  private CharacterMap(int[] nodes, byte[] replacements) {
    this.nodes = nodes;
    this.replacements = replacements;
  }

  /** The file's; one that changes nothing where the file has none. */
  static CharacterMap from(GgufMetadata metadata) {
    if (!metadata.contains(KEY)) {
      return new CharacterMap(new int[0], new byte[0]);
    }
    int[] values = metadata.integers(KEY, Byte.MIN_VALUE, 0xff);
    ByteBuffer bytes = ByteBuffer.allocate(values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      bytes.put((byte) value);
    }
    bytes.flip();
    if (bytes.remaining() < Integer.BYTES) {
      throw metadata.invalid(KEY, "has %d bytes, expected at least 4".formatted(values.length));
    }
    long size = Integer.toUnsignedLong(bytes.getInt());
    if (size % Integer.BYTES != 0 || size >= bytes.remaining()) {
      throw metadata.invalid(
          KEY,
          "says that its table has %d bytes, expected a multiple of 4 below %d"
              .formatted(size, bytes.remaining()));
    }
    int[] nodes = new int[(int) size / Integer.BYTES];
    bytes.asIntBuffer().get(nodes);
    byte[] replacements =
        Arrays.copyOfRange(bytes.array(), Integer.BYTES + (int) size, values.length);
    if (replacements[replacements.length - 1] != 0) {
      throw metadata.invalid(KEY, "does not end with a zero byte");
    }
    return new CharacterMap(nodes, replacements);
  }

  /** The text after normalization. */
  String apply(String text) {
    if (nodes.length == 0) {
      return text;
    }
    byte[] from = text.getBytes(StandardCharsets.UTF_8);
    var to = new ByteArrayOutputStream(from.length);
    for (int at = 0; at < from.length; ) {
      at += step(from, at, to);
    }
    return to.toString(StandardCharsets.UTF_8);
  }

  /** Writes what stands for the sequence that begins there; gives its length. */
  private int step(byte[] from, int at, ByteArrayOutputStream to) {
    int longest = 0;
    int replacement = 0;
    int node = offset(nodes[0]);
    for (int i = at; i < from.length && from[i] != 0; i++) {
      int label = from[i] & 0xff;
      node ^= label;
      if (node < 0 || node >= nodes.length || (nodes[node] & 0x800000ff) != label) {
        break;
      }
      boolean ends = (nodes[node] >>> 8 & 1) != 0;
      node ^= offset(nodes[node]);
      if (ends && node >= 0 && node < nodes.length) {
        longest = i - at + 1;
        replacement = nodes[node] & Integer.MAX_VALUE;
      }
    }
    if (longest == 0 || replacement >= replacements.length) {
      int length = Math.min(from.length - at, utf8Length(from[at]));
      to.write(from, at, length);
      return length;
    }
    for (int i = replacement; replacements[i] != 0; i++) {
      to.write(replacements[i]);
    }
    return longest;
  }

  private static int offset(int node) {
    return (node >>> 10) << ((node & 1 << 9) >>> 6);
  }

  private static int utf8Length(byte first) {
    return first >= 0 ? 1 : Integer.numberOfLeadingZeros(~(first << 24));
  }
}
