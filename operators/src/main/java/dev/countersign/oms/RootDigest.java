package dev.countersign.oms;

import java.security.MessageDigest;
import java.util.List;

/** The digest of a model: SHA-256 over the raw digests of its resources, in order. */
final class RootDigest {

  private RootDigest() {}

  static Digest of(List<Resource> resources) {
    MessageDigest hash = Sha256.begin();
    for (Resource resource : resources) {
      resource.digest().update(hash);
    }
    return Digest.of(hash.digest());
  }
}
