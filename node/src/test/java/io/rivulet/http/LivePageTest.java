package io.rivulet.http;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import io.rivulet.stream.Node;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The page in a browser, against two nodes at work. Its pictures go to {@code target/page}; with
 * {@code -Drivulet.page.seconds=75} they are taken after so much load, which is how those in {@code
 * deploy/observability} were made.
 */
@Timeout(value = 400, unit = TimeUnit.SECONDS)
class LivePageTest {

  private static final int SECONDS = Integer.getInteger("rivulet.page.seconds", 4);
  private static final Path PICTURES = Path.of("target", "page");
  private static final double PATIENCE = 60_000;

  private static DemoFleet fleet;
  private static Load load;
  private static Chromium chromium;

  private final List<String> complaints = new ArrayList<>();

  @BeforeAll
  static void start() {
    var executable = Chromium.find();
    assumeTrue(executable.isPresent(), Chromium.MISSING);
    chromium = Chromium.start(executable.get());
    fleet = new DemoFleet("delta", "estuary");
    load = new Load(fleet.kafka());
  }

  @AfterAll
  static void stop() {
    if (load != null) {
      load.close();
    }
    if (fleet != null) {
      fleet.close();
    }
    if (chromium != null) {
      chromium.close();
    }
  }

  @Test
  void showsTheFleetAndAnAnswerTokenByToken() throws InterruptedException {
    TimeUnit.SECONDS.sleep(SECONDS);
    try (BrowserContext context = context(1440, 1000, ColorScheme.LIGHT)) {
      Page page = open(context, fleet.address());

      assertThat(page.locator("article.node h3"))
          .hasText(new String[] {"delta", "estuary"}, within());
      assertFills(page);
      ask(page, "The old man looked out over the sea, and", 120);
      assertTokensAreColoured(page);
      assertLabelled(page);
      picture(page, "page-light");

      page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
      page.waitForTimeout(1500);
      picture(page, "page-dark");

      page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
      page.setViewportSize(360, 780);
      page.waitForTimeout(1500);
      assertEquals(true, page.evaluate("document.documentElement.scrollWidth <= innerWidth"));
      picture(page, "page-phone");
    }
    assertEquals(List.of(), complaints);
  }

  @Test
  void readsCellsAndTokensByKeyboard() {
    try (BrowserContext context = context(1280, 900, ColorScheme.DARK)) {
      Page page = open(context, fleet.address());
      assertFills(page);
      page.locator("canvas.heat-map").first().focus();
      page.keyboard().press("ArrowLeft");
      assertThat(page.locator(".map .reading").first())
          .containsText(Pattern.compile("Layer 0 at [\\d:]+: density [\\d.]+ %"));

      ask(page, "It was a dark night, and", 12);
      page.locator("#answer").focus();
      page.keyboard().press("ArrowRight");
      assertThat(page.locator("#token-reading"))
          .containsText(Pattern.compile("token 0: [\\d.]+ % of neurons read"));

      page.locator("#token-table summary").click();
      assertThat(page.locator("#token-table tbody tr")).hasCount(12);
    }
    assertEquals(List.of(), complaints);
  }

  @Test
  void remembersTheThemeThatWasChosen() {
    try (BrowserContext context = context(1280, 900, ColorScheme.LIGHT)) {
      Page page = open(context, fleet.address());
      Object light = page.evaluate("getComputedStyle(document.body).backgroundColor");
      page.locator("#theme").click();
      page.reload();

      assertNotEquals(light, page.evaluate("getComputedStyle(document.body).backgroundColor"));
    }
    assertEquals(List.of(), complaints);
  }

  @Test
  void signsInWithTheToken() {
    try (WebServer guarded = fleet.guarded(AccessToken.of("a-token-of-some-length", "the test"));
        BrowserContext context = context(1280, 900, ColorScheme.LIGHT)) {
      Page page = listenedTo(context);
      page.navigate(guarded.address().toString());
      page.getByLabel("Access token").fill("another-token-of-some-length");
      page.getByText("Sign in", new Page.GetByTextOptions().setExact(true)).click();
      assertThat(page.locator("#again")).containsText("That is not the token");

      page.getByLabel("Access token").fill("a-token-of-some-length");
      page.getByText("Sign in", new Page.GetByTextOptions().setExact(true)).click();
      awaitLive(page);
      ask(page, "It was a dark night, and", 8);

      page.getByText("Sign out").click();
      assertThat(page.getByLabel("Access token")).isVisible();
    }
    assertEquals(List.of(), complaints);
  }

  @Test
  void showsThatANodeIsGone() {
    try (BrowserContext context = context(1280, 900, ColorScheme.LIGHT)) {
      Page page = open(context, fleet.address());
      Node third = fleet.start("flood");
      assertThat(page.locator("article.node h3").last()).hasText("flood", within());
      third.close();

      assertThat(page.locator("article.gone h3")).hasText(new String[] {"flood"}, within());
      assertThat(page.locator("article.gone .state")).containsText("silent for");
    }
    assertEquals(List.of(), complaints);
  }

  private static LocatorAssertions.HasTextOptions within() {
    return new LocatorAssertions.HasTextOptions().setTimeout(PATIENCE);
  }

  private BrowserContext context(int width, int height, ColorScheme scheme) {
    return chromium
        .browser()
        .newContext(
            new Browser.NewContextOptions()
                .setViewportSize(width, height)
                .setColorScheme(scheme)
                .setReducedMotion(ReducedMotion.REDUCE));
  }

  private Page open(BrowserContext context, String address) {
    Page page = listenedTo(context);
    page.navigate(address);
    awaitLive(page);
    return page;
  }

  /** A page of which all that it complains about on the console is kept. */
  private Page listenedTo(BrowserContext context) {
    Page page = context.newPage();
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error") || message.type().equals("warning")) {
            complaints.add(message.text() + " at " + message.location());
          }
        });
    page.onPageError(complaints::add);
    return page;
  }

  private static void awaitLive(Page page) {
    assertThat(page.locator("#connection"))
        .hasText("Live", new LocatorAssertions.HasTextOptions().setTimeout(PATIENCE));
  }

  /** Heat maps of several colours, one for each node. */
  private static void assertFills(Page page) {
    page.waitForFunction(
        """
        () => [...document.querySelectorAll("canvas.heat-map")].filter(map => {
          const pixels = map.getContext("2d").getImageData(0, 0, map.width, map.height).data;
          const colours = new Set();
          for (let i = 0; i < pixels.length; i += 4 * 7) {
            if (pixels[i + 3] === 255) colours.add(pixels[i] << 16 | pixels[i + 1] << 8 | pixels[i + 2]);
          }
          return colours.size > 8;
        }).length === 2
        """,
        null,
        new Page.WaitForFunctionOptions().setTimeout(PATIENCE));
  }

  private static void ask(Page page, String prompt, int tokens) {
    page.getByLabel("Prompt: the text to continue").fill(prompt);
    page.getByLabel("Tokens", new Page.GetByLabelOptions().setExact(true))
        .fill(String.valueOf(tokens));
    page.locator("#send").click();
    assertThat(page.locator("#token-reading"))
        .containsText(
            Pattern.compile("\\d+ tokens .* by (delta|estuary)"),
            new LocatorAssertions.ContainsTextOptions().setTimeout(PATIENCE));
  }

  private static void assertTokensAreColoured(Page page) {
    int tokens = page.locator(".answer .token").count();
    Object colours =
        page.evaluate(
            "new Set([...document.querySelectorAll('.answer .token')]"
                + ".map(token => token.style.backgroundColor).filter(Boolean)).size");
    assertTrue(tokens > 10, tokens + " tokens");
    assertTrue(((Number) colours).intValue() > 3, colours + " colours");
  }

  /** Everything that takes input or draws has a name, and there is one heading of the page. */
  private static void assertLabelled(Page page) {
    Object unnamed =
        page.evaluate(
            """
            () => [...document.querySelectorAll("input, select, textarea, button, canvas, svg[role], [tabindex]")]
              .filter(each => !(each.ariaLabel || each.labels?.length || each.textContent.trim()))
              .map(each => each.outerHTML)
            """);
    assertEquals(List.of(), unnamed);
    assertEquals(1, page.locator("h1").count());
    assertEquals(1, page.locator("main").count());
  }

  private static void picture(Page page, String name) {
    page.screenshot(
        new Page.ScreenshotOptions().setPath(PICTURES.resolve(name + ".png")).setFullPage(true));
  }
}
