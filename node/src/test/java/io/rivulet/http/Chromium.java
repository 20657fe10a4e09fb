package io.rivulet.http;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The system's own Chromium, without a window. */
record Chromium(Playwright playwright, Browser browser) implements AutoCloseable {

  static final String MISSING =
      "no Chromium is installed: apt-get install chromium, or name one in RIVULET_CHROMIUM";

  /** Where it is, if it is installed. */
  static Optional<Path> find() {
    return Stream.concat(
            Stream.ofNullable(System.getenv("RIVULET_CHROMIUM")),
            Stream.of(
                "/usr/bin/chromium",
                "/usr/bin/chromium-browser",
                "/usr/bin/google-chrome",
                "/Applications/Chromium.app/Contents/MacOS/Chromium",
                "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"))
        .map(Path::of)
        .filter(Files::isExecutable)
        .findFirst();
  }

  static Chromium start(Path executable) {
    // Playwright would download browsers of its own.
    var playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    try {
      var options =
          new BrowserType.LaunchOptions()
              .setExecutablePath(executable)
              // As root it has no sandbox; what it opens is our own page.
              .setArgs(List.of("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"));
      return new Chromium(playwright, playwright.chromium().launch(options));
    } catch (RuntimeException e) {
      playwright.close();
      throw e;
    }
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
