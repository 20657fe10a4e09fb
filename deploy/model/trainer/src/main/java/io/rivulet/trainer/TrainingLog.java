package io.rivulet.trainer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The CSV of a run: one row a report; a resumed run goes on in the same file. */
final class TrainingLog {
  private static final String HEADER =
      "step,seconds,tokens,train_loss,valid_loss,rate,density,density_by_layer,penalty_by_layer\n";

  private final Path file;

  TrainingLog(Path file) throws IOException {
    this.file = file;
    if (!Files.exists(file)) {
      Files.writeString(file, HEADER);
    }
  }

  /** Writes a row here and on the terminal; {@code valid} is NaN where it was not measured. */
  void row(
      Checkpoint.Progress progress,
      double train,
      double valid,
      double rate,
      double[] shares,
      double[] penalties)
      throws IOException {
    String line =
        String.format(
            Locale.ROOT,
            "%d,%.1f,%d,%.4f,%s,%.4f,%.4f,%s,%s",
            progress.step(),
            progress.seconds(),
            progress.tokens(),
            train,
            Double.isNaN(valid) ? "" : String.format(Locale.ROOT, "%.4f", valid),
            rate,
            Arrays.stream(shares).average().orElse(0),
            join("%.3f", shares),
            join("%.3g", penalties));
    Files.writeString(file, line + "\n", StandardOpenOption.APPEND);
    System.out.println(line);
  }

  private static String join(String format, double[] values) {
    return Arrays.stream(values)
        .mapToObj(value -> String.format(Locale.ROOT, format, value))
        .collect(Collectors.joining(" "));
  }
}
