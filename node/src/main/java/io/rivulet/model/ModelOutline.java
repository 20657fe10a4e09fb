package io.rivulet.model;

import io.rivulet.kernels.Activation;
import io.rivulet.kernels.KeyValueType;
import io.rivulet.kernels.WeightType;
import io.rivulet.model.chat.ChatTemplate;
import io.rivulet.model.gguf.GgmlType;
import io.rivulet.model.gguf.GgufTensor;
import io.rivulet.model.gguf.ModelFile;
import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.tokenizer.Tokenizer;
import io.rivulet.model.tokenizer.Tokenizers;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * What a model is and what computing with it takes, found without loading its weights. It outlives
 * the file.
 *
 * @param parameters values in all tensors
 * @param types what the tensors are stored as, and which share of their bytes that is
 * @param tokenizer the kind of its vocabulary
 * @param skipsNeurons whether neurons are exactly zero for some inputs, so that they are skipped
 * @param denseBytes of weights that a token reads if no neuron is skipped
 * @param downBytes those of them that are read in part where neurons are skipped
 * @param cacheBytesPerToken of key-value cache that one position takes in the default type
 * @param repacked what is laid out anew when the model is loaded; the rest stays as it is mapped
 */
public record ModelOutline(
    String architecture,
    String name,
    long parameters,
    SequencedMap<GgmlType, Double> types,
    int context,
    int width,
    int layers,
    int heads,
    int keyValueHeads,
    int headSize,
    int neurons,
    boolean gated,
    Activation activation,
    boolean skipsNeurons,
    String tokenizer,
    int vocabulary,
    boolean chatTemplate,
    long denseBytes,
    long downBytes,
    long cacheBytesPerToken,
    List<Repacked> repacked) {

  /**
   * Matrices of a type that are laid out anew at load.
   *
   * @param type as stored
   * @param byNeurons whether they are down projections that become a row a neuron; others have the
   *     blocks of a row dealt to lanes
   * @param tensors of that type
   * @param storedBytes in the file
   * @param bytes in memory
   */
  public record Repacked(
      WeightType type, boolean byNeurons, int tensors, long storedBytes, long bytes) {

    Repacked plus(Repacked other) {
      return new Repacked(
          type,
          byNeurons,
          tensors + other.tensors,
          storedBytes + other.storedBytes,
          bytes + other.bytes);
    }
  }

  /**
   * Reads what a loader reads, but for the weights themselves.
   *
   * @throws ModelFileException if the file is not a model that this version computes, as {@link
   *     LoadedModel#open} would
   */
  public static ModelOutline of(ModelFile file) {
    ModelSpecReader.architecture(file.metadata());
    Tokenizer tokenizer = Tokenizers.from(file);
    ModelSpec spec = ModelSpecReader.read(file, tokenizer.size());
    LayoutOutline layout = new LayoutOutline(spec);
    try (Arena arena = Arena.ofConfined()) {
      WeightsReader.read(file, spec, arena, layout);
    }
    AttentionSpec attention = spec.attention();
    return new ModelOutline(
        spec.architecture(),
        spec.name(),
        file.tensors().stream().mapToLong(GgufTensor::elements).sum(),
        types(file),
        spec.context(),
        spec.width(),
        spec.layers(),
        attention.heads(),
        attention.keyValueHeads(),
        attention.headSize(),
        spec.neurons(),
        spec.feedForward().gated(),
        spec.feedForward().activation(),
        spec.sparse(),
        Tokenizers.kind(file.metadata()),
        spec.vocabulary(),
        ChatTemplate.from(file.metadata(), tokenizer).isPresent(),
        layout.linearBytes() + layout.downBytes(),
        layout.downBytes(),
        spec.cacheBytesPerToken(KeyValueType.DEFAULT),
        layout.repacked());
  }

  private static SequencedMap<GgmlType, Double> types(ModelFile file) {
    var shares = new TreeMap<GgmlType, Double>();
    long all = file.tensors().stream().mapToLong(GgufTensor::byteSize).sum();
    for (GgufTensor tensor : file.tensors()) {
      shares.merge(tensor.type(), (double) tensor.byteSize() / all, Double::sum);
    }
    return shares;
  }

  /** For people: a property a line, what it is in columns of their own. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    add(lines, "architecture", architecture);
    if (!name.isEmpty()) {
      add(lines, "name", ModelFileException.quote(name));
    }
    add(lines, "parameters", number(parameters));
    add(lines, "stored as", String.join(", ", shares()));
    add(lines, "layers", layers + " of width " + width);
    add(
        lines,
        "attention",
        heads + " heads of " + headSize + ", " + keyValueHeads + " of keys and values");
    add(
        lines,
        "neurons",
        number(neurons)
            + (" a layer, " + activation + (gated ? " gated: " : ": "))
            + (skipsNeurons ? "those that are zero are skipped" : "none are zero or skipped"));
    add(lines, "tokenizer", tokenizer + ", " + number(vocabulary) + " tokens");
    add(
        lines,
        "context",
        number(context) + " tokens, " + number(cacheBytesPerToken) + " bytes of cache each");
    add(lines, "chat template", chatTemplate ? "yes" : "no");
    String byNeurons = skipsNeurons ? ", " + number(downBytes) + " of them by neurons" : "";
    add(lines, "a token reads", number(denseBytes) + " bytes" + byNeurons);
    if (repacked.isEmpty()) {
      add(lines, "repacked at load", "nothing");
    }
    for (Repacked part : repacked) {
      add(
          lines,
          "repacked at load",
          part.tensors
              + (part.byNeurons ? " down projections in " : " matrices in ")
              + (part.type + (part.byNeurons ? ", by neurons: " : ", by lanes: "))
              + (number(part.storedBytes) + " bytes become " + number(part.bytes)));
    }
    return lines;
  }

  private List<String> shares() {
    return types.entrySet().stream()
        .map(type -> String.format(Locale.ROOT, "%s %.1f%%", type.getKey(), 100 * type.getValue()))
        .toList();
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static void add(List<String> lines, String property, String value) {
    lines.add("  %-16s  %s".formatted(property, value));
  }
}
