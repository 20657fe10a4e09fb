package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufMetadata;
import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.tokenizer.PreTokenizer.DigitGroups;
import io.rivulet.model.tokenizer.PreTokenizer.Matches;
import io.rivulet.model.tokenizer.PreTokenizer.Step;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The pre-tokenizers of byte-level vocabularies, by the names that the key tokenizer.ggml.pre gives
 * them. The expressions are the models' own, out of their tokenizer.json. llama.cpp, whose regular
 * expressions know no Unicode, approximates some: it cuts words with capitals beyond ASCII
 * otherwise for {@link #GPT_4O}, {@link #TEKKEN} and their kin, and ideographic spaces for {@link
 * #DEEPSEEK_LLM}.
 */
enum PreTokenizers {
  DEFAULT(
      names("default"),
      matches("[\\p{P}$+<=>^~|]+"),
      matches(Expressions.GPT_2),
      matches("\\p{N}+"),
      matches("[0-9][0-9][0-9]")),
  GPT_2(
      names(
          "gpt-2",
          "phi-2",
          "mpt",
          "olmo",
          "jais",
          "trillion",
          "granite-docling",
          "exaone4",
          "gigachat",
          "a.x-4.0",
          "mellum",
          "modern-bert",
          "jina-es",
          "jina-de",
          "jina-v2-es",
          "jina-v2-de"),
      matches(Expressions.GPT_2)),
  LLAMA_3(
      names(
          "llama-bpe",
          "llama3",
          "llama-v3",
          "falcon3",
          "falcon-h1",
          "pixtral",
          "midm-2.0",
          "lfm2",
          "jina-v5-nano"),
      matches(Expressions.LLAMA_3)),
  DBRX(names("dbrx", "smaug-bpe", "chatglm-bpe", "glm4"), matches(Expressions.LLAMA_3)),
  JAIS_2(
      names("jais-2"),
      matches(
          Expressions.CONTRACTION
              + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
              + "|\\s*[\\r\\n]+|\\s{512}(?!\\S)|\\s{256}(?!\\S)|\\s{128}(?!\\S)|\\s{64}(?!\\S)"
              + "|\\s{32}(?!\\S)|\\s{16}(?!\\S)|\\s{8}(?!\\S)|\\s{4}(?!\\S)|\\s{1,2}(?!\\S)|\\s")),
  QWEN_2(
      names(
          "qwen2",
          "deepseek-r1-qwen",
          "kormo",
          "f2llmv2",
          "megrez",
          "stablelm2",
          "hunyuan",
          "solar-open",
          "grok-2"),
      matches(Expressions.QWEN_2)),
  QWEN_35(
      names("qwen35"),
      matches(
          Expressions.CONTRACTION
              + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}"
              + "| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*"
              + Expressions.SPACE)),
  LAGUNA(names("laguna"), matches("[^\\n]+|\\n+"), matches(Expressions.QWEN_2)),
  BAILING(
      names("bailingmoe", "bailingmoe2", "llada-moe"),
      matches(
          Expressions.CONTRACTION
              + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
              + "|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+")),
  SEED_CODER(
      names("seed-coder"),
      matches(
          Expressions.CONTRACTION
              + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}\\r\\n]+"
              + Expressions.SPACE)),
  EXAONE_MOE(
      names("exaone-moe"),
      matches(
          Expressions.CONTRACTION
              + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}[\\p{L}\\p{M}]*+(?: \\p{L}[\\p{L}\\p{M}]*+)*+"
              + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]?|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+")),
  MINICPM_5(
      names("minicpm5"),
      matches("\\p{N}{1,3}"),
      matches(
          Expressions.CONTRACTION
              + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}+| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
              + Expressions.SPACE)),
  DEEPSEEK_LLM(
      names("deepseek-llm"),
      matches("[\\r\\n]"),
      matches("\\s?" + Expressions.DEEPSEEK_LETTERS + "+"),
      matches("\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+"),
      matches("\\s+\\z"),
      matches("[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"),
      matches("\\p{N}+")),
  DEEPSEEK_CODER(
      names("deepseek-coder"),
      matches("[\\r\\n]"),
      matches("\\s?\\p{L}+"),
      matches("\\s?\\p{P}+"),
      matches("[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"),
      matches("\\p{N}")),
  DEEPSEEK_3(
      names("deepseek-v3", "hunyuan-dense", "joyai-llm"),
      matches("\\p{N}{1,3}"),
      matches("[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"),
      matches(Expressions.DEEPSEEK_3)),
  AFMOE(
      names("afmoe"),
      new DigitGroups(),
      matches(
          "[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u3040-\u309f\u30a0-\u30ff\uff65-\uff9f"
              + "\u2f00-\u2fdf\u0e40-\u0e7f\u0e80-\u0eff\u1780-\u17ff\u1000-\u109f\uaa60-\uaa7f"
              + "\ua9e0-\ua9ff\uac00-\ud7af\u1100-\u11ff]+"),
      matches(Expressions.DEEPSEEK_3)),
  FALCON(
      names("falcon"),
      matches("[\\p{P}$+<=>^~|`]+"),
      matches(Expressions.GPT_2),
      matches("[0-9][0-9][0-9]")),
  STARCODER(
      names(
          "starcoder",
          "refact",
          "command-r",
          "smollm",
          "codeshell",
          "exaone",
          "minerva-7b",
          "mellum2"),
      matches("\\p{N}"),
      matches(Expressions.GPT_2)),
  BLOOM(names("bloom", "poro-chat", "gpt3-finnish"), matches(Expressions.BLOOM)),
  VIKING(names("viking"), matches(Expressions.BLOOM), matches("\\p{N}")),
  TEKKEN(
      names("tekken"),
      matches(
          Expressions.UPPER_THEN_LOWER
              + "|"
              + Expressions.UPPER
              + "|\\p{N}"
              + Expressions.REST_WITH_SLASHES)),
  GPT_4O(
      names("gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"),
      matches(Expressions.GPT_4O + "|\\p{N}{1,3}" + Expressions.REST_WITH_SLASHES)),
  GRANITE_MULTILINGUAL(
      names("granite-embed-multi-97m"),
      matches(Expressions.GPT_4O + "|\\p{N}{1,3}" + Expressions.REST_WITH_SLASHES)),
  TINY_AYA(
      names("tiny_aya", "cohere2moe"),
      new DigitGroups(),
      matches(Expressions.GPT_4O + "|\\p{N}{1,3}" + Expressions.REST_WITH_SLASHES)),
  YOUTU(
      names("youtu"),
      matches(
          "[\uac00-\ud7a3\u3131-\u318e]+"
              + "|[\uff01\u2026\u201c\u201d\u2018\u2019\u2014\uff1a\uff1b\uff0c\u3001-\u303f\ufe30-\ufe4f]+"
              + "|[\u3105-\u312f]+|[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"),
      matches(Expressions.GPT_4O + "|\\p{N}" + Expressions.REST_WITH_SLASHES)),
  SUPERBPE(names("superbpe"), new DigitGroups()),
  CHAMELEON(
      names("chameleon"),
      matches("<sentinel:[0-9]+>"),
      matches("IMGIMG[A-I]{1,4}Z"),
      matches("[\\t\\n]|    |  "),
      matches("\\p{N}"),
      matches("[\\p{P}!-/:-@\\[-`{-~]"),
      matches(Expressions.GPT_2));

  static final String KEY = "tokenizer.ggml.pre";

  /** The letters of DeepSeek LLM's pre-tokenizer. */
  static final String DEEPSEEK_LETTERS = Expressions.DEEPSEEK_LETTERS;

  private static final Set<PreTokenizers> IGNORING_MERGES =
      EnumSet.of(LLAMA_3, TEKKEN, YOUTU, GRANITE_MULTILINGUAL, MINICPM_5);

  private static final Set<PreTokenizers> ADDING_BOS = EnumSet.of(LLAMA_3, TEKKEN, CHAMELEON);

  /** The parts that the expressions share. */
  private static final class Expressions {

    static final String SPACE = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    static final String CONTRACTION = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";

    static final String GPT_2 =
        "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    static final String LLAMA_3 =
        CONTRACTION
            + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
            + SPACE;

    static final String QWEN_2 =
        CONTRACTION
            + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
            + SPACE;

    static final String BLOOM = " ?[^(\\s|.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c)]+";

    static final String DEEPSEEK_3 =
        "[!-/:-@\\[-`{-~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
            + "| ?[\\p{P}\\p{S}]+[\\r\\n]*"
            + SPACE;

    private static final String UPPER_LETTER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String LOWER_LETTER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";

    static final String UPPER_THEN_LOWER =
        "[^\\r\\n\\p{L}\\p{N}]?" + UPPER_LETTER + "*" + LOWER_LETTER + "+";

    static final String UPPER = "[^\\r\\n\\p{L}\\p{N}]?" + UPPER_LETTER + "+" + LOWER_LETTER + "*";

    static final String GPT_4O = UPPER_THEN_LOWER + CONTRACTION + "?|" + UPPER + CONTRACTION + "?";

    static final String REST_WITH_SLASHES = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*" + SPACE;

    static final String DEEPSEEK_LETTERS =
        "[A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293"
            + "\u0295-\u02af\u0370-\u0373\u0376\u0377\u037b-\u037d\u037f\u0386\u0388-\u038a"
            + "\u038c\u038e-\u03a1\u03a3-\u03f5\u03f7-\u0481\u048a-\u052f\u0531-\u0556\u10a0-"
            + "\u10c5\u13a0-\u13f5\u13f8-\u13fd\u1c90-\u1cba\u1cbd-\u1cbf\u1d00-\u1d2b\u1d6b-"
            + "\u1d77\u1d79-\u1d9a\u1e00-\u1f15\u1f18-\u1f1d\u1f20-\u1f45\u1f48-\u1f4d\u1f50-"
            + "\u1f57\u1f59\u1f5b\u1f5d\u1f5f-\u1f7d\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe\u1fc2-"
            + "\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-\u1fec\u1ff2-\u1ff4\u1ff6-"
            + "\u1ffc\u2102\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128\u212a-"
            + "\u212d\u212f-\u2134\u2139\u213c-\u213f\u2145-\u2149\u214e\u2183\u2184\u2c00-"
            + "\u2c7b\u2c7e-\u2ce4\u2ceb-\u2cee\u2cf2\u2cf3\ua640-\ua66d\ua680-\ua69b\ua722-"
            + "\ua76f\ua771-\ua787\ua78b-\ua78e\uab70-\uabbf\ufb00-\ufb06\ufb13-\ufb17\uff21-"
            + "\uff3a\uff41-\uff5a\ud801\udc00-\ud801\udc4f\ud801\udcb0-\ud801\udcd3"
            + "\ud801\udcd8-\ud801\udcfb\ud803\udc80-\ud803\udcb2\ud803\udcc0-\ud803\udcf2"
            + "\ud806\udca0-\ud806\udcdf\ud83a\udd00-\ud83a\udd43]";
  }

  private final List<String> names;
  private final List<Step> steps;

  PreTokenizers(List<String> names, Step... steps) {
    this.names = names;
    this.steps = List.of(steps);
  }

  /**
   * The one that the file names, or the default where it names none.
   *
   * @throws ModelFileException if it is not known
   */
  static PreTokenizers from(GgufMetadata metadata) {
    String name = metadata.text(KEY, "default");
    return find(name)
        .orElseThrow(
            () ->
                metadata.invalid(
                    KEY,
                    "is %s, known are %s"
                        .formatted(
                            ModelFileException.quote(name),
                            Arrays.stream(values())
                                .flatMap(kind -> kind.names.stream())
                                .sorted()
                                .collect(Collectors.joining(", ")))));
  }

  /** The one with a name that is known. */
  static PreTokenizers of(String name) {
    return find(name).orElseThrow(() -> new IllegalArgumentException(name + " is not known"));
  }

  private static Optional<PreTokenizers> find(String name) {
    return Arrays.stream(values()).filter(kind -> kind.names.contains(name)).findFirst();
  }

  PreTokenizer create() {
    return new PreTokenizer(steps);
  }

  /** Whether a word that is a token becomes it, even if no merges lead there. */
  boolean ignoresMerges() {
    return IGNORING_MERGES.contains(this);
  }

  /** Whether texts begin with the beginning-of-sequence token where the file does not say. */
  boolean addsBos() {
    return ADDING_BOS.contains(this);
  }

  private static List<String> names(String... names) {
    return List.of(names);
  }

  private static Step matches(String expression) {
    return new Matches(Pattern.compile(expression, Pattern.UNICODE_CHARACTER_CLASS));
  }
}
