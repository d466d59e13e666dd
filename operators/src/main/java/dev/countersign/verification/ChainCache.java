package dev.countersign.verification;

import dev.countersign.trust.ChainException;
import dev.countersign.trust.ChainValidator;
import dev.countersign.trust.ValidatedChain;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Validates chains and remembers those that held, since building one takes a hundred times as long
 * as checking again what may have changed: validity and revocation. Thread safe.
 */
final class ChainCache {

  /** Far more signers than a catalog has, and a few megabytes at most. */
  private static final int MAX_CHAINS = 256;

  private final ChainValidator validator;
  private final Map<List<X509Certificate>, ValidatedChain> held =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(
            Map.Entry<List<X509Certificate>, ValidatedChain> eldest) {
          return size() > MAX_CHAINS;
        }
      };

  ChainCache(ChainValidator validator) {
    this.validator = validator;
  }

  /** As {@link ChainValidator#validate}. */
  ValidatedChain validate(
      X509Certificate leaf, List<X509Certificate> others, Instant at, Instant revocationAt)
      throws ChainException {
    List<X509Certificate> key = new ArrayList<>(others.size() + 1);
    key.add(leaf);
    key.addAll(others);
    ValidatedChain known;
    synchronized (held) {
      known = held.get(key);
    }
    if (known != null) {
      try {
        validator.recheck(known, at, revocationAt);
        return known;
      } catch (ChainException e) {
        // There may be another path, and a validation from the start says best what is wrong.
      }
    }
    ValidatedChain validated = validator.validate(leaf, others, at, revocationAt);
    synchronized (held) {
      held.put(key, validated);
    }
    return validated;
  }
}
