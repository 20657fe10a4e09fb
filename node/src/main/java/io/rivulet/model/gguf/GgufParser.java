package io.rivulet.model.gguf;

import static io.rivulet.model.gguf.ModelFileException.quote;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;

/** Reads the header of a mapped file and checks everything in it. */
final class GgufParser {

  private static final long MAX_KEYS = 1 << 16;
  static final long MAX_TENSORS = 1 << 18;
  private static final long MAX_ELEMENTS = 1 << 22;
  private static final long MAX_TEXT_BYTES = 1 << 26;
  private static final long MAX_HEADER_BYTES = 1 << 28;

  /** Empty key, type and the smallest value. */
  private static final long MIN_PAIR_BYTES = 8 + 4 + 1;

  /** Empty name, number of dimensions, one dimension, type and offset. */
  private static final long MIN_TENSOR_BYTES = 8 + 4 + 8 + 4 + 8;

  private record TensorInfo(
      String name, GgmlType type, List<Long> dimensions, long byteSize, long offset) {}

  private final Path path;
  private final MemorySegment file;
  private final GgufCursor cursor;
  private final int version;
  private final GgufMetadata metadata;
  private final List<GgufTensor> tensors;

  /**
   * Does all the reading.
   *
   * @throws ModelFileException at the first thing that is wrong
   */
  GgufParser(Path path, MemorySegment file) {
    this.path = path;
    this.file = file;
    this.cursor = new GgufCursor(path, file);
    FileKind.requireGguf(path, file);
    cursor.bytes(Integer.BYTES, "the magic");
    this.version = readVersion();
    long tensorCount = cursor.count(1, MAX_TENSORS, "the number of tensors");
    long keyCount = cursor.count(MIN_PAIR_BYTES, MAX_KEYS, "the number of keys");
    this.metadata = readMetadata(keyCount);
    this.tensors = readTensors(tensorCount);
  }

  Path path() {
    return path;
  }

  long fileSize() {
    return file.byteSize();
  }

  int version() {
    return version;
  }

  GgufMetadata metadata() {
    return metadata;
  }

  List<GgufTensor> tensors() {
    return tensors;
  }

  private int readVersion() {
    int number = (int) cursor.integer(GgufValueType.INT32, "the version");
    if (number == 2 || number == GgufLayout.VERSION) {
      return number;
    }
    if (number != 0 && (number & 0xffff) == 0) {
      throw new ModelFileException(
          path,
          "is a big-endian GGUF file, version " + Integer.reverseBytes(number),
          "convert the model for little-endian machines");
    }
    throw new ModelFileException(
        path,
        "has GGUF version " + Integer.toUnsignedString(number) + ", known are 2 and 3",
        number == 1 ? "convert the model again" : "use a newer Rivulet, or convert to version 3");
  }

  private GgufMetadata readMetadata(long count) {
    var values = new LinkedHashMap<String, GgufValue>();
    for (long i = 0; i < count; i++) {
      String key = cursor.name(GgufLayout.MAX_KEY_BYTES, "the name of key " + i);
      if (values.containsKey(key)) {
        throw cursor.malformed("key " + quote(key) + " is there twice");
      }
      String what = "key " + quote(key);
      values.put(key, readValue(readValueType(what), what));
      checkHeaderSize();
    }
    return new GgufMetadata(path, values);
  }

  private GgufValueType readValueType(String what) {
    long id = cursor.integer(GgufValueType.UINT32, "the type of " + what);
    return GgufValueType.ofId(id)
        .orElseThrow(() -> cursor.malformed(what + " has type " + id + ", which GGUF has not"));
  }

  private GgufValue readValue(GgufValueType type, String what) {
    return switch (type) {
      case STRING -> new GgufValue.Text(cursor.text(MAX_TEXT_BYTES, what));
      case ARRAY -> readArray(what);
      case FLOAT32 ->
          new GgufValue.Real(type, cursor.bytes(type.minBytes(), what).get(GgufLayout.FLOAT32, 0));
      case FLOAT64 ->
          new GgufValue.Real(type, cursor.bytes(type.minBytes(), what).get(GgufLayout.FLOAT64, 0));
      case BOOL -> new GgufValue.Bool(readBool(what));
      case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64 ->
          new GgufValue.Int(type, cursor.integer(type, what));
    };
  }

  private boolean readBool(String what) {
    long value = cursor.integer(GgufValueType.BOOL, what);
    if (value > 1) {
      throw cursor.malformed(what + " is a bool of value " + value);
    }
    return value == 1;
  }

  private GgufArray readArray(String what) {
    GgufValueType type = readValueType(what);
    if (type == GgufValueType.ARRAY) {
      throw cursor.malformed(what + " is an array of arrays, which no model needs");
    }
    int size = (int) cursor.count(type.minBytes(), MAX_ELEMENTS, "the size of " + what);
    long start = cursor.position();
    switch (type) {
      case STRING -> {
        for (int i = 0; i < size; i++) {
          cursor.bytes(cursor.count(1, MAX_TEXT_BYTES, "the length of a string of " + what), what);
        }
      }
      case BOOL -> {
        for (int i = 0; i < size; i++) {
          readBool(what);
        }
      }
      case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64, FLOAT32, FLOAT64, ARRAY ->
          cursor.bytes((long) size * type.minBytes(), what);
    }
    return new GgufArray(type, size, file.asSlice(start, cursor.position() - start));
  }

  private List<GgufTensor> readTensors(long count) {
    int alignment = alignment();
    if (count > cursor.remaining() / MIN_TENSOR_BYTES) {
      throw cursor.truncated(
          "the list of " + count + " tensors",
          "at least " + (cursor.position() + count * MIN_TENSOR_BYTES));
    }
    var infos = new ArrayList<TensorInfo>();
    var names = new HashSet<String>();
    for (long i = 0; i < count; i++) {
      TensorInfo info = readTensorInfo(i, alignment);
      if (!names.add(info.name())) {
        throw cursor.malformed("tensor " + quote(info.name()) + " is there twice");
      }
      infos.add(info);
      checkHeaderSize();
    }
    return infos.isEmpty() ? List.of() : locate(infos, alignment);
  }

  private int alignment() {
    int alignment =
        metadata.integer(
            GgufLayout.ALIGNMENT_KEY, 1, GgufLayout.MAX_ALIGNMENT, GgufLayout.DEFAULT_ALIGNMENT);
    if (Integer.bitCount(alignment) != 1) {
      throw metadata.invalid(GgufLayout.ALIGNMENT_KEY, "is " + alignment + ", no power of two");
    }
    return alignment;
  }

  private TensorInfo readTensorInfo(long index, int alignment) {
    String name = cursor.name(GgufLayout.MAX_TENSOR_NAME_BYTES, "the name of tensor " + index);
    String what = "tensor " + quote(name);
    long dimensionCount =
        cursor.integer(GgufValueType.UINT32, "the number of dimensions of " + what);
    if (dimensionCount < 1 || dimensionCount > GgufLayout.MAX_DIMENSIONS) {
      throw cursor.malformed(
          "%s has %d dimensions, expected 1 to %d"
              .formatted(what, dimensionCount, GgufLayout.MAX_DIMENSIONS));
    }
    var dimensions = new ArrayList<Long>();
    for (long i = 0; i < dimensionCount; i++) {
      long dimension = cursor.integer(GgufValueType.UINT64, "a dimension of " + what);
      if (dimension < 1) {
        throw cursor.malformed(
            what + " has a dimension of " + Long.toUnsignedString(dimension) + " values");
      }
      dimensions.add(dimension);
    }
    GgmlType type = readTensorType(what);
    long offset = cursor.integer(GgufValueType.UINT64, "the offset of " + what);
    if (offset < 0 || offset % alignment != 0) {
      throw cursor.malformed(
          "%s has offset %s, not a multiple of the alignment %d"
              .formatted(what, Long.toUnsignedString(offset), alignment));
    }
    return new TensorInfo(name, type, dimensions, byteSize(what, type, dimensions), offset);
  }

  private GgmlType readTensorType(String what) {
    long id = cursor.integer(GgufValueType.UINT32, "the type of " + what);
    return GgmlType.ofId(id)
        .orElseThrow(
            () ->
                new ModelFileException(
                    path,
                    "%s has type number %d, which is not known".formatted(what, id),
                    "convert the model to Q8_0, or use a newer Rivulet"));
  }

  private long byteSize(String what, GgmlType type, List<Long> dimensions) {
    long cols = dimensions.getFirst();
    if (cols % type.blockSize() != 0) {
      throw cursor.malformed(
          "%s of type %s has rows of %d values, not a multiple of %d"
              .formatted(what, type, cols, type.blockSize()));
    }
    try {
      long elements = dimensions.stream().reduce(1L, Math::multiplyExact);
      return Math.multiplyExact(elements / type.blockSize(), (long) type.bytesPerBlock());
    } catch (ArithmeticException e) {
      throw cursor.malformed(what + " has more than 2^63 bytes");
    }
  }

  private List<GgufTensor> locate(List<TensorInfo> infos, int alignment) {
    long dataStart = GgufLayout.align(cursor.position(), alignment);
    long end = dataStart;
    TensorInfo before = null;
    for (TensorInfo info :
        infos.stream().sorted(Comparator.comparingLong(TensorInfo::offset)).toList()) {
      try {
        long start = Math.addExact(dataStart, info.offset());
        if (before != null && start < end) {
          throw cursor.malformed(
              "tensors %s and %s overlap".formatted(quote(before.name()), quote(info.name())));
        }
        end = Math.addExact(start, info.byteSize());
        before = info;
      } catch (ArithmeticException e) {
        throw cursor.malformed("tensor " + quote(info.name()) + " ends beyond 2^63");
      }
    }
    if (!infos.isEmpty() && end > file.byteSize()) {
      throw cursor.truncated("the tensors", Long.toString(end));
    }
    return infos.stream()
        .map(
            info ->
                new GgufTensor(
                    info.name(),
                    info.type(),
                    info.dimensions(),
                    file.asSlice(dataStart + info.offset(), info.byteSize())))
        .toList();
  }

  private void checkHeaderSize() {
    if (cursor.position() > MAX_HEADER_BYTES) {
      throw cursor.malformed("the header has more than " + MAX_HEADER_BYTES + " bytes");
    }
  }
}
