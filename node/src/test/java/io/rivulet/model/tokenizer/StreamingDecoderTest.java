package io.rivulet.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StreamingDecoderTest {

  @Test
  void holdsACharacterUntilItIsWhole() {
    var decoder = new StreamingDecoder();
    assertEquals("a", decoder.accept(bytes(0x61, 0xf0)));
    assertEquals("", decoder.accept(bytes(0x9f)));
    assertEquals("", decoder.accept(bytes(0x98)));
    assertEquals("\ud83d\ude00b", decoder.accept(bytes(0x80, 0x62)));
    assertEquals("", decoder.flush());
  }

  @Test
  void replacesACharacterThatNeverBecomesWhole() {
    var decoder = new StreamingDecoder();
    assertEquals("", decoder.accept(bytes(0xe2, 0x82)));
    assertEquals("\ufffd", decoder.flush());
    assertEquals("", decoder.flush());
    assertEquals("x", decoder.accept(bytes(0x78)));
  }

  /** The examples of the Unicode Standard, table 3-8: one mark for each maximal part. */
  @Test
  void replacesWhatIsNoUtf8AsTheUnicodeStandardSays() {
    var decoder = new StreamingDecoder();
    String text =
        decoder.accept(bytes(0x61, 0xf1, 0x80, 0x80, 0xe1, 0x80, 0xc2, 0x62, 0x80, 0x63, 0x80))
            + decoder.accept(bytes(0xbf, 0x64));
    assertEquals("a\ufffd\ufffd\ufffdb\ufffdc\ufffd\ufffdd", text);
  }

  @Test
  void givesTheSameHoweverTheBytesAreCut() {
    var random = new SplittableRandom(3);
    for (int round = 0; round < 3000; round++) {
      byte[] bytes = randomBytes(random);
      var decoder = new StreamingDecoder();
      var text = new StringBuilder();
      for (int at = 0; at < bytes.length; ) {
        int end = Math.min(bytes.length, at + random.nextInt(5));
        String part = decoder.accept(Arrays.copyOfRange(bytes, at, end));
        assertFalse(part.codePoints().anyMatch(c -> c >= 0xd800 && c < 0xe000), "half a character");
        text.append(part);
        at = end;
      }
      assertEquals(new String(bytes, StandardCharsets.UTF_8), text + decoder.flush());
    }
  }

  private static byte[] randomBytes(SplittableRandom random) {
    int[] starts = {0x41, 0x80, 0xbf, 0xc2, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf4, 0xff, 0x9f, 0xa0};
    byte[] bytes = new byte[random.nextInt(30)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (random.nextBoolean() ? starts[random.nextInt(13)] : random.nextInt(256));
    }
    return bytes;
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
