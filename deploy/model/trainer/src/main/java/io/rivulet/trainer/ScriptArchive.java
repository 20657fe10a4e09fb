package io.rivulet.trainer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs TorchScript source text as the archive {@code torch.jit.load} reads: a zip with the code, a
 * pickle of one module without attributes, an empty tuple of constants and the format's version.
 */
final class ScriptArchive {
  private static final String HEADER =
      """
      class Program(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
      """;

  /**
   * Pickle protocol 2: {@code Program.__new__(Program)} with the state {@code {"training": False}}.
   */
  private static final byte[] MODULE =
      "\u0080\2c__torch__\nProgram\n)\u0081}X\10\0\0\0training\u0089sb.".getBytes(ISO_8859_1);

  /** Pickle protocol 2: the empty tuple. */
  private static final byte[] NO_CONSTANTS = {(byte) 0x80, 2, ')', '.'};

  private ScriptArchive() {}

  /**
   * The archive of a module with these methods, written as methods of {@code __torch__.Program}.
   */
  static byte[] of(String methods) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      store(zip, "program/data.pkl", MODULE);
      store(zip, "program/code/__torch__.py", (HEADER + methods.indent(2)).getBytes(UTF_8));
      store(zip, "program/constants.pkl", NO_CONSTANTS);
      store(zip, "program/version", "3\n".getBytes(UTF_8));
    }
    return bytes.toByteArray();
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 checksum = new CRC32();
    checksum.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(checksum.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
