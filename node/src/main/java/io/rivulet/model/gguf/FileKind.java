package io.rivulet.model.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/** Tells a file that is not GGUF by its first bytes, so that the message can say what it is. */
final class FileKind {

  private static final int SHOWN_BYTES = 64;

  private FileKind() {}

  /** Throws, with a guess at what it is instead, unless the file begins as GGUF files do. */
  static void requireGguf(Path path, MemorySegment file) {
    long size = file.byteSize();
    if (size == 0) {
      throw new ModelFileException(path, "is empty", "download or copy it again");
    }
    if (size >= Integer.BYTES && file.get(GgufLayout.INT32, 0) == GgufLayout.MAGIC) {
      return;
    }
    byte[] head = file.asSlice(0, Math.min(size, SHOWN_BYTES)).toArray(ValueLayout.JAVA_BYTE);
    String text = new String(head, StandardCharsets.ISO_8859_1);
    if (size < Integer.BYTES && "GGUF".startsWith(text)) {
      throw new ModelFileException(
          path,
          "truncated at the magic: expected at least 4 bytes, has " + size,
          "download or copy it again");
    }
    throw notGguf(path, text);
  }

  private static ModelFileException notGguf(Path path, String head) {
    String lower = head.stripLeading().toLowerCase(Locale.ROOT);
    if (head.startsWith("version https://git-lfs")) {
      return new ModelFileException(
          path, "is a Git LFS pointer, not the file itself", "fetch it with: git lfs pull");
    }
    if (lower.startsWith("<!doctype html") || lower.startsWith("<html")) {
      return new ModelFileException(
          path, "is a web page, not a GGUF file", "download the file itself, not its page");
    }
    if (head.length() > 8 && head.charAt(8) == '{') {
      return new ModelFileException(
          path, "looks like a safetensors file, not GGUF", "give the path of its directory");
    }
    if (head.startsWith("PK\u0003\u0004")) {
      return new ModelFileException(
          path,
          "is a zip archive (as PyTorch checkpoints are), not a GGUF file",
          "unpack it, or convert the model to GGUF");
    }
    if (head.startsWith("\u001f\u008b")) {
      return new ModelFileException(path, "is compressed with gzip", "unpack it with gunzip");
    }
    if (head.startsWith("FUGG")) {
      return new ModelFileException(
          path,
          "is a GGUF file with swapped bytes",
          "convert the model for little-endian machines");
    }
    if (head.startsWith("lmgg") || head.startsWith("tjgg") || head.startsWith("fmgg")) {
      return new ModelFileException(
          path, "is a GGML file, which came before GGUF", "convert the model to GGUF");
    }
    return new ModelFileException(
        path, "is not a GGUF file: it does not begin with 'GGUF'", "give the path of a .gguf file");
  }
}
