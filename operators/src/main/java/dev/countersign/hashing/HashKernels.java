package dev.countersign.hashing;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kernels in use, one for each algorithm. Thread safe. */
public final class HashKernels {

  /** The algorithms of OMS 1.0. */
  public static final List<String> ALGORITHMS = List.of("sha256", "blake2b", "blake3");

  /** The module without which {@link #VECTOR_FAMILY} cannot be loaded. */
  private static final String VECTOR_MODULE = "jdk.incubator.vector";

  /** Nothing refers to it but this name. */
  private static final String VECTOR_FAMILY = "dev.countersign.hashing.vector.VectorKernels";

  private static final Logger LOG = LoggerFactory.getLogger(HashKernels.class);

  private static final List<HashKernel> JDK = List.of(JdkSha256.KERNEL);

  private static final List<HashKernel> PORTABLE =
      List.of(
          new StreamKernel("sha256", "portable SHA-256", 32, PortableSha256::new),
          new StreamKernel("blake2b", "portable BLAKE2b", 64, Blake2bState::new),
          new Blake3Kernel("portable BLAKE3", PortableBlake3::new));

  private static final Map<KernelChoice, HashKernels> CHOSEN = new ConcurrentHashMap<>();

  private final KernelChoice choice;
  private final KernelProbe probe;
  private final Map<String, HashKernel> kernels = new ConcurrentHashMap<>();

  /** Kernels of {@code choice}; what has to be measured is asked of {@code probe}. */
  HashKernels(KernelChoice choice, KernelProbe probe) {
    this.choice = choice;
    this.probe = probe;
  }

  /** Returns the kernels of {@code choice}, the same ones in all of the process. */
  public static HashKernels of(KernelChoice choice) {
    return CHOSEN.computeIfAbsent(
        choice, key -> new HashKernels(key, new KernelProbe(KernelCache.ofUser())));
  }

  /**
   * Returns the kernel for an algorithm. The first call may take seconds, in which it measures
   * kernels.
   *
   * @param algorithm the algorithm as OMS names it
   * @throws IllegalArgumentException if OMS does not name the algorithm
   */
  public HashKernel forAlgorithm(String algorithm) {
    return kernels.computeIfAbsent(algorithm, this::choose);
  }

  /**
   * Returns the kernel for an algorithm, or empty if it is not known before kernels are measured.
   *
   * @throws IllegalArgumentException if OMS does not name the algorithm
   */
  public Optional<HashKernel> known(String algorithm) {
    List<HashKernel> candidates = candidates(algorithm);
    return candidates.size() == 1
        ? Optional.of(candidates.get(0))
        : probe.remembered(algorithm, candidates);
  }

  private HashKernel choose(String algorithm) {
    List<HashKernel> candidates = candidates(algorithm);
    HashKernel chosen =
        candidates.size() == 1 ? candidates.get(0) : probe.fastest(algorithm, candidates);
    LOG.info("{} is hashed by {}", algorithm, chosen.description());
    return chosen;
  }

  /** The kernels to choose from; several only if the fastest one is wanted. */
  private List<HashKernel> candidates(String algorithm) {
    List<HashKernel> portable = named(algorithm, PORTABLE);
    if (portable.isEmpty()) {
      throw new IllegalArgumentException("no kernel for the hash algorithm " + algorithm);
    }
    List<HashKernel> jdk = named(algorithm, JDK);
    List<HashKernel> usual = jdk.isEmpty() ? portable : jdk;
    return switch (choice) {
      case PORTABLE -> portable;
      case JDK -> usual;
      case VECTOR -> {
        List<HashKernel> vector = named(algorithm, vectorKernels());
        yield vector.isEmpty() ? usual : vector;
      }
      case AUTO ->
          Stream.concat(usual.stream(), named(algorithm, vectorKernels()).stream()).toList();
    };
  }

  private static List<HashKernel> named(String algorithm, List<HashKernel> kernels) {
    return kernels.stream().filter(kernel -> kernel.algorithm().equals(algorithm)).toList();
  }

  /** Returns the kernels that use the Vector API; none if the JVM runs without its module. */
  static List<HashKernel> vectorKernels() {
    return VectorFamily.KERNELS;
  }

  /** Loads the kernels when they are first asked for. */
  private static final class VectorFamily {
    private static final List<HashKernel> KERNELS = loadVectorKernels();
  }

  private static List<HashKernel> loadVectorKernels() {
    if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
      return List.of();
    }
    try {
      return Class.forName(VECTOR_FAMILY)
          .asSubclass(KernelFamily.class)
          .getConstructor()
          .newInstance()
          .kernels();
    } catch (ReflectiveOperationException | LinkageError e) {
      LOG.warn("The kernels in {} cannot be used on this JVM", VECTOR_FAMILY, e);
      return List.of();
    }
  }
}
