package io.rivulet.model.gguf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * What is in a file, for people as {@link #lines()} and for machines as it is: records, lists,
 * maps, strings and numbers alone. It outlives the file.
 *
 * @param bytes size of the whole file
 * @param version of the format; for a directory, of what it would be converted to
 * @param metadata in the file's order: a {@code Boolean}, {@code Long}, {@code Double} or {@code
 *     String}, or an {@link ArraySummary}
 * @param tensors in the file's order
 * @param types totals by type, in ggml's order
 */
public record GgufSummary(
    String path,
    long bytes,
    int version,
    SequencedMap<String, Object> metadata,
    List<TensorSummary> tensors,
    List<TypeSummary> types) {

  private static final int FIRST_ELEMENTS = 8;
  private static final int MAX_SHOWN = 100;

  /**
   * An array, which may be long.
   *
   * @param type of its elements
   * @param first its first elements, at most eight
   */
  public record ArraySummary(String type, int size, List<Object> first) {}

  /**
   * A tensor.
   *
   * @param shape columns first, as in the file
   */
  public record TensorSummary(String name, String type, List<Long> shape, long bytes) {}

  /** What the tensors of a type add up to. */
  public record TypeSummary(String type, int tensors, long values, long bytes) {}

  /** Reads all that is summed up. */
  public static GgufSummary of(ModelFile file) {
    int version = file instanceof GgufFile gguf ? gguf.version() : GgufLayout.VERSION;
    var metadata = new LinkedHashMap<String, Object>();
    file.metadata().asMap().forEach((key, value) -> metadata.put(key, plain(value)));
    var totals = new TreeMap<GgmlType, TypeSummary>();
    var tensors = new ArrayList<TensorSummary>();
    for (GgufTensor tensor : file.tensors()) {
      String type = tensor.type().name();
      tensors.add(new TensorSummary(tensor.name(), type, tensor.dimensions(), tensor.byteSize()));
      totals.merge(
          tensor.type(),
          new TypeSummary(type, 1, tensor.elements(), tensor.byteSize()),
          (a, b) ->
              new TypeSummary(type, a.tensors + b.tensors, a.values + b.values, a.bytes + b.bytes));
    }
    return new GgufSummary(
        file.path().toString(),
        file.fileSize(),
        version,
        metadata,
        List.copyOf(tensors),
        List.copyOf(totals.values()));
  }

  /** A heading, then metadata, tensors and totals in columns; a value takes one line. */
  public List<String> lines() {
    var lines = new ArrayList<String>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%s: GGUF version %d, %,d bytes, %d keys, %d tensors",
            ModelFileException.oneLine(path),
            version,
            bytes,
            metadata.size(),
            tensors.size()));
    var pairs = new ArrayList<List<String>>();
    metadata.forEach((key, value) -> pairs.add(List.of(shown(key), shown(value))));
    addTable(lines, "metadata", pairs);
    addTable(
        lines,
        "tensors",
        tensors.stream()
            .map(t -> List.of(shown(t.name), t.type, shape(t.shape), number(t.bytes) + " bytes"))
            .toList());
    addTable(
        lines,
        "types",
        types.stream()
            .map(
                t ->
                    List.of(
                        t.type,
                        t.tensors + (t.tensors == 1 ? " tensor" : " tensors"),
                        number(t.values) + " values",
                        number(t.bytes) + " bytes"))
            .toList());
    return lines;
  }

  private static Object plain(GgufValue value) {
    return switch (value) {
      case GgufValue.Bool(boolean flag) -> flag;
      case GgufValue.Text(String text) -> text;
      // By way of its own decimal form: 1e-5 as a float is not 9.999999747378752E-6 to a reader.
      case GgufValue.Real number -> Double.valueOf(number.toString());
      case GgufValue.Int number when number.type() == GgufValueType.UINT64 && number.value() < 0 ->
          number.toString();
      case GgufValue.Int(GgufValueType type, long number) -> number;
      case GgufArray array ->
          new ArraySummary(
              array.elementType().toString(),
              array.size(),
              array.first(FIRST_ELEMENTS).stream().map(GgufSummary::plain).toList());
    };
  }

  private static String shown(Object value) {
    if (value instanceof ArraySummary array) {
      String elements = String.join(", ", array.first.stream().map(GgufSummary::shown).toList());
      String more = array.size > array.first.size() ? ", ..." : "";
      return "%s[%d]: %s%s".formatted(array.type, array.size, elements, more);
    }
    String text = value.toString();
    String cut = text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
    return ModelFileException.oneLine(cut);
  }

  private static String shape(List<Long> dimensions) {
    return String.join(" x ", dimensions.stream().map(String::valueOf).toList());
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Rows whose columns begin below each other. */
  private static void addTable(List<String> lines, String title, List<List<String>> rows) {
    if (rows.isEmpty()) {
      return;
    }
    lines.add(title);
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int c = 0; c < widths.length; c++) {
        widths[c] = Math.max(widths[c], row.get(c).length());
      }
    }
    for (List<String> row : rows) {
      var line = new StringBuilder("  ");
      for (int c = 0; c < widths.length; c++) {
        line.append(row.get(c)).repeat(' ', widths[c] - row.get(c).length() + 2);
      }
      lines.add(line.toString().stripTrailing());
    }
  }
}
