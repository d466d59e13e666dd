import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Makes a small catalog of models to try Countersign on: {@code java MakeCatalog.java FOLDER}.
 *
 * <p>The weights are random, but the files are real safetensors: a header's length in 8 bytes,
 * little-endian, the header as JSON, padded with spaces to a multiple of 8, and then the tensors
 * without gaps. The same bytes come out at every run.
 */
final class MakeCatalog {
  private static final int FLOAT_BYTES = 4;

  private final Path folder;

  private MakeCatalog(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 1) {
      System.err.println("usage: java MakeCatalog.java FOLDER");
      System.exit(2);
    }
    MakeCatalog catalog = new MakeCatalog(Path.of(arguments[0]));
    catalog.encoder("language/encoder-small", 2, 128, 4_000);
    catalog.decoder("language/decoder-two-parts", 4, 192, 6_000);
    catalog.encoder("language/mod\u00e8le-fran\u00e7ais", 1, 64, 2_000);
    catalog.classifier("vision/classifier", 32, 10);
  }

  /** A text encoder: one file of weights, a tokenizer, a vocabulary. */
  private void encoder(String name, int layers, int width, int words) throws IOException {
    Map<String, int[]> tensors = new LinkedHashMap<>();
    tensors.put("embeddings.word_embeddings.weight", new int[] {words, width});
    for (int layer = 0; layer < layers; layer++) {
      attention(tensors, "encoder.layer." + layer, width);
    }
    weights(name, "model.safetensors", tensors);
    text(name, "config.json", config("encoder", layers, width, words));
    text(name, "tokenizer_config.json", "{\"do_lower_case\": true, \"model_max_length\": 512}");
    text(name, "vocab.txt", vocabulary(words));
    text(
        name,
        "1_Pooling/config.json",
        "{\"pooling_mode_mean_tokens\": true, \"word_embedding_dimension\": " + width + "}");
    text(name, "README.md", "# " + name + "\n\nRandom weights, to try Countersign on.");
  }

  /** A text generator whose weights are cut into two files with an index, as large models are. */
  private void decoder(String name, int layers, int width, int words) throws IOException {
    Map<String, int[]> first = new LinkedHashMap<>();
    Map<String, int[]> second = new LinkedHashMap<>();
    first.put("model.embed_tokens.weight", new int[] {words, width});
    for (int layer = 0; layer < layers; layer++) {
      attention(layer < layers / 2 ? first : second, "model.layers." + layer, width);
    }
    second.put("lm_head.weight", new int[] {words, width});
    List<String> index = new ArrayList<>();
    Map<String, Map<String, int[]>> parts =
        Map.of(
            "model-00001-of-00002.safetensors", first, "model-00002-of-00002.safetensors", second);
    for (var part : new TreeMap<>(parts).entrySet()) {
      weights(name, part.getKey(), part.getValue());
      part.getValue()
          .keySet()
          .forEach(tensor -> index.add("    \"" + tensor + "\": \"" + part.getKey() + "\""));
    }
    text(
        name,
        "model.safetensors.index.json",
        "{\n  \"weight_map\": {\n" + String.join(",\n", index) + "\n  }\n}");
    text(name, "config.json", config("decoder", layers, width, words));
    text(
        name,
        "generation_config.json",
        "{\"do_sample\": true, \"temperature\": 0.6, \"top_p\": 0.9}");
    text(name, "tokenizer/vocab.txt", vocabulary(words));
  }

  /** An image classifier. */
  private void classifier(String name, int channels, int classes) throws IOException {
    Map<String, int[]> tensors = new LinkedHashMap<>();
    tensors.put("conv1.weight", new int[] {channels, 3, 7, 7});
    tensors.put("conv2.weight", new int[] {4 * channels, channels, 3, 3});
    tensors.put("fc.weight", new int[] {classes, 4 * channels});
    tensors.put("fc.bias", new int[] {classes});
    weights(name, "model.safetensors", tensors);
    text(name, "config.json", "{\"model_type\": \"classifier\", \"num_labels\": " + classes + "}");
    text(name, "preprocessor_config.json", "{\"do_resize\": true, \"size\": 224}");
  }

  private static void attention(Map<String, int[]> tensors, String prefix, int width) {
    for (String part : List.of("query", "key", "value", "output")) {
      tensors.put(prefix + ".attention." + part + ".weight", new int[] {width, width});
      tensors.put(prefix + ".attention." + part + ".bias", new int[] {width});
    }
  }

  private void weights(String model, String file, Map<String, int[]> tensors) throws IOException {
    StringBuilder json = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
    long offset = 0;
    for (var tensor : tensors.entrySet()) {
      String shape =
          Arrays.stream(tensor.getValue())
              .mapToObj(Integer::toString)
              .collect(Collectors.joining(","));
      long end = offset + FLOAT_BYTES * count(tensor.getValue());
      json.append(
          String.format(
              ",\"%s\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[%d,%d]}",
              tensor.getKey(), shape, offset, end));
      offset = end;
    }
    json.append('}');
    json.append(" ".repeat(Math.floorMod(-json.length(), 8)));
    byte[] header = json.toString().getBytes(StandardCharsets.UTF_8);

    Random random = new Random((model + file).hashCode());
    try (OutputStream out =
        new BufferedOutputStream(Files.newOutputStream(target(model, file)), 1 << 16)) {
      out.write(littleEndian(Long.BYTES).putLong(header.length).array());
      out.write(header);
      for (int[] shape : tensors.values()) {
        int count = Math.toIntExact(count(shape));
        ByteBuffer values = littleEndian(FLOAT_BYTES * count);
        for (int i = 0; i < count; i++) {
          values.putFloat((float) random.nextGaussian() * 0.02f);
        }
        out.write(values.array());
      }
    }
  }

  private void text(String model, String file, String content) throws IOException {
    Files.writeString(target(model, file), content + "\n");
  }

  private Path target(String model, String file) throws IOException {
    Path path = folder.resolve(model).resolve(file);
    Files.createDirectories(path.getParent());
    return path;
  }

  private static String config(String type, int layers, int width, int words) {
    return String.format(
        "{\n"
            + "  \"model_type\": \"%s\",\n"
            + "  \"num_hidden_layers\": %d,\n"
            + "  \"hidden_size\": %d,\n"
            + "  \"vocab_size\": %d\n"
            + "}",
        type, layers, width, words);
  }

  private static String vocabulary(int words) {
    return IntStream.range(0, words).mapToObj(i -> "word" + i).collect(Collectors.joining("\n"));
  }

  private static long count(int[] shape) {
    return Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact);
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
