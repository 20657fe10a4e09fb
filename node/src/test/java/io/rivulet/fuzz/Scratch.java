package io.rivulet.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the targets share: a folder for the file that is read, and a rule for every message. */
final class Scratch {

  private static final Path FOLDER = folder();

  private Scratch() {}

  private static Path folder() {
    try {
      Path memory = Path.of("/dev/shm");
      return Files.isWritable(memory)
          ? Files.createTempDirectory(memory, "rivulet-fuzz")
          : Files.createTempDirectory("rivulet-fuzz");
    } catch (IOException e) {
      throw new IllegalStateException("no folder for the files to fuzz with", e);
    }
  }

  static Path write(String name, byte[] data) throws IOException {
    return Files.write(FOLDER.resolve(name), data);
  }

  static void requireOneLine(RuntimeException refusal) {
    String message = String.valueOf(refusal.getMessage());
    if (message.isBlank() || message.lines().count() != 1) {
      throw new IllegalStateException("not one line: " + message, refusal);
    }
  }
}
