package dev.countersign.catalog.discovery;

import java.util.List;

/**
 * How models are found.
 *
 * @param layout how they are kept
 * @param depth the level of models under {@link LayoutName#DEPTH} and {@link LayoutName#VERSIONS},
 *     from 1; other layouts don't use it
 * @param markers patterns of file names that make a folder a model, for {@link LayoutName#MARKERS}
 * @param maxDepth how many levels below the root are looked at
 * @param reportNested whether to look for models in models, and to tell about them
 */
public record DiscoverySettings(
    LayoutName layout, int depth, List<String> markers, int maxDepth, boolean reportNested) {

  /**
   * Files that a model's own folder holds, as the common formats and libraries write them. What is
   * also often data, such as {@code *.bin} and {@code *.pkl}, counts under its usual name only.
   */
  public static final List<String> DEFAULT_MARKERS =
      List.of(
          "config.json",
          "model_index.json",
          "adapter_config.json",
          "*.safetensors",
          "*.gguf",
          "*.onnx",
          "*.tflite",
          "*.keras",
          "*.pt",
          "*.pth",
          "*.ckpt",
          "saved_model.pb",
          "MLmodel",
          "pytorch_model*.bin",
          "model.{h5,pkl,joblib}");

  public DiscoverySettings {
    markers = List.copyOf(markers);
  }
}
