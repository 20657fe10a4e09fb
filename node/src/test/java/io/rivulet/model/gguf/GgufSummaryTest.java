package io.rivulet.model.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.rivulet.kernels.WeightType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class GgufSummaryTest {

  @TempDir Path folder;

  private GgufSummary summary() throws IOException {
    Path path = folder.resolve("model.gguf");
    new GgufWriter()
        .text("general.name", "two\nlines \u001b[31m " + "x".repeat(200))
        .integer("n", 12)
        .real("r", 1e-5f)
        .bool("b", true)
        .integers("ids", IntStream.range(0, 1000).toArray())
        .texts("words", List.of("a", "b"))
        .matrix("w", WeightType.Q8_0, 2000, 64, (row, into) -> {})
        .matrix("v", WeightType.Q8_0, 2, 32, (row, into) -> {})
        .vector("norm", 1, 2)
        .write(path);
    try (GgufFile file = GgufFile.open(path)) {
      return GgufSummary.of(file);
    }
  }

  @Test
  void showsOneLineForEachKeyTensorAndType() throws IOException {
    GgufSummary summary = summary();
    List<String> expected =
        List.of(
            folder.resolve("model.gguf")
                + ": GGUF version 3, %,d bytes, 6 keys, 3 tensors".formatted(summary.bytes()),
            "metadata",
            "  general.name  two?lines ?[31m " + "x".repeat(84) + "...",
            "  n             12",
            "  r             1.0E-5",
            "  b             true",
            "  ids           int32[1000]: 0, 1, 2, 3, 4, 5, 6, 7, ...",
            "  words         string[2]: a, b",
            "tensors",
            "  w     Q8_0  64 x 2000  136,000 bytes",
            "  v     Q8_0  32 x 2     68 bytes",
            "  norm  F32   2          8 bytes",
            "types",
            "  F32   1 tensor   2 values        8 bytes",
            "  Q8_0  2 tensors  128,064 values  136,068 bytes");
    assertEquals(String.join("\n", expected), String.join("\n", summary.lines()));
  }

  @Test
  void isReadyForJson() throws IOException {
    var json = JsonMapper.shared().valueToTree(summary());

    assertEquals(
        "{\"type\":\"int32\",\"size\":1000,\"first\":[0,1,2,3,4,5,6,7]}",
        json.at("/metadata/ids").toString());
    assertEquals(
        "{\"name\":\"v\",\"type\":\"Q8_0\",\"shape\":[32,2],\"bytes\":68}",
        json.at("/tensors/1").toString());
    assertEquals(
        "{\"type\":\"Q8_0\",\"tensors\":2,\"values\":128064,\"bytes\":136068}",
        json.at("/types/1").toString());
    assertEquals(1e-5, json.at("/metadata/r").asDouble());
  }
}
