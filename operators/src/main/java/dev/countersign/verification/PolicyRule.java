package dev.countersign.verification;

import java.io.Serializable;
import java.util.List;

/**
 * What a trust policy says of some models.
 *
 * @param name its name, unique in the policy
 * @param line where it begins in the policy's file, from 1
 * @param models patterns that {@link LinearPattern} takes; one that matches is enough
 * @param denied whether these models are denied, whoever signed them
 * @param allowsUnsigned whether such a model may be without a bundle
 * @param accepted who may have signed such a model
 * @param deniedFingerprints whom this rule does not accept, as in {@link PolicySettings}
 * @param allowsPreviousDigests whether such a model may be signed again without reading it
 * @param allowsFirstSignature whether such a model, if it has no bundle, may be signed all the same
 *     by a run that signs again; nothing vouches for its content
 */
public record PolicyRule(
    String name,
    int line,
    List<String> models,
    boolean denied,
    boolean allowsUnsigned,
    PolicyAcceptance accepted,
    List<String> deniedFingerprints,
    boolean allowsPreviousDigests,
    boolean allowsFirstSignature)
    implements Serializable {

  public PolicyRule {
    models = List.copyOf(models);
    deniedFingerprints = List.copyOf(deniedFingerprints);
  }
}
