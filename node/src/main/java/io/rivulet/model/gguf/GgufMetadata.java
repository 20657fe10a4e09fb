package io.rivulet.model.gguf;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * The key-value pairs of a file, in its order. Getters take integers of any width and check types
 * and ranges: where a key is there with another type, or a required one is missing, they throw a
 * {@link ModelFileException} that names file, key and what was expected.
 */
public final class GgufMetadata {

  private static final String MEND = "convert the model to GGUF again with a current converter";

  private final Path path;
  private final SequencedMap<String, GgufValue> values;

  GgufMetadata(Path path, SequencedMap<String, GgufValue> values) {
    this.path = path;
    this.values = Collections.unmodifiableSequencedMap(values);
  }

  /** All of it, in the file's order. */
  public SequencedMap<String, GgufValue> asMap() {
    return values;
  }

  /** Whether the file has the key. */
  public boolean contains(String key) {
    return values.containsKey(key);
  }

  /** The value as it is. */
  public Optional<GgufValue> find(String key) {
    return Optional.ofNullable(values.get(key));
  }

  /** A string. */
  public String text(String key) {
    return switch (required(key, "a string")) {
      case GgufValue.Text(String value) -> value;
      case GgufValue other -> throw wrongType(key, other, "a string");
    };
  }

  /** A string, or the other where the key is missing. */
  public String text(String key, String missing) {
    return contains(key) ? text(key) : missing;
  }

  /** A truth value. */
  public boolean bool(String key) {
    return switch (required(key, "a bool")) {
      case GgufValue.Bool(boolean value) -> value;
      case GgufValue other -> throw wrongType(key, other, "a bool");
    };
  }

  /** A truth value, or the other where the key is missing. */
  public boolean bool(String key, boolean missing) {
    return contains(key) ? bool(key) : missing;
  }

  /** An integer from min to max. */
  public int integer(String key, int min, int max) {
    String expected = "an integer from %d to %d".formatted(min, max);
    return switch (required(key, expected)) {
      case GgufValue.Int number -> checked(key, number, min, max);
      case GgufValue other -> throw wrongType(key, other, expected);
    };
  }

  /** An integer from min to max, or the other where the key is missing. */
  public int integer(String key, int min, int max, int missing) {
    return contains(key) ? integer(key, min, max) : missing;
  }

  /** A finite floating-point number. */
  public double real(String key) {
    String expected = "a finite float";
    return switch (required(key, expected)) {
      case GgufValue.Real(GgufValueType type, double value) when Double.isFinite(value) -> value;
      case GgufValue.Real other -> throw invalid(key, "is " + other + ", expected " + expected);
      case GgufValue other -> throw wrongType(key, other, expected);
    };
  }

  /** A finite floating-point number, or the other where the key is missing. */
  public double real(String key, double missing) {
    return contains(key) ? real(key) : missing;
  }

  /** An array of strings. */
  public List<String> texts(String key) {
    return array(key, "an array of strings", GgufValueType.STRING).texts();
  }

  /** An array of {@code float32}. */
  public float[] floats(String key) {
    return array(key, "an array of float32", GgufValueType.FLOAT32).floats();
  }

  /** An array of integers, each from min to max. */
  public int[] integers(String key, int min, int max) {
    GgufArray array =
        array(
            key,
            "an array of integers from %d to %d".formatted(min, max),
            GgufValueType.INT32,
            GgufValueType.UINT32,
            GgufValueType.INT64,
            GgufValueType.UINT64,
            GgufValueType.INT16,
            GgufValueType.UINT16,
            GgufValueType.INT8,
            GgufValueType.UINT8);
    int[] integers = new int[array.size()];
    for (int i = 0; i < integers.length; i++) {
      var number = new GgufValue.Int(array.elementType(), array.integer(i));
      integers[i] = checked(key, number, min, max);
    }
    return integers;
  }

  /** What to throw where a key's value makes no sense: "key K PROBLEM". */
  public ModelFileException invalid(String key, String problem) {
    return new ModelFileException(path, "key " + key + " " + problem, MEND);
  }

  private GgufValue required(String key, String expected) {
    GgufValue value = values.get(key);
    if (value == null) {
      throw invalid(key, "is missing, expected " + expected);
    }
    return value;
  }

  private GgufArray array(String key, String expected, GgufValueType... types) {
    GgufValue value = required(key, expected);
    if (value instanceof GgufArray array && List.of(types).contains(array.elementType())) {
      return array;
    }
    throw wrongType(key, value, expected);
  }

  private int checked(String key, GgufValue.Int number, int min, int max) {
    long value = number.value();
    if (value < min || value > max) {
      throw invalid(key, "has %s, expected an integer from %d to %d".formatted(number, min, max));
    }
    return (int) value;
  }

  private ModelFileException wrongType(String key, GgufValue value, String expected) {
    String actual = value instanceof GgufArray ? value.toString() : value.type().toString();
    return invalid(key, "has type " + actual + ", expected " + expected);
  }
}
