package io.rivulet.fleet;

import static io.rivulet.fleet.Reports.NOON;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FleetTest {

  private final Fleet fleet = new Fleet();

  @Test
  void nodesComeByTheirFirstReport() {
    fleet.accept(Reports.of("b", 1), NOON);
    fleet.accept(Reports.sparsity("c", 1, 1, 0.5), NOON);
    assertEquals(List.of("b"), ids(NOON));

    fleet.accept(Reports.of("a", 2), NOON);
    fleet.accept(Reports.of("c", 3), NOON);
    assertEquals(List.of("a", "b", "c"), ids(NOON));
  }

  @Test
  void aSilentNodeIsGoneAndForgottenLater() {
    fleet.accept(Reports.of("a", 1), NOON);

    assertFalse(only(after(10)).gone());
    assertTrue(only(after(11)).gone());
    assertEquals(Duration.ofSeconds(11), only(after(11)).silence());
    assertEquals(List.of("a"), ids(after(70)));
    assertEquals(List.of(), ids(after(71)));
  }

  @Test
  void aNodeThatReportsSeldomMayBeSilentForLonger() {
    fleet.accept(Reports.of("a", 1, Duration.ofSeconds(20), 0), NOON);

    assertFalse(only(after(100)).gone());
    assertTrue(only(after(101)).gone());
  }

  @Test
  void aNodeThatReportsAgainIsBack() {
    fleet.accept(Reports.of("a", 1), NOON);
    fleet.accept(Reports.of("a", 2), after(30));

    assertFalse(only(after(31)).gone());
    assertEquals(2, only(after(31)).report().tokensPerSecond());
  }

  @Test
  void recallIsTheMeanOverTheAuditsOfTheLastMinute() {
    fleet.accept(Reports.of("a", 1), NOON);
    fleet.accept(Reports.sparsity("a", 0.1, 100, 0.5), NOON);
    fleet.accept(Reports.sparsity("a", 0.9, 3, 0.5), after(61));
    fleet.accept(Reports.sparsity("a", 0.7, 1, 0.5), after(62));
    fleet.accept(Reports.of("a", 1), after(62));

    assertEquals(0.85, only(after(62)).recall().orElseThrow(), 1e-12);
  }

  @Test
  void whatANodeComputedLongAgoIsNotShown() {
    fleet.accept(Reports.of("a", 1), NOON);
    fleet.accept(Reports.sparsity("a", 0.9, 0, 0.5), NOON);
    fleet.accept(Reports.of("a", 1), after(60));

    assertEquals(Optional.empty(), only(after(60)).sparsity());
    assertEquals(Optional.empty(), only(after(60)).recall());
  }

  @Test
  void firstTokensAndSpeedsOfTheLastMinuteAreKept() {
    fleet.accept(Reports.of("a", 7), NOON);
    for (int second = 61; second <= 65; second++) {
      fleet.accept(Reports.of("a", second), after(second));
    }

    FleetNode node = only(after(65));
    assertEquals(10, node.firstToken().count());
    assertEquals(Optional.of(Duration.ofMillis(100)), node.firstToken().quantile(0.5));
    assertEquals(List.of(61.0, 62.0, 63.0, 64.0, 65.0), node.tokensPerSecond());
  }

  private static Instant after(int seconds) {
    return NOON.plusSeconds(seconds);
  }

  private FleetNode only(Instant now) {
    List<FleetNode> nodes = fleet.nodes(now);
    assertEquals(1, nodes.size());
    return nodes.getFirst();
  }

  private List<String> ids(Instant now) {
    return fleet.nodes(now).stream().map(FleetNode::id).toList();
  }
}
