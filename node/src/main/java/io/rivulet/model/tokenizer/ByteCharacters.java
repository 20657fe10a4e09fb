package io.rivulet.model.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes as byte-level vocabularies write them, each as one visible character: printable ones of
 * Latin-1 as themselves, the others as U+0100 and up (GPT-2's bytes_to_unicode).
 */
final class ByteCharacters {

  private static final char[] CHARACTERS = new char[256];
  private static final int[] BYTES = new int[512];

  static {
    Arrays.fill(BYTES, -1);
    char other = 0x100;
    for (int value = 0; value < CHARACTERS.length; value++) {
      boolean visible =
          (value > ' ' && value <= '~') || (value >= 0xa1 && value <= 0xff && value != 0xad);
      CHARACTERS[value] = visible ? (char) value : other++;
      BYTES[CHARACTERS[value]] = value;
    }
  }

  private ByteCharacters() {}

  static char of(byte value) {
    return CHARACTERS[value & 0xff];
  }

  static String of(byte[] bytes) {
    char[] characters = new char[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      characters[i] = of(bytes[i]);
    }
    return new String(characters);
  }

  /** The bytes that a token stands for; characters that stand for none give their UTF-8. */
  static byte[] bytes(String token) {
    var bytes = new ByteArrayOutputStream(token.length());
    token
        .codePoints()
        .forEach(
            c -> {
              if (c < BYTES.length && BYTES[c] >= 0) {
                bytes.write(BYTES[c]);
              } else {
                bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
              }
            });
    return bytes.toByteArray();
  }
}
