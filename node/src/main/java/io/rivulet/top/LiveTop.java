package io.rivulet.top;

import io.rivulet.fleet.Fleet;
import io.rivulet.fleet.FleetNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jline.keymap.BindingReader;
import org.jline.keymap.KeyMap;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;

/** Shows a fleet in a terminal, all of it, until somebody quits. For one thread. */
public final class LiveTop implements AutoCloseable {

  private enum Key {
    QUIT,
    UP,
    DOWN,
    OTHER
  }

  /** How long a key may wait, so that nobody notices. */
  public static final Duration PATIENCE = Duration.ofMillis(100);

  private static final String HELP = "q quits, up and down select";

  private final Terminal terminal;
  private final Attributes before;
  private final Display display;
  private final BindingReader keys;
  private final KeyMap<Key> keyMap = new KeyMap<>();
  private Optional<String> selected = Optional.empty();
  private Size size = Size.of(0, 0);

  /** Takes the terminal over; it is closed with this. */
  LiveTop(Terminal terminal) {
    this.terminal = terminal;
    before = terminal.enterRawMode();
    terminal.puts(Capability.enter_ca_mode);
    terminal.puts(Capability.keypad_xmit);
    terminal.puts(Capability.cursor_invisible);
    display = new Display(terminal, true);
    keys = new BindingReader(terminal.reader());
    keyMap.setNomatch(Key.OTHER);
    keyMap.setUnicode(Key.OTHER);
    keyMap.bind(Key.QUIT, "q", "Q", KeyMap.ctrl('C'), KeyMap.ctrl('D'));
    keyMap.bind(Key.UP, KeyMap.key(terminal, Capability.key_up), "\033[A", "k");
    keyMap.bind(Key.DOWN, KeyMap.key(terminal, Capability.key_down), "\033[B", "j");
  }

  /**
   * Takes over the terminal of the process.
   *
   * @throws IOException if it cannot be used
   */
  public static LiveTop open() throws IOException {
    return new LiveTop(TerminalBuilder.builder().system(true).dumb(false).build());
  }

  /**
   * Shows a fleet, until somebody quits.
   *
   * @param read tells the fleet what comes within {@link #PATIENCE}
   */
  public void run(Fleet fleet, Runnable read) {
    boolean quit = false;
    while (!quit) {
      read.run();
      List<FleetNode> nodes = fleet.nodes(Instant.now());
      quit = handleKeys(nodes);
      draw(nodes);
    }
  }

  /** Says whether somebody quits. */
  private boolean handleKeys(List<FleetNode> nodes) {
    while (keys.peekCharacter(1) >= 0) {
      Key key = keys.readBinding(keyMap);
      // At the end of the input there is no key.
      switch (key == null ? Key.QUIT : key) {
        case QUIT -> {
          return true;
        }
        case UP -> select(nodes, -1);
        case DOWN -> select(nodes, 1);
        case OTHER -> {}
      }
    }
    return false;
  }

  private void select(List<FleetNode> nodes, int step) {
    if (!nodes.isEmpty()) {
      int at = Math.clamp(selectedAmong(nodes) + step, 0, nodes.size() - 1);
      selected = Optional.of(nodes.get(at).id());
    }
  }

  /** The first where the one selected is gone. */
  private int selectedAmong(List<FleetNode> nodes) {
    return IntStream.range(0, nodes.size())
        .filter(i -> selected.equals(Optional.of(nodes.get(i).id())))
        .findFirst()
        .orElse(0);
  }

  private void draw(List<FleetNode> nodes) {
    Size now = terminal.getSize();
    if (!now.equals(size)) {
      size = now;
      display.clear();
      display.resize(size);
    }
    selected = nodes.isEmpty() ? selected : Optional.of(nodes.get(selectedAmong(nodes)).id());
    List<AttributedString> lines = TopScreen.lines(nodes, selected, size.getColumns());
    int room = Math.max(1, size.getRows() - 1);
    var shown = new ArrayList<>(lines.subList(0, Math.min(room, lines.size())));
    shown.add(new AttributedString(HELP));
    display.update(shown, -1);
    terminal.flush();
  }

  /** Gives the terminal back as it was. */
  @Override
  public void close() throws IOException {
    terminal.puts(Capability.exit_ca_mode);
    terminal.puts(Capability.keypad_local);
    terminal.puts(Capability.cursor_normal);
    terminal.setAttributes(before);
    terminal.flush();
    terminal.close();
  }
}
