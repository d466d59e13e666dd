package dev.countersign.stage;

import dev.countersign.oms.Digest;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.RangeDigest;
import java.nio.ByteBuffer;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;

/** Turns an assembled model into the manifest that is signed or digested. */
final class Manifests {

  private Manifests() {}

  /** Returns the manifest of what was hashed of a model. */
  static Manifest of(AssembledModel model) throws OmsException {
    List<Resource> resources = new ArrayList<>(model.getDigests().size());
    for (RangeDigest range : model.getDigests()) {
      byte[] bytes = new byte[range.getDigest().remaining()];
      range.getDigest().duplicate().get(bytes);
      Digest digest = Digest.of(bytes);
      resources.add(
          range.getEnd() < 0
              ? Resource.whole(range.getName(), digest)
              : new Resource(range.getName(), range.getStart(), range.getEnd(), digest));
    }
    ModelHeader header = model.getHeader();
    return Manifest.sorted(header.getSubject(), serialization(header), resources);
  }

  /**
   * Returns the digests of a manifest as {@link AssembledModel} has them, made as they are asked
   * for: of a million files both do not fit beside the bundle.
   */
  static List<RangeDigest> digests(Manifest manifest) {
    return new AbstractList<>() {
      @Override
      public RangeDigest get(int index) {
        Resource resource = manifest.resources().get(index);
        return new RangeDigest(
            resource.path(),
            resource.start(),
            resource.end(),
            ByteBuffer.wrap(resource.digest().bytes()));
      }

      @Override
      public int size() {
        return manifest.resources().size();
      }
    };
  }

  private static Serialization serialization(ModelHeader header) {
    SerializationMethod method = SerializationMethod.named(header.getMethod()).orElseThrow();
    HashAlgorithm hash = HashAlgorithm.named(header.getHashType()).orElseThrow();
    Serialization serialization =
        method == SerializationMethod.FILES
            ? Serialization.files(hash)
            : Serialization.shards(hash, header.getShardSize());
    return serialization
        .withAllowSymlinks(header.getAllowSymlinks())
        .withIgnorePaths(header.getIgnorePaths());
  }
}
