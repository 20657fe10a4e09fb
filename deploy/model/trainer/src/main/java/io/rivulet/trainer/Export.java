package io.rivulet.trainer;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The command {@code export}: a checkpoint as GGUF with architecture {@code nemotron} and a {@code
 * llama} tokenizer.
 */
final class Export {
  private static final int NORMAL = 1;
  private static final int UNKNOWN = 2;
  private static final int CONTROL = 3;
  private static final int BYTE = 6;

  private final Path run;
  private final Path output;
  private final TensorFormat format;
  private final Vocabulary vocabulary;
  private final String name;

  Export(Options options) throws IOException {
    run = options.path("run");
    output = options.path("output");
    format = TensorFormat.valueOf(options.text("type", "Q8_0").toUpperCase(Locale.ROOT));
    vocabulary = Vocabulary.read(options.path("vocabulary"));
    name = options.text("name", "rivulet-tiny");
    options.done();
  }

  void run() throws IOException {
    try (PtNDManager manager = (PtNDManager) NDManager.newBaseManager()) {
      Path newest = Checkpoint.require(run);
      Checkpoint checkpoint = Checkpoint.read(manager, newest);
      GgufFile file = new GgufFile();
      general(file);
      sizes(file, checkpoint.shape());
      tokenizer(file);
      tensors(file, checkpoint.weights());
      file.write(output);
      System.out.printf("%s: %d bytes from %s%n", output, Files.size(output), newest);
    }
  }

  private void general(GgufFile file) {
    file.text("general.architecture", "nemotron");
    file.text("general.name", name);
    file.text("general.license", "apache-2.0");
    file.unsigned("general.file_type", format == TensorFormat.F32 ? 0 : 7);
    file.unsigned("general.quantization_version", 2);
  }

  private static void sizes(GgufFile file, ModelShape shape) {
    file.unsigned("nemotron.vocab_size", shape.vocabulary());
    file.unsigned("nemotron.context_length", shape.context());
    file.unsigned("nemotron.embedding_length", shape.width());
    file.unsigned("nemotron.block_count", shape.layers());
    file.unsigned("nemotron.feed_forward_length", shape.hidden());
    file.unsigned("nemotron.attention.head_count", shape.heads());
    file.unsigned("nemotron.attention.head_count_kv", shape.groups());
    file.decimal("nemotron.attention.layer_norm_epsilon", ModelShape.NORM_EPSILON);
    file.unsigned("nemotron.rope.dimension_count", shape.headSize());
    file.decimal("nemotron.rope.freq_base", ModelShape.ROPE_BASE);
  }

  private void tokenizer(GgufFile file) {
    file.text("tokenizer.ggml.model", "llama");
    file.text("tokenizer.ggml.pre", "default");
    file.texts("tokenizer.ggml.tokens", vocabulary.pieces());
    file.decimals("tokenizer.ggml.scores", vocabulary.scores());
    file.integers(
        "tokenizer.ggml.token_type",
        IntStream.range(0, vocabulary.pieces().size()).map(this::tokenType).toArray());
    file.unsigned("tokenizer.ggml.unknown_token_id", 0);
    file.unsigned("tokenizer.ggml.bos_token_id", Corpus.BEGIN);
    file.unsigned("tokenizer.ggml.eos_token_id", Corpus.END);
    file.truth("tokenizer.ggml.add_bos_token", true);
    file.truth("tokenizer.ggml.add_eos_token", false);
    file.truth("tokenizer.ggml.add_space_prefix", true);
  }

  private int tokenType(int token) {
    if (token == 0) {
      return UNKNOWN;
    }
    if (token == Corpus.BEGIN || token == Corpus.END) {
      return CONTROL;
    }
    return vocabulary.isByte(token) ? BYTE : NORMAL;
  }

  /**
   * Matrices in the wanted format, norms as floats; the tied embedding twice, scaled as the input
   * and as it is.
   */
  private void tensors(GgufFile file, Weights weights) {
    List<ModelShape.Tensor> tensors = weights.tensors();
    for (int i = 0; i < tensors.size(); i++) {
      ModelShape.Tensor tensor = tensors.get(i);
      float[] data = weights.value(i).toFloatArray();
      if (tensor.kind() == ModelShape.Kind.EMBEDDING) {
        file.tensor("output.weight", format, tensor, data);
        for (int j = 0; j < data.length; j++) {
          data[j] *= (float) ModelShape.EMBEDDING_SCALE;
        }
      }
      file.tensor(tensor.name(), tensor.columns() == 1 ? TensorFormat.F32 : format, tensor, data);
    }
  }
}
