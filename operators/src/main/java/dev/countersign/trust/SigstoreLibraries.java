package dev.countersign.trust;

import dev.countersign.remedy.Remedy;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * Finds the classes that use Sigstore's libraries. The runnable jar does not contain these
 * libraries, so the classes are found by name, and only when they are needed.
 */
public final class SigstoreLibraries {

  /** A class from each library that a missing folder would lack. */
  private static final List<String> REQUIRED =
      List.of(
          "dev.sigstore.trustroot.SigstoreTrustedRoot",
          "dev.sigstore.proto.trustroot.v1.TrustedRoot",
          "com.google.protobuf.Message",
          "io.grpc.Channel");

  private SigstoreLibraries() {}

  /**
   * Returns the implementation of an interface that needs Sigstore's libraries.
   *
   * @param type interface whose implementation is listed in {@code META-INF/services}
   * @throws TrustException if the libraries are not on the class path
   */
  public static <T> T load(Class<T> type) throws TrustException {
    return load(type, type.getClassLoader());
  }

  static <T> T load(Class<T> type, ClassLoader classes) throws TrustException {
    for (String name : REQUIRED) {
      try {
        Class<?> unused = Class.forName(name, false, classes);
      } catch (ClassNotFoundException | LinkageError e) {
        throw missing(name);
      }
    }
    try {
      return ServiceLoader.load(type, classes)
          .findFirst()
          .orElseThrow(
              () -> new IllegalStateException(type + " has no entry in META-INF/services"));
    } catch (ServiceConfigurationError | LinkageError e) {
      throw missing(String.valueOf(e.getMessage()));
    }
  }

  private static TrustException missing(String name) {
    return new TrustException(
        "Cannot use Sigstore: its libraries are not on the class path (" + name + ").",
        Remedy.text(
            "Keep the folder connectors/sigstore beside countersign.jar, where the launcher finds"
                + " it. On a cluster, put its jars into lib/ or usrlib/, or name each with flink"
                + " run -C."));
  }
}
