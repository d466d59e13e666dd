package dev.countersign.oms;

import java.util.Arrays;
import java.util.Optional;

/** How a model is cut into resources. */
public enum SerializationMethod {
  /** One resource for each file. */
  FILES("files"),
  /** One resource for each byte range of at most the shard size. */
  SHARDS("shards");

  private final String omsName;

  SerializationMethod(String omsName) {
    this.omsName = omsName;
  }

  /** Returns the name under which statements record the method. */
  public String omsName() {
    return omsName;
  }

  /**
   * Returns the method that statements record as {@code omsName}, or empty if there is none. Case
   * counts.
   */
  public static Optional<SerializationMethod> named(String omsName) {
    return Arrays.stream(values()).filter(method -> method.omsName.equals(omsName)).findFirst();
  }
}
