import com.google.googlejavaformat.java.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs google-java-format over every Java source of the project: {@code check} or {@code write}.
 */
class FormatSources {

  public static void main(String[] args) throws Exception {
    String mode = args.length == 1 ? args[0] : "";
    var arguments =
        new ArrayList<String>(
            switch (mode) {
              case "check" -> List.of("--dry-run", "--set-exit-if-changed");
              case "write" -> List.of("--replace");
              default -> throw new IllegalArgumentException("usage: FormatSources check|write");
            });
    arguments.addAll(sources());
    var out = new PrintWriter(System.out, true);
    var err = new PrintWriter(System.err, true);
    if (new Main(out, err, System.in).format(arguments.toArray(String[]::new)) != 0) {
      err.println("These sources are not formatted. Mend: mvn -N validate -Drivulet.format=write");
      System.exit(1);
    }
  }

  private static List<String> sources() throws IOException {
    var sources = new ArrayList<String>();
    for (String folder : List.of(".ci", "protocol", "kernels", "node", "deploy")) {
      try (Stream<Path> files = Files.walk(Path.of(folder))) {
        files
            .map(Path::toString)
            .filter(file -> file.endsWith(".java") && !file.contains("/target/"))
            .sorted()
            .forEach(sources::add);
      }
    }
    return sources;
  }
}
