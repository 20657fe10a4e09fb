package io.rivulet.model.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * An array of scalars, still in the file: its elements are read when they are asked for, so that a
 * vocabulary costs no heap until something wants it. Usable as long as the file is open.
 */
public final class GgufArray implements GgufValue {

  private final GgufValueType elementType;
  private final int size;
  private final MemorySegment data;

  /** Every element is known to lie within data. */
  GgufArray(GgufValueType elementType, int size, MemorySegment data) {
    this.elementType = elementType;
    this.size = size;
    this.data = data;
  }

  @Override
  public GgufValueType type() {
    return GgufValueType.ARRAY;
  }

  /** What every element is stored as. */
  public GgufValueType elementType() {
    return elementType;
  }

  /** How many elements there are. */
  public int size() {
    return size;
  }

  /** The first elements, at most so many. */
  public List<Scalar> first(int count) {
    var elements = new ArrayList<Scalar>();
    long position = 0;
    for (int i = 0; i < Math.min(count, size); i++) {
      switch (elementType) {
        case STRING -> {
          long length = data.get(GgufLayout.INT64, position);
          position += Long.BYTES;
          elements.add(new Text(text(data.asSlice(position, length))));
          position += length;
        }
        case FLOAT32 -> {
          elements.add(new Real(elementType, data.get(GgufLayout.FLOAT32, position)));
          position += Float.BYTES;
        }
        case FLOAT64 -> {
          elements.add(new Real(elementType, data.get(GgufLayout.FLOAT64, position)));
          position += Double.BYTES;
        }
        case BOOL -> {
          elements.add(new Bool(GgufLayout.integer(data, elementType, position) != 0));
          position += elementType.minBytes();
        }
        case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64 -> {
          elements.add(new Int(elementType, GgufLayout.integer(data, elementType, position)));
          position += elementType.minBytes();
        }
        case ARRAY -> throw new IllegalStateException("an array in an array");
      }
    }
    return elements;
  }

  /** All elements of an array of strings. */
  List<String> texts() {
    var texts = new ArrayList<String>(size);
    long position = 0;
    for (int i = 0; i < size; i++) {
      long length = data.get(GgufLayout.INT64, position);
      position += Long.BYTES;
      texts.add(length == 0 ? "" : text(data.asSlice(position, length)));
      position += length;
    }
    return Collections.unmodifiableList(texts);
  }

  /** All elements of an array of {@code float32}. */
  float[] floats() {
    return data.toArray(GgufLayout.FLOAT32);
  }

  /** The elements as they lie in the file. */
  byte[] bytes() {
    return data.toArray(ValueLayout.JAVA_BYTE);
  }

  /** Element i of an array of integers. */
  long integer(int i) {
    return GgufLayout.integer(data, elementType, (long) i * elementType.minBytes());
  }

  @Override
  public String toString() {
    return elementType + "[" + size + "]";
  }

  static String text(MemorySegment bytes) {
    ByteBuffer buffer = bytes.asByteBuffer();
    return StandardCharsets.UTF_8.decode(buffer).toString();
  }
}
