package io.rivulet.model.gguf;

import static io.rivulet.model.gguf.GgufLayout.align;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.WeightCodec;
import io.rivulet.kernels.WeightType;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * Writes a GGUF file, version 3 with an alignment of 32: first say what is in it, then {@link
 * #write}, which asks for the tensors' values row by row. Keys and tensors keep their order; a key
 * given twice has its last value.
 */
public final class GgufWriter {

  private static final int CHUNK_BYTES = 1 << 23;

  private final Map<String, byte[]> pairs = new LinkedHashMap<>();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  private record Tensor(
      WeightType type, List<Integer> dimensions, int rows, int cols, Rows source) {

    long byteSize() {
      return Math.multiplyExact(type.rowBytes(cols), (long) rows);
    }
  }

  /** Rows as they are given: values in order, or bytes in any order. */
  private sealed interface Rows {
    record Values(RowSource source) implements Rows {}

    record Bytes(RowEncoder encoder) implements Rows {}
  }

  /** A string. */
  public GgufWriter text(String key, String value) {
    return put(key, bytes -> bytes.type(GgufValueType.STRING).text(value));
  }

  /** A {@code uint32}. */
  public GgufWriter integer(String key, int value) {
    if (value < 0) {
      throw new IllegalArgumentException(key + " must not be negative, was " + value);
    }
    return put(key, bytes -> bytes.type(GgufValueType.UINT32).int32(value));
  }

  /**
   * What says that the file is one of several that a model is split into, to be named {@code
   * NAME-00001-of-00003.gguf}.
   *
   * @param number from 0
   * @param count of the files
   * @param tensors in all of them
   */
  public GgufWriter split(int number, int count, int tensors) {
    put(GgufShards.NUMBER_KEY, bytes -> bytes.type(GgufValueType.UINT16).int16(number));
    put(GgufShards.COUNT_KEY, bytes -> bytes.type(GgufValueType.UINT16).int16(count));
    return put(GgufShards.TENSORS_KEY, bytes -> bytes.type(GgufValueType.INT32).int32(tensors));
  }

  /** A {@code float32}. */
  public GgufWriter real(String key, float value) {
    return put(key, bytes -> bytes.type(GgufValueType.FLOAT32).float32(value));
  }

  /** A {@code bool}. */
  public GgufWriter bool(String key, boolean value) {
    return put(key, bytes -> bytes.type(GgufValueType.BOOL).int8(value ? 1 : 0));
  }

  /** An array of strings. */
  public GgufWriter texts(String key, List<String> values) {
    return put(
        key,
        bytes -> {
          bytes.array(GgufValueType.STRING, values.size());
          values.forEach(bytes::text);
        });
  }

  /** An array of {@code float32}. */
  public GgufWriter floats(String key, float... values) {
    return put(
        key,
        bytes -> {
          bytes.array(GgufValueType.FLOAT32, values.length);
          for (float value : values) {
            bytes.float32(value);
          }
        });
  }

  /** An array of {@code int32}. */
  public GgufWriter integers(String key, int... values) {
    return put(
        key,
        bytes -> {
          bytes.array(GgufValueType.INT32, values.length);
          for (int value : values) {
            bytes.int32(value);
          }
        });
  }

  /** An array of {@code uint8}. */
  public GgufWriter bytes(String key, byte... values) {
    return put(key, bytes -> bytes.array(GgufValueType.UINT8, values.length).raw(values));
  }

  /** A tensor of one dimension, stored as F32. */
  public GgufWriter vector(String name, float... values) {
    return add(
        name,
        new Tensor(
            WeightType.F32,
            List.of(values.length),
            1,
            values.length,
            new Rows.Values((row, into) -> System.arraycopy(values, 0, into, 0, into.length))));
  }

  /**
   * A tensor of two dimensions. Values are rounded to nearest; quantised types as ggml does it.
   *
   * @param type one that is {@link WeightType#encodable()}
   * @param cols a multiple of the type's block size
   */
  public GgufWriter matrix(String name, WeightType type, int rows, int cols, RowSource source) {
    return add(name, new Tensor(type, List.of(cols, rows), rows, cols, new Rows.Values(source)));
  }

  /**
   * A tensor of one or two dimensions that is written by many threads.
   *
   * @param dimensions columns, then rows if there are two; columns a multiple of the type's block
   *     size
   */
  public GgufWriter encoded(
      String name, WeightType type, List<Integer> dimensions, RowEncoder encoder) {
    int rows = dimensions.size() == 1 ? 1 : dimensions.get(1);
    Rows source = new Rows.Bytes(encoder);
    return add(name, new Tensor(type, dimensions, rows, dimensions.getFirst(), source));
  }

  /** A value as another file has it. */
  public GgufWriter value(String key, GgufValue value) {
    return put(key, bytes -> bytes.value(value));
  }

  /**
   * The pairs given so far, as if read from a file.
   *
   * @param path what messages about them name
   */
  public GgufMetadata metadata(Path path) {
    var pairsAlone = new GgufWriter();
    pairsAlone.pairs.putAll(pairs);
    return new GgufParser(path, MemorySegment.ofArray(pairsAlone.header())).metadata();
  }

  /** Bytes that the file will have. */
  public long byteSize() {
    long bytes = align(header().length, GgufLayout.DEFAULT_ALIGNMENT);
    for (Tensor tensor : tensors.values()) {
      bytes = Math.addExact(bytes, align(tensor.byteSize(), GgufLayout.DEFAULT_ALIGNMENT));
    }
    return bytes;
  }

  /** Writes the file, over one that is there. */
  public void write(Path path) throws IOException {
    write(path, (bytes, total) -> {});
  }

  /** Writes the file, over one that is there, and tells how far it is. */
  public void write(Path path, WriteProgress progress) throws IOException {
    byte[] header = header();
    long total = byteSize();
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path), 1 << 16)) {
      out.write(header);
      pad(out, header.length);
      long done = align(header.length, GgufLayout.DEFAULT_ALIGNMENT);
      for (Tensor tensor : tensors.values()) {
        switch (tensor.source()) {
          case Rows.Values(RowSource source) -> writeRows(tensor, source, out);
          case Rows.Bytes(RowEncoder encoder) -> {
            long before = done;
            writeChunks(tensor, encoder, out, bytes -> progress.written(before + bytes, total));
          }
        }
        pad(out, tensor.byteSize());
        done += align(tensor.byteSize(), GgufLayout.DEFAULT_ALIGNMENT);
      }
    }
    progress.written(total, total);
  }

  private byte[] header() {
    var bytes = new GgufBytes();
    bytes.int32(GgufLayout.MAGIC).int32(GgufLayout.VERSION);
    bytes.int64(tensors.size()).int64(pairs.size());
    pairs.forEach((key, value) -> bytes.text(key).raw(value));
    long offset = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      Tensor tensor = entry.getValue();
      bytes.text(entry.getKey()).int32(tensor.dimensions().size());
      tensor.dimensions().forEach(bytes::int64);
      bytes.int32(GgmlType.of(tensor.type()).id()).int64(offset);
      offset = align(Math.addExact(offset, tensor.byteSize()), GgufLayout.DEFAULT_ALIGNMENT);
    }
    return bytes.toByteArray();
  }

  private GgufWriter put(String key, Consumer<GgufBytes> writer) {
    if (key.isEmpty()) {
      throw new IllegalArgumentException("a key is empty");
    }
    var bytes = new GgufBytes();
    writer.accept(bytes);
    pairs.put(key, bytes.toByteArray());
    return this;
  }

  private GgufWriter add(String name, Tensor tensor) {
    int nameBytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (nameBytes < 1 || nameBytes > GgufLayout.MAX_TENSOR_NAME_BYTES) {
      throw new IllegalArgumentException(
          "tensor %s has a name of %d bytes, expected 1 to %d"
              .formatted(name, nameBytes, GgufLayout.MAX_TENSOR_NAME_BYTES));
    }
    if (tensor.rows() < 1 || tensor.cols() < 1) {
      throw new IllegalArgumentException("tensor " + name + " has no values");
    }
    if (!tensor.type().encodable()) {
      throw new IllegalArgumentException(
          "tensor %s cannot be written as %s".formatted(name, tensor.type()));
    }
    if (tensor.cols() % tensor.type().blockSize() != 0) {
      throw new IllegalArgumentException(
          "tensor %s of type %s has rows of %d values, not a multiple of %d"
              .formatted(name, tensor.type(), tensor.cols(), tensor.type().blockSize()));
    }
    if (tensors.putIfAbsent(name, tensor) != null) {
      throw new IllegalArgumentException("tensor " + name + " is there twice");
    }
    return this;
  }

  private static void writeChunks(
      Tensor tensor, RowEncoder encoder, OutputStream out, LongConsumer progress)
      throws IOException {
    int rowBytes = Math.toIntExact(tensor.type().rowBytes(tensor.cols()));
    int chunk = Math.clamp(CHUNK_BYTES / rowBytes, 1, tensor.rows());
    byte[] bytes = new byte[Math.multiplyExact(chunk, rowBytes)];
    MemorySegment into = MemorySegment.ofArray(bytes);
    for (int first = 0; first < tensor.rows(); first += chunk) {
      int start = first;
      int count = Math.min(chunk, tensor.rows() - first);
      IntStream.range(0, count)
          .parallel()
          .forEach(i -> encoder.encode(start + i, into, (long) i * rowBytes));
      out.write(bytes, 0, count * rowBytes);
      progress.accept((long) (first + count) * rowBytes);
    }
  }

  private static void writeRows(Tensor tensor, RowSource source, OutputStream out)
      throws IOException {
    float[] values = new float[tensor.cols()];
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor row = FloatTensor.allocate(arena, 1, tensor.cols());
      MemorySegment encoded = arena.allocate(tensor.type().rowBytes(tensor.cols()));
      for (int r = 0; r < tensor.rows(); r++) {
        source.read(r, values);
        MemorySegment.copy(values, 0, row.data(), ValueLayout.JAVA_FLOAT, 0, values.length);
        WeightCodec.encodeRow(row, 0, tensor.cols(), tensor.type(), encoded, 0);
        out.write(encoded.toArray(ValueLayout.JAVA_BYTE));
      }
    }
  }

  private static void pad(OutputStream out, long written) throws IOException {
    out.write(new byte[(int) (align(written, GgufLayout.DEFAULT_ALIGNMENT) - written)]);
  }
}
