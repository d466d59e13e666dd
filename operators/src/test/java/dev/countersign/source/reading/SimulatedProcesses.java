package dev.countersign.source.reading;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.connector.testutils.source.reader.TestingReaderContext;

/** The processes of a {@link RunSimulation}: task managers, and the one that plans. */
final class SimulatedProcesses {

  /** How many machines task managers may be on. */
  static final int MACHINES = 3;

  /** A task manager; it takes another identity when it ends. */
  static final class Worker {
    String identity;
    private final String machine;

    private Worker(String identity, String machine) {
      this.identity = identity;
      this.machine = machine;
    }

    /** What one of its readers has of Flink. */
    TestingReaderContext context(Consumer<SourceEvent> toEnumerator) {
      return new TestingReaderContext() {
        @Override
        public String getLocalHostName() {
          return machine;
        }

        @Override
        public void sendSourceEventToCoordinator(SourceEvent event) {
          toEnumerator.accept(event);
        }
      };
    }
  }

  /** Whether the only task manager is the process that plans. */
  final boolean embedded;

  private final String runId;
  private final List<Worker> workers = new ArrayList<>();
  private int identities;
  private int managers;
  private int session;

  SimulatedProcesses(String runId, int count, boolean embedded) {
    this.runId = runId;
    this.embedded = embedded;
    for (int i = 0; i < count; i++) {
      workers.add(new Worker(newIdentity(), machine(i % MACHINES)));
    }
  }

  /** The address of a machine, by number. */
  static String machine(int number) {
    return "127.0.1." + number;
  }

  /** The process that plans. */
  String manager() {
    return runId + "-manager-" + managers;
  }

  /** How often somebody stopped the run. */
  int session() {
    return session;
  }

  /** The process of a reader. */
  Worker of(int reader) {
    return workers.get(reader % workers.size());
  }

  Worker any(Random random) {
    return workers.get(random.nextInt(workers.size()));
  }

  /** A task manager ends, and another takes its place. */
  void end(Worker worker) {
    worker.identity = newIdentity();
  }

  /** The process that plans ends, which is the only one of all if the run is embedded. */
  void endManager() {
    if (embedded) {
      end(workers.get(0));
    }
    managers++;
  }

  /** Somebody stops an embedded run and starts it again. */
  void stop() {
    session++;
    endManager();
  }

  private String newIdentity() {
    return runId + "-process-" + identities++;
  }
}
