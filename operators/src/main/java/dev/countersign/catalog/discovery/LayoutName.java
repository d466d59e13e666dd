package dev.countersign.catalog.discovery;

/** The ways in which people keep models in folders. */
public enum LayoutName {
  /** Whatever is recognized; by marker files if nothing else is. */
  AUTO,
  /** A folder that holds a file of a certain name is a model. */
  MARKERS,
  /** The folders at one level are models. */
  DEPTH,
  /** The folders at one level are versions of the model that the folder above is named after. */
  VERSIONS,
  /** The cache of the Hugging Face hub. */
  HUGGINGFACE,
  /** MLflow's runs, logged models, artifacts and registry on disk. */
  MLFLOW,
  /** The cache of kagglehub. */
  KAGGLE
}
