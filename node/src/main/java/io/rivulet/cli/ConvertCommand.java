package io.rivulet.cli;

import io.rivulet.kernels.WeightType;
import io.rivulet.model.GgufConversion;
import io.rivulet.model.ModelFiles;
import io.rivulet.model.gguf.ModelFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a model as a GGUF file. */
@Command(
    name = "convert",
    description = {
      "Writes a model as a GGUF file: a Hugging Face directory, or a GGUF file to be quantised.",
      "Vectors are written in F32. The file appears under its name when it is complete."
    },
    mixinStandardHelpOptions = true)
final class ConvertCommand implements Callable<Integer> {

  private static final double PERCENT = 100;

  @Parameters(
      index = "0",
      paramLabel = "DIR",
      description = "A directory with config.json and safetensors, or a GGUF file.")
  private Path model;

  @Parameters(index = "1", paramLabel = "OUT.gguf", description = "The file to write.")
  private Path out;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description =
          "What matrices are written in: f32, f16, bf16, q8_0, q5_1, q5_0, q4_1 or q4_0. Default:"
              + " what they are stored in.")
  private Optional<WeightType> type = Optional.empty();

  @Option(names = "--force", description = "Write over a file that is there.")
  private boolean force;

  private int shownPercent = -1;

  @Override
  public Integer call() {
    requireFree();
    try (ModelFile file = ModelFiles.open(model)) {
      GgufConversion conversion =
          type.map(asked -> GgufConversion.to(file, asked))
              .orElseGet(() -> GgufConversion.asStored(file));
      write(conversion);
      report(file, conversion);
    }
    return 0;
  }

  private void requireFree() {
    if (Files.isDirectory(out)) {
      throw new IllegalArgumentException(out + " is a directory: give the name of a file in it");
    }
    if (Files.exists(out) && !force) {
      throw new IllegalArgumentException(
          out + " is there already: give another name, or --force to write over it");
    }
  }

  private void write(GgufConversion conversion) {
    Path partial =
        out.resolveSibling(
            "%s.%d.partial".formatted(out.getFileName(), ProcessHandle.current().pid()));
    // Also when the process is told to stop.
    partial.toFile().deleteOnExit();
    try {
      try {
        requireSpace(conversion);
        conversion.write(partial, this::progress);
        Files.move(partial, out, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(partial);
      }
    } catch (IOException e) {
      throw new CommandFailedException(out + " cannot be written: " + reason(e), e);
    }
  }

  private void requireSpace(GgufConversion conversion) throws IOException {
    long free = Files.getFileStore(out.toAbsolutePath().getParent()).getUsableSpace();
    if (conversion.byteSize() > free) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "it will have %,d bytes, but only %,d are free",
              conversion.byteSize(),
              free));
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "its directory does not exist";
      case AccessDeniedException _ -> "its directory may not be written to";
      case FileSystemException other when other.getReason() != null -> other.getReason();
      default -> e.getMessage();
    };
  }

  private void progress(long bytes, long total) {
    int percent = (int) (PERCENT * bytes / total);
    boolean done = bytes == total;
    if (percent != shownPercent && (done || Terminal.console().isPresent())) {
      shownPercent = percent;
      System.err.printf(
          Locale.ROOT,
          "\rconverted %d %% of %,d bytes%s",
          percent,
          total,
          done ? System.lineSeparator() : "");
    }
  }

  private void report(ModelFile file, GgufConversion conversion) {
    List<String> widened = conversion.widened();
    if (!widened.isEmpty()) {
      System.out.printf(
          Locale.ROOT,
          "%d tensors are f16, as their rows are no multiple of a block: %s%n",
          widened.size(),
          String.join(", ", widened));
    }
    System.out.printf(
        Locale.ROOT,
        "%s: %,d bytes, %d tensors, matrices %s%n",
        out,
        conversion.byteSize(),
        file.tensors().size(),
        type.map(asked -> "in " + asked.name().toLowerCase(Locale.ROOT))
            .orElse("as they were stored"));
  }
}
