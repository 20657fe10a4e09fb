package io.rivulet.model.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.rivulet.kernels.WeightType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each lie a file can tell, and the line that answers it. */
class GgufMalformedTest {

  private static final int F32 = GgmlType.F32.id();
  private static final int Q8_0 = GgmlType.Q8_0.id();

  @TempDir Path folder;

  @Test
  void saysThatThereIsNoFile() {
    assertProblem("does not exist; give the path of a .gguf file", folder.resolve("none.gguf"));
  }

  @Test
  void saysThatItIsADirectory() {
    assertProblem("is a directory; give the path of a .gguf file in it", folder);
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void saysThatItIsNoRegularFile() {
    assertProblem("is not a regular file", Path.of("/dev/zero"));
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void saysThatItMayNotBeRead() throws IOException {
    Path path = write(header(0, 0).toByteArray());
    Files.setPosixFilePermissions(path, Set.of());
    assumeFalse(Files.isReadable(path), "a superuser may read anything");
    assertProblem("may not be read; mend its permissions", path);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                                                 | is empty",
        "GG                                                 | truncated at the magic",
        "nothing of the kind                                | is not a GGUF file: it does not"
            + " begin",
        "abcdefgh{\"a\":{}}                                 | looks like a safetensors file",
        "PK\u0003\u0004zip                                     | is a zip archive",
        "' <!DOCTYPE html><html>'                           | is a web page",
        "version https://git-lfs.github.com/spec/v1         | is a Git LFS pointer",
        "FUGG                                               | is a GGUF file with swapped bytes",
        "tjgg                                               | is a GGML file",
        "GGUF                                               | truncated at the version",
      })
  void saysWhatTheFileIsInstead(String content, String problem) throws IOException {
    assertProblem(problem, write(content.getBytes(StandardCharsets.ISO_8859_1)));
  }

  @ParameterizedTest
  @CsvSource({
    "0, has GGUF version 0",
    "1, has GGUF version 1",
    "4, has GGUF version 4",
    "-1, has GGUF version 4294967295",
    "0x03000000, 'is a big-endian GGUF file, version 3'"
  })
  void refusesOtherVersions(String version, String problem) throws IOException {
    var bytes = new GgufBytes().int32(GgufLayout.MAGIC).int32(Integer.decode(version));
    assertProblem(problem, write(bytes.int64(0).int64(0).toByteArray()));
  }

  @Test
  void readsVersionTwo() throws IOException {
    var bytes = new GgufBytes().int32(GgufLayout.MAGIC).int32(2).int64(0).int64(0);
    try (GgufFile file = GgufFile.open(write(bytes.toByteArray()))) {
      assertEquals(2, file.version());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, truncated at the list of 1 tensors",
    "0, 1, truncated at the number of keys",
    "100000000000, 0, 'the number of tensors is 100000000000, the limit is 262144'",
    "0, 100000000000, 'the number of keys is 100000000000, the limit is 65536'",
    "-1, 0, the number of tensors is 18446744073709551615",
    "0, -1, the number of keys is 18446744073709551615",
  })
  void refusesCountsThatCannotBe(long tensors, long keys, String problem) throws IOException {
    var bytes = new GgufBytes().int32(GgufLayout.MAGIC).int32(3).int64(tensors).int64(keys);
    assertProblem(problem, write(bytes.raw(new byte[8]).toByteArray()));
  }

  @Test
  void refusesKeysThatAreNoNames() throws IOException {
    assertKeyProblem("the name of key 0 is empty", b -> b.text("").int32(4).int32(1));
    assertKeyProblem(
        "the name of key 0 is not valid UTF-8",
        b -> b.int64(2).raw(new byte[] {(byte) 0xc3, 0x28}).int32(4).int32(1));
    assertKeyProblem("the length of the name of key 0 is 70000", b -> b.int64(70000));
    assertKeyProblem(
        "the length of the name of key 0 is 9223372036854775808", b -> b.int64(1L << 63));
    assertKeyProblem("truncated at the length of the name of key 0", b -> b.int64(60000));
  }

  @Test
  void refusesAKeyGivenTwice() throws IOException {
    var bytes = header(0, 2).text("a").int32(0).int8(1).text("a").int32(0).int8(1);
    assertProblem("key 'a' is there twice", write(bytes.raw(new byte[32]).toByteArray()));
  }

  @Test
  void refusesValuesThatCannotBe() throws IOException {
    assertKeyProblem("key 'k' has type 13, which GGUF has not", b -> b.text("k").int32(13));
    assertKeyProblem("key 'k' has type 4294967295, which GGUF has not", b -> b.text("k").int32(-1));
    assertKeyProblem("key 'k' is a bool of value 2", b -> b.text("k").int32(7).int8(2));
    assertKeyProblem("truncated at the length of key 'k'", b -> b.text("k").int32(8).int64(1000));
    assertKeyProblem(
        "the length of key 'k' is 1152921504606846976", b -> b.text("k").int32(8).int64(1L << 60));
    assertKeyProblem(
        "truncated at the size of key 'k'", b -> b.text("k").int32(9).int32(4).int64(99));
    assertKeyProblem(
        "the size of key 'k' is 18446744073709551615, the limit is 4194304",
        b -> b.text("k").int32(9).int32(0).int64(-1));
    assertKeyProblem("key 'k' is an array of arrays", b -> b.text("k").int32(9).int32(9).int64(1));
    assertKeyProblem("key 'k' has type 99", b -> b.text("k").int32(9).int32(99).int64(1));
    assertKeyProblem(
        "truncated at the length of a string of key 'k'",
        b -> b.text("k").int32(9).int32(8).int64(2).text("a").int64(500));
    assertKeyProblem(
        "key 'k' is a bool of value 9",
        b -> b.text("k").int32(9).int32(7).int64(2).int8(1).int8(9));
  }

  @Test
  void keepsMessagesOnOneShortLine() throws IOException {
    Path path =
        write(
            header(0, 1)
                .text("k\r\n\u001b" + "y".repeat(5000))
                .int32(99)
                .raw(new byte[99])
                .toByteArray());
    String message = assertThrows(ModelFileException.class, () -> GgufFile.open(path)).getMessage();
    assertFalse(message.chars().anyMatch(Character::isISOControl), message);
    assertTrue(message.length() < path.toString().length() + 300, message);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 48, -32, 1 << 21})
  void refusesAlignmentsThatAreNone(int alignment) throws IOException {
    var bytes = header(0, 1).text("general.alignment").int32(4).int32(alignment);
    assertProblem("key general.alignment ", write(bytes.toByteArray()));
  }

  @Test
  void refusesAnAlignmentOfAnotherType() throws IOException {
    var bytes = header(0, 1).text("general.alignment").int32(8).text("32");
    assertProblem("key general.alignment has type string", write(bytes.toByteArray()));
  }

  @Test
  void refusesTensorNamesThatAreNone() throws IOException {
    assertTensorProblem("the name of tensor 0 is empty", b -> tensor(b, "", F32, 0, 8));
    assertTensorProblem(
        "the length of the name of tensor 0 is 65", b -> tensor(b, "n".repeat(65), F32, 0, 8));
  }

  @Test
  void refusesATensorGivenTwice() throws IOException {
    var bytes = header(2, 0);
    tensor(bytes, "t", F32, 0, 8);
    tensor(bytes, "t", F32, 32, 8);
    assertProblem("tensor 't' is there twice", write(bytes.raw(new byte[256]).toByteArray()));
  }

  @Test
  void refusesShapesThatCannotBe() throws IOException {
    assertTensorProblem("tensor 't' has 0 dimensions", b -> tensor(b, "t", F32, 0));
    assertTensorProblem("tensor 't' has 5 dimensions", b -> tensor(b, "t", F32, 0, 1, 1, 1, 1, 1));
    assertTensorProblem("tensor 't' has a dimension of 0", b -> tensor(b, "t", F32, 0, 8, 0));
    assertTensorProblem(
        "tensor 't' has a dimension of 18446744073709551608", b -> tensor(b, "t", F32, 0, -8));
    assertTensorProblem(
        "tensor 't' has more than 2^63 bytes", b -> tensor(b, "t", F32, 0, 1L << 40, 1L << 40));
    assertTensorProblem(
        "tensor 't' has more than 2^63 bytes", b -> tensor(b, "t", F32, 0, Long.MAX_VALUE));
    assertTensorProblem(
        "tensor 't' of type Q8_0 has rows of 33 values", b -> tensor(b, "t", Q8_0, 0, 33));
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5, 31, 38, 63, 64, 1000, -1})
  void refusesTypesItDoesNotKnow(int type) throws IOException {
    assertTensorProblem(
        "tensor 't' has type number " + Integer.toUnsignedString(type),
        b -> tensor(b, "t", type, 0, 32));
  }

  @Test
  void refusesOffsetsThatCannotBe() throws IOException {
    assertTensorProblem(
        "tensor 't' has offset 8, not a multiple of the alignment 32",
        b -> tensor(b, "t", F32, 8, 8));
    assertTensorProblem(
        "tensor 't' has offset 18446744073709551584", b -> tensor(b, "t", F32, -32, 8));
    assertTensorProblem(
        "truncated at the tensors: expected ", b -> tensor(b, "t", F32, 1 << 20, 8));
    assertTensorProblem(
        "tensor 't' ends beyond 2^63", b -> tensor(b, "t", F32, Long.MAX_VALUE & -32, 8));
    assertTensorProblem(
        "truncated at the tensors: expected ", b -> tensor(b, "t", F32, 0, 1L << 40));
  }

  @Test
  void refusesTensorsThatOverlap() throws IOException {
    var bytes = header(2, 0);
    tensor(bytes, "late", F32, 32, 8);
    tensor(bytes, "early", F32, 0, 9);
    assertProblem(
        "tensors 'early' and 'late' overlap", write(bytes.raw(new byte[256]).toByteArray()));
  }

  @Test
  void listsTypesThatItCannotComputeWith() throws IOException {
    assertNoKernel(
        GgmlType.IQ2_XS,
        148,
        "which cannot be computed with; convert the model to one of "
            + Arrays.toString(WeightType.values()));
    assertNoKernel(
        GgmlType.I2_S,
        128,
        "whose layout depends on the machine that wrote it; convert the model to TQ2_0 or TQ1_0");
  }

  private void assertNoKernel(GgmlType type, long byteSize, String refusal) throws IOException {
    var bytes = header(1, 0);
    tensor(bytes, "t", type.id(), 0, 256, 2);
    try (GgufFile file = GgufFile.open(write(bytes.raw(new byte[512]).toByteArray()))) {
      assertEquals(byteSize, file.tensor("t").orElseThrow().byteSize());
      var thrown = assertThrows(ModelFileException.class, () -> file.matrix("t", 2, 256));
      String expected = "tensor t has type " + type + ", " + refusal;
      assertTrue(thrown.getMessage().endsWith(expected), thrown.getMessage());
    }
  }

  private static GgufBytes header(long tensors, long keys) {
    return new GgufBytes()
        .int32(GgufLayout.MAGIC)
        .int32(GgufLayout.VERSION)
        .int64(tensors)
        .int64(keys);
  }

  private static void tensor(GgufBytes bytes, String name, int type, long offset, long... shape) {
    bytes.text(name).int32(shape.length);
    for (long dimension : shape) {
      bytes.int64(dimension);
    }
    bytes.int32(type).int64(offset);
  }

  private void assertKeyProblem(String problem, Consumer<GgufBytes> key) throws IOException {
    var bytes = header(0, 1);
    key.accept(bytes);
    assertProblem(problem, write(bytes.raw(new byte[64]).toByteArray()));
  }

  private void assertTensorProblem(String problem, Consumer<GgufBytes> tensor) throws IOException {
    var bytes = header(1, 0);
    tensor.accept(bytes);
    assertProblem(problem, write(bytes.raw(new byte[256]).toByteArray()));
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("model.gguf"), bytes);
  }

  private static void assertProblem(String problem, Path path) {
    String message = assertThrows(ModelFileException.class, () -> GgufFile.open(path)).getMessage();
    assertTrue(message.startsWith(path + ": " + problem), message);
    assertTrue(message.contains("; "), message);
  }
}
