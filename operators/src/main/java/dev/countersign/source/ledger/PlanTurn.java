package dev.countersign.source.ledger;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The planning of one model. The thread that plans says when it waits for memory and when it plans,
 * and is stopped before it does while a unit has to run alone. Thread safe.
 */
public final class PlanTurn {

  /** Lets plans of one ledger begin, or not. */
  static final class Gate {
    private boolean closed;

    /**
     * Closes the gate if all plans in progress wait for memory.
     *
     * @param turns of these plans; null for one whose end is known already
     * @return whether it is closed
     */
    synchronized boolean close(Stream<@Nullable PlanTurn> turns) {
      closed = turns.allMatch(turn -> turn != null && turn.waits);
      return closed;
    }

    synchronized void open() {
      closed = false;
      notifyAll();
    }

    private synchronized void pass(PlanTurn turn) {
      try {
        while (closed) {
          wait();
        }
      } catch (InterruptedException e) {
        // Nobody wants the plan any more.
        Thread.currentThread().interrupt();
      }
      turn.waits = false;
    }

    private synchronized void waits(PlanTurn turn) {
      turn.waits = true;
    }
  }

  private final Gate gate;
  private final Runnable begun;

  /** Guarded by the gate. */
  private boolean waits;

  /** A turn that has not begun; {@code begun} is run when it has. */
  PlanTurn(Gate gate, Runnable begun) {
    this.gate = gate;
    this.begun = begun;
  }

  /** The thread waits for memory, and has none. */
  public void waits() {
    gate.waits(this);
  }

  /** The thread has memory and plans from now on; waits while it must not. */
  public void begins() {
    gate.pass(this);
    begun.run();
  }
}
