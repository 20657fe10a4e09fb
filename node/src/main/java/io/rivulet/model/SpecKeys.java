package io.rivulet.model;

import io.rivulet.model.gguf.GgufMetadata;
import io.rivulet.model.gguf.ModelFileException;

/** The keys of a file that begin with its architecture's name and a dot, by what follows. */
record SpecKeys(GgufMetadata metadata, String architecture) {

  static final int MOST_WIDTH = 1 << 20;

  String key(String suffix) {
    return architecture + "." + suffix;
  }

  boolean contains(String suffix) {
    return metadata.contains(key(suffix));
  }

  int integer(String suffix, int min, int max) {
    return metadata.integer(key(suffix), min, max);
  }

  int integer(String suffix, int min, int max, int missing) {
    return metadata.integer(key(suffix), min, max, missing);
  }

  String text(String suffix, String missing) {
    return metadata.text(key(suffix), missing);
  }

  double real(String suffix, double missing) {
    return metadata.real(key(suffix), missing);
  }

  /** A finite number of more than 0. */
  double positive(String suffix, double missing) {
    double value = real(suffix, missing);
    if (!(value > 0)) {
      throw invalid(suffix, "is %s, expected more than 0".formatted(value));
    }
    return value;
  }

  /** A finite number of at least 0, as float32. */
  float notNegative(String suffix, float missing) {
    double value = real(suffix, missing);
    if (!(value >= 0)) {
      throw invalid(suffix, "is %s, expected at least 0".formatted(value));
    }
    return (float) value;
  }

  ModelFileException invalid(String suffix, String problem) {
    return metadata.invalid(key(suffix), problem);
  }
}
