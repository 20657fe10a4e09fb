package io.rivulet.model.profile;

import io.rivulet.model.gguf.GgufTensor;
import io.rivulet.model.gguf.GgufValue;
import io.rivulet.model.gguf.ModelFile;
import io.rivulet.model.gguf.ModelFileException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Tells one model from another, in moments even where it has many GB: a SHA-256 of its architecture
 * and heads, and of each tensor's name, type, shape and some KiB from its beginning, middle and
 * end. It depends on what is in the files, not on where they lie nor how they are called.
 *
 * @param sha256 64 hexadecimal digits in lower case
 */
public record ModelFingerprint(String sha256) {

  private static final int SAMPLE_BYTES = 4096;
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final List<String> SIZES =
      List.of("attention.head_count", "attention.head_count_kv", "attention.key_length");

  public ModelFingerprint {
    requireSha256("a fingerprint", sha256);
  }

  static void requireSha256(String what, String text) {
    if (!SHA256.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "%s has 64 hexadecimal digits, was %s".formatted(what, ModelFileException.quote(text)));
    }
  }

  /** The fingerprint of an open model. */
  public static ModelFingerprint of(ModelFile file) {
    MessageDigest digest = sha256Digest();
    String architecture = file.metadata().text("general.architecture");
    text(digest, architecture);
    for (String size : SIZES) {
      String key = architecture + "." + size;
      text(digest, file.metadata().find(key).map(ModelFingerprint::size).orElse(""));
    }
    for (GgufTensor tensor : file.tensors()) {
      text(digest, tensor.name());
      text(digest, tensor.type().name());
      text(digest, tensor.shape());
      sample(digest, tensor);
    }
    return new ModelFingerprint(HexFormat.of().formatHex(digest.digest()));
  }

  /** Where layers differ in it, the shapes of their tensors do. */
  private static String size(GgufValue value) {
    return value instanceof GgufValue.Int number ? number.toString() : "";
  }

  /** Of a tensor that is put together when asked for, only three rows are made. */
  private static void sample(MessageDigest digest, GgufTensor tensor) {
    long rows = tensor.rows();
    long most = Math.min(SAMPLE_BYTES, tensor.rowBytes());
    update(digest, tensor.row(0).asSlice(0, most));
    MemorySegment middle = tensor.row(rows / 2);
    update(digest, middle.asSlice((middle.byteSize() - most) / 2, most));
    MemorySegment last = tensor.row(rows - 1);
    update(digest, last.asSlice(last.byteSize() - most));
  }

  /** A text's hash, for what a profile was calibrated on. */
  public static String sha256(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(sha256Digest().digest(bytes));
  }

  /** With its length before it, so that no two lists of texts come to the same bytes. */
  private static void text(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
    digest.update(bytes);
  }

  private static void update(MessageDigest digest, MemorySegment bytes) {
    digest.update(bytes.asByteBuffer());
  }

  private static MessageDigest sha256Digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
