package io.rivulet.top;

import io.rivulet.protocol.SparsityFigures;
import java.util.ArrayList;
import java.util.List;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/**
 * A cell a layer, the higher and the warmer the denser; under it a mark where the layer is computed
 * exactly although it was to leave neurons out.
 */
final class HeatStrip {

  /** From a share of 1/256 on, each twice the one before. */
  private static final String HEIGHTS = " ▁▂▃▄▅▆▇█";

  /** Of the terminal's 256 colours, from blue to red. */
  private static final int[] COLOURS = {25, 25, 31, 37, 71, 142, 178, 208, 196};

  private static final String FALLEN = "!";
  private static final int CELL = 2;

  private HeatStrip() {}

  /** Lines of that width, each with the number of its first layer. */
  static List<AttributedString> lines(List<SparsityFigures> layers, int width) {
    var lines = new ArrayList<AttributedString>();
    int label = String.valueOf(layers.size()).length() + 1;
    int perLine = Math.max(1, (width - label) / CELL);
    for (int from = 0; from < layers.size(); from += perLine) {
      int to = Math.min(layers.size(), from + perLine);
      lines.add(cells(layers.subList(from, to), from, label));
      lines.add(marks(layers.subList(from, to), label));
    }
    return lines;
  }

  private static AttributedString cells(List<SparsityFigures> layers, int first, int label) {
    var line = new AttributedStringBuilder();
    line.append(padded(String.valueOf(first), label));
    for (SparsityFigures layer : layers) {
      int height = height(layer.density());
      line.styled(
          AttributedStyle.DEFAULT.foreground(COLOURS[height]),
          String.valueOf(HEIGHTS.charAt(height)).repeat(CELL));
    }
    return line.toAttributedString();
  }

  private static AttributedString marks(List<SparsityFigures> layers, int label) {
    var line = new AttributedStringBuilder();
    line.append(" ".repeat(label));
    for (SparsityFigures layer : layers) {
      boolean fallen = layer.fallenBack() > 0 || layer.fallback() > 0;
      line.styled(
          AttributedStyle.DEFAULT.foreground(AttributedStyle.RED),
          padded(fallen ? FALLEN : "", CELL));
    }
    return line.toAttributedString();
  }

  /** A share of 1 has the last, each half of a height the one before. */
  private static int height(double density) {
    int height = HEIGHTS.length() - 1;
    double least = 0.5;
    while (height > 0 && density <= least) {
      height--;
      least /= 2;
    }
    return height;
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }
}
