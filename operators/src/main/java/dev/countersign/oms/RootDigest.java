package dev.countersign.oms;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/** The digest of a model: SHA-256 over the raw digests of its resources, in order. */
final class RootDigest {

  private RootDigest() {}

  static Digest of(List<Resource> resources) {
    MessageDigest hash;
    try {
      hash = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    for (Resource resource : resources) {
      resource.digest().update(hash);
    }
    return Digest.of(hash.digest());
  }
}
