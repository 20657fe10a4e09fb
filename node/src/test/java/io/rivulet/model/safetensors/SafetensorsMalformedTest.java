package io.rivulet.model.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.model.gguf.ModelFileException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which files are refused in which words. */
class SafetensorsMalformedTest {

  private static final String A = "'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}";

  @TempDir private Path folder;

  @Test
  void readsTensorsInTheOrderOfTheirBytes() throws IOException {
    write(
        "{'b':{'dtype':'BF16','shape':[1,2],'data_offsets':[8,12]},'__metadata__':{'x':'y'},"
            + A
            + "}  ",
        12);
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsDirectory directory = SafetensorsDirectory.open(folder, arena);
      assertEquals(List.of("a", "b"), List.copyOf(directory.tensors().sequencedKeySet()));
      SafetensorsTensor b = directory.tensors().get("b");
      assertEquals(SafetensorsType.BF16, b.type());
      assertEquals("[1, 2]", b.shownShape());
      assertEquals(4, b.data().byteSize());
      assertEquals(Files.size(folder.resolve("model.safetensors")), directory.bytes());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "[]                                                          | 8 | does not begin with '{'",
        "{'a':1}                                                     | 8 | tensor 'a' is no JSON"
            + " object",
        "{'a':{'dtype':'F32','shape':[2]}}                           | 8 | needs dtype, shape and"
            + " two data_offsets",
        "{'a':{'shape':[2],'data_offsets':[0,8]}}                    | 8 | needs dtype, shape and"
            + " two data_offsets",
        "{'a':{'dtype':'F32','data_offsets':[0,8]}}                  | 8 | needs dtype, shape and"
            + " two data_offsets",
        "{'a':{'dtype':7,'shape':[2],'data_offsets':[0,8]}}          | 8 | needs dtype, shape and"
            + " two data_offsets",
        "{'a':{'dtype':'F33','shape':[2],'data_offsets':[0,8]}}      | 8 | dtype 'F33', which is"
            + " not known",
        "{'a':{'dtype':'F32','shape':2,'data_offsets':[0,8]}}        | 8 | 'a': shape is no array",
        "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}}     | 8 | 'a': shape holds what is"
            + " no number from 0",
        "{'a':{'dtype':'F32','shape':[2.5],'data_offsets':[0,8]}}    | 8 | 'a': shape holds what is"
            + " no number from 0",
        "{'a':{'dtype':'F32','shape':[99999999999999999999],'data_offsets':[0,8]}} | 8 | shape"
            + " holds what is no number",
        "{'a':{'dtype':'F32','shape':[1,1,1,1,1,1,1,1,1],'data_offsets':[0,4]}}    | 4 | shape has"
            + " more than 8 numbers",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8,9]}}    | 8 | data_offsets has more"
            + " than 2 numbers",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8],'x':1}} | 8 | has member 'x', which"
            + " is not known",
        "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}      | 8 | data_offsets [0, 8], but"
            + " its shape takes 12 bytes of F32",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}      | 8 | data_offsets [8, 0], but"
            + " its shape takes 8 bytes of F32",
        "{'a':{'dtype':'F32','shape':[9223372036854775807,2],'data_offsets':[0,8]}} | 8 | more than"
            + " 2^63 bits",
        "{'a':{'dtype':'F32','shape':[4],'data_offsets':[0,16]}}     | 8 | truncated at tensor 'a':"
            + " expected at least",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}      | 8 | 'a' begins at byte 4 of"
            + " the data, where the one before ends at 0",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}      | 8 | has 4 bytes after the"
            + " last tensor",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}"
            + " | 8 | is not sound JSON",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'b':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}"
            + " | 8 | 'b' begins at byte 0 of the data, where the one before ends at 8",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} x    | 8 | is not sound JSON",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} {}   | 8 | goes on after its"
            + " object",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}       | 8 | is not sound JSON",
      })
  void refusesAHeader(String header, int data, String expected) throws IOException {
    write(header, data);
    assertRefused("model.safetensors: ", expected);
  }

  @Test
  void refusesAHeaderBeyondTheFile() throws IOException {
    Files.write(folder.resolve("model.safetensors"), length(64).put((byte) '{').array());
    assertRefused(
        "model.safetensors: ", "truncated at the header: expected at least 72 bytes, has 9");
  }

  @Test
  void refusesAHeaderBeyondTheLimit() throws IOException {
    Files.write(folder.resolve("model.safetensors"), length(100_000_001).put((byte) '{').array());
    assertRefused("", "has a header of 100000001 bytes, the limit is 100000000");
    Files.write(folder.resolve("model.safetensors"), length(-1).put((byte) '{').array());
    assertRefused("", "has a header of 18446744073709551615 bytes");
  }

  @Test
  void refusesADeepHeader() throws IOException {
    write("{'a':" + "[".repeat(100_000), 0);
    assertRefused("", "is no JSON object");
    write("{'__metadata__':" + "[".repeat(100_000), 0);
    assertRefused("", "is not sound JSON");
  }

  @Test
  void refusesADirectoryWithoutModel() {
    assertRefused("", "has neither model.safetensors nor model.safetensors.index.json");
  }

  @Test
  void readsShardsByTheIndex() throws IOException {
    shards("{'weight_map':{'a':'x.safetensors','b':'y.safetensors'}}");
    try (Arena arena = Arena.ofConfined()) {
      assertEquals(2, SafetensorsDirectory.open(folder, arena).tensors().size());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{}                                                             | member 'weight_map' is"
            + " missing",
        "{'weight_map':[]}                                              | member 'weight_map' is"
            + " missing or no JSON object",
        "{'weight_map':{}}                                              | names 0 shards",
        "[]                                                             | is no JSON object",
        "{'weight_map':{'a':'../x.safetensors'}}                        | member 'a' names shard"
            + " '\"../x.safetensors\"', expected the plain name",
        "{'weight_map':{'a':'/etc/x.safetensors'}}                      | expected the plain name",
        "{'weight_map':{'a':'x.bin'}}                                   | expected the plain name",
        "{'weight_map':{'a':1}}                                         | expected the plain name",
        "{'weight_map':{'a':'z.safetensors'}}                           | z.safetensors: does not"
            + " exist",
        "{'weight_map':{'a':'y.safetensors'}}                           | y.safetensors: holds"
            + " tensor 'b', which model.safetensors.index.json does not list there",
        "{'weight_map':{'a':'x.safetensors','b':'x.safetensors'}}       | x.safetensors: does not"
            + " hold tensor 'b', which model.safetensors.index.json lists there",
        "{'weight_map':{'a':'x.safetensors','a':'x.safetensors'}}       | is not sound JSON",
      })
  void refusesAnIndex(String index, String expected) throws IOException {
    shards(index);
    assertRefused("", expected);
  }

  private void shards(String index) throws IOException {
    new SafetensorsFixture().floats("a", List.of(1), 1).write(folder.resolve("x.safetensors"));
    new SafetensorsFixture().floats("b", List.of(1), 1).write(folder.resolve("y.safetensors"));
    Files.writeString(folder.resolve("model.safetensors.index.json"), index.replace('\'', '"'));
  }

  private void write(String header, int data) throws IOException {
    byte[] file = SafetensorsFixture.file(header.replace('\'', '"'), new byte[data]);
    Files.write(folder.resolve("model.safetensors"), file);
  }

  private void assertRefused(String file, String expected) {
    try (Arena arena = Arena.ofConfined()) {
      String message =
          assertThrows(ModelFileException.class, () -> SafetensorsDirectory.open(folder, arena))
              .getMessage();
      assertTrue(message.contains(file) && message.contains(expected), message);
      assertEquals(1, message.lines().count());
    }
  }

  private static ByteBuffer length(long bytes) {
    return ByteBuffer.allocate(Long.BYTES + 1).order(ByteOrder.LITTLE_ENDIAN).putLong(bytes);
  }
}
