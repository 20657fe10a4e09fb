package io.rivulet.model.safetensors;

import static io.rivulet.model.gguf.ModelFileException.quote;

import io.rivulet.model.gguf.ModelFileException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalLong;
import java.util.SequencedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.util.ByteBufferBackedInputStream;

/**
 * Reads the header of a mapped file and checks everything in it, by the rules of the format
 * (https://github.com/huggingface/safetensors#format): eight bytes of length, a JSON object of that
 * length, and tensors that fill the rest without gaps, nor overlapping.
 */
final class SafetensorsHeader {

  static final ValueLayout.OfLong INT64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final long MAX_HEADER_BYTES = 100_000_000;
  private static final int MAX_TENSORS = 1 << 18;
  private static final int MAX_DIMENSIONS = 8;

  private record Info(String name, SafetensorsType type, List<Long> shape, long begin, long end) {}

  private final Path path;
  private final MemorySegment file;
  private final long dataStart;
  private final List<Info> infos = new ArrayList<>();
  private final SequencedMap<String, String> metadata = new LinkedHashMap<>();
  private List<SafetensorsTensor> tensors = List.of();

  private SafetensorsHeader(Path path, MemorySegment file) {
    this.path = path;
    this.file = file;
    dataStart = Long.BYTES + headerLength();
  }

  /**
   * Reads and checks all of it.
   *
   * @throws ModelFileException at the first thing that is wrong
   */
  static SafetensorsHeader read(Path path, MemorySegment file) {
    var header = new SafetensorsHeader(path, file);
    header.parse();
    header.tensors = header.locate();
    return header;
  }

  /** The file's tensors, in the order of their bytes. */
  List<SafetensorsTensor> tensors() {
    return tensors;
  }

  /** The strings under {@code __metadata__}; what is there and no string is left out. */
  SequencedMap<String, String> metadata() {
    return metadata;
  }

  private long headerLength() {
    if (file.byteSize() < Long.BYTES) {
      throw truncated("the header's length", Long.BYTES);
    }
    long length = file.get(INT64, 0);
    if (length < 0 || length > MAX_HEADER_BYTES) {
      throw malformed(
          "has a header of %s bytes, the limit is %d"
              .formatted(Long.toUnsignedString(length), MAX_HEADER_BYTES));
    }
    if (length > file.byteSize() - Long.BYTES) {
      throw truncated("the header", Long.BYTES + length);
    }
    if (length == 0 || file.get(ValueLayout.JAVA_BYTE, Long.BYTES) != '{') {
      throw malformed("has a header that does not begin with '{'");
    }
    return length;
  }

  private void parse() {
    MemorySegment header = file.asSlice(Long.BYTES, dataStart - Long.BYTES);
    try (JsonParser parser =
        JsonFile.JSON.createParser(new ByteBufferBackedInputStream(header.asByteBuffer()))) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("__metadata__")) {
          metadata(parser);
        } else if (value == JsonToken.START_OBJECT) {
          infos.add(tensor(parser, name));
        } else {
          throw malformed("tensor " + quote(name) + " is no JSON object");
        }
        if (infos.size() > MAX_TENSORS) {
          throw malformed("has more than " + MAX_TENSORS + " tensors");
        }
      }
      if (parser.nextToken() != null) {
        throw malformed("has a header that goes on after its object");
      }
    } catch (JacksonException e) {
      throw JsonFile.malformed(path, e);
    }
  }

  private void metadata(JsonParser parser) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = parser.currentName();
      if (parser.nextToken() == JsonToken.VALUE_STRING) {
        metadata.put(key, parser.getString());
      } else {
        parser.skipChildren();
      }
    }
  }

  private Info tensor(JsonParser parser, String name) {
    String what = "tensor " + quote(name);
    String type = "";
    List<Long> shape = List.of();
    List<Long> offsets = List.of();
    boolean shaped = false;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String member = parser.currentName();
      parser.nextToken();
      switch (member) {
        case "dtype" ->
            type = parser.currentToken() == JsonToken.VALUE_STRING ? parser.getString() : "";
        case "shape" -> {
          shape = numbers(parser, what + ": shape", MAX_DIMENSIONS);
          shaped = true;
        }
        case "data_offsets" -> offsets = numbers(parser, what + ": data_offsets", 2);
        default -> throw malformed(what + " has member " + quote(member) + ", which is not known");
      }
    }
    if (type.isEmpty() || !shaped || offsets.size() != 2) {
      throw malformed(what + " needs dtype, shape and two data_offsets");
    }
    String dtype = type;
    SafetensorsType known =
        SafetensorsType.named(dtype)
            .orElseThrow(
                () -> malformed(what + " has dtype " + quote(dtype) + ", which is not known"));
    Info info = new Info(name, known, shape, offsets.get(0), offsets.get(1));
    checkSize(info, what);
    return info;
  }

  private List<Long> numbers(JsonParser parser, String what, int most) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw malformed(what + " is no array");
    }
    var numbers = new ArrayList<Long>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
          || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
          || parser.getLongValue() < 0) {
        throw malformed(what + " holds what is no number from 0 to 2^63 - 1");
      }
      if (numbers.size() == most) {
        throw malformed(what + " has more than " + most + " numbers");
      }
      numbers.add(parser.getLongValue());
    }
    return numbers;
  }

  private void checkSize(Info info, String what) {
    long bytes = bytes(info).orElseThrow(() -> malformed(what + " has more than 2^63 bits"));
    if (info.end() < info.begin() || info.end() - info.begin() != bytes) {
      throw malformed(
          "%s has data_offsets [%d, %d], but its shape takes %d bytes of %s"
              .formatted(what, info.begin(), info.end(), bytes, info.type()));
    }
    if (info.end() > file.byteSize() - dataStart) {
      throw truncated(what, dataStart + info.end());
    }
  }

  private static OptionalLong bytes(Info info) {
    try {
      long bits = info.type().bits();
      for (long dimension : info.shape()) {
        bits = Math.multiplyExact(bits, dimension);
      }
      return OptionalLong.of(Math.ceilDiv(bits, Byte.SIZE));
    } catch (ArithmeticException e) {
      return OptionalLong.empty();
    }
  }

  private List<SafetensorsTensor> locate() {
    infos.sort(Comparator.comparingLong(Info::begin).thenComparingLong(Info::end));
    long end = 0;
    var located = new ArrayList<SafetensorsTensor>();
    for (Info info : infos) {
      if (info.begin() != end) {
        throw malformed(
            "tensor %s begins at byte %d of the data, where the one before ends at %d"
                .formatted(quote(info.name()), info.begin(), end));
      }
      MemorySegment data = file.asSlice(dataStart + info.begin(), info.end() - info.begin());
      located.add(new SafetensorsTensor(path, info.name(), info.type(), info.shape(), data));
      end = info.end();
    }
    if (dataStart + end != file.byteSize()) {
      throw malformed(
          "has %d bytes after the last tensor".formatted(file.byteSize() - dataStart - end));
    }
    return located;
  }

  private ModelFileException truncated(String what, long expected) {
    return new ModelFileException(
        path,
        "truncated at %s: expected at least %s bytes, has %d"
            .formatted(what, Long.toUnsignedString(expected), file.byteSize()),
        "download or copy it again");
  }

  private ModelFileException malformed(String problem) {
    return new ModelFileException(
        path, problem, "the file is damaged or no safetensors file: download or copy it again");
  }
}
