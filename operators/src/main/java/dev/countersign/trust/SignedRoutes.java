package dev.countersign.trust;

import java.io.Serial;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The routes that signatures alone make from a leaf up to trust anchors, whatever other rules they
 * break: where no chain is valid, they tell what is in its way.
 *
 * <p>Breadth first, each certificate once: the routes are the shortest, and the work is at most the
 * square of the number of certificates, and within the budget.
 */
final class SignedRoutes {

  /** More than this tell a user nothing new. */
  private static final int MAX_ROUTES = 4;

  /**
   * One route.
   *
   * @param path leaf first, without the anchor
   */
  record Route(List<X509Certificate> path, X509Certificate anchor) {}

  private final Collection<X509Certificate> anchors;
  private final Budget budget;
  private final Set<X509Certificate> unvisited;
  private final Map<X509Certificate, X509Certificate> issuedBy = new HashMap<>();
  private final Deque<X509Certificate> next = new ArrayDeque<>();
  private final List<Route> routes = new ArrayList<>();
  private X509Certificate last;

  /** Searches; ends early, with what was found, when the budget is spent. */
  SignedRoutes(
      X509Certificate leaf,
      Collection<X509Certificate> others,
      Collection<X509Certificate> anchors,
      Budget budget) {
    this.anchors = anchors;
    this.budget = budget;
    this.unvisited = new LinkedHashSet<>(others);
    this.last = leaf;
    next.add(leaf);
    try {
      search();
    } catch (Budget.SpentException e) {
      // What was found so far is shorter than what was not.
    }
  }

  /** Returns the routes, shortest first. */
  List<Route> found() {
    return routes;
  }

  /** Returns a certificate from which the search could not go on: the last of the last layer. */
  X509Certificate end() {
    return last;
  }

  private void search() {
    while (!next.isEmpty() && routes.size() < MAX_ROUTES) {
      last = next.remove();
      for (X509Certificate anchor : anchors) {
        if (issued(anchor, last)) {
          routes.add(new Route(pathTo(last), anchor));
        }
      }
      for (X509Certificate other : List.copyOf(unvisited)) {
        if (issued(other, last)) {
          unvisited.remove(other);
          issuedBy.put(other, last);
          next.add(other);
        }
      }
    }
  }

  private boolean issued(X509Certificate issuer, X509Certificate certificate) {
    if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
      return false;
    }
    budget.spend();
    return isSignedBy(certificate, issuer);
  }

  /** Returns whether a certificate is signed with the key of another, whatever their names. */
  static boolean isSignedBy(X509Certificate certificate, X509Certificate issuer) {
    try {
      OtherCurves.verify(certificate, issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException | RuntimeException e) {
      // A key may be of another algorithm, or such that the JDK trips over it.
      return false;
    }
  }

  private List<X509Certificate> pathTo(X509Certificate end) {
    Deque<X509Certificate> path = new ArrayDeque<>();
    for (@Nullable X509Certificate step = end; step != null; step = issuedBy.get(step)) {
      path.addFirst(step);
    }
    return List.copyOf(path);
  }

  /**
   * Steps that a search has left. One budget serves one search, on one thread; copies of what holds
   * it, such as the JDK's builder makes, share it.
   */
  static final class Budget {

    private int left;

    /**
     * Makes a budget.
     *
     * @param steps how often {@link #spend} may be called
     */
    Budget(int steps) {
      this.left = steps;
    }

    /** Takes one step. */
    void spend() {
      if (left == 0) {
        throw new SpentException();
      }
      left--;
    }

    /** The search is not worth going on with. Unchecked, since it must break out of the JDK's. */
    static final class SpentException extends RuntimeException {

      @Serial private static final long serialVersionUID = 1L;

      private SpentException() {
        super("The search took too many steps");
      }
    }
  }
}
