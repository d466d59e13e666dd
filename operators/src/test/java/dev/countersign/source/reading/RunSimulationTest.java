package dev.countersign.source.reading;

import dev.countersign.source.PlanFixture;
import dev.countersign.source.planning.PlanSettings;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every model has exactly one result, the right one, whatever happens to the run. */
final class RunSimulationTest {

  @TempDir Path folder;

  private PlanSettings settings;

  @BeforeEach
  void makeSettings() throws Exception {
    settings = new PlanFixture(folder).settings();
  }

  /**
   * {@code -Dsimulation.seeds=5000} runs more of them, from {@code -Dsimulation.first}.
   *
   * @param harsh see {@link RunSimulation}
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void run_ofManySeeds_endsWithOneResultAModel(boolean harsh) throws Exception {
    long first = Long.getLong("simulation.first", 1);
    // Harsh runs write a journal.
    long seeds = Long.getLong("simulation.seeds", 300) / (harsh ? 3 : 1);
    for (long seed = first; seed < first + seeds; seed++) {
      run(seed, harsh);
    }
  }

  @ParameterizedTest
  @CsvSource({"121, false", "1857, false", "1796049285, false"})
  void run_ofASeedThatFailed_endsWithOneResultAModel(long seed, boolean harsh) throws Exception {
    run(seed, harsh);
  }

  private void run(long seed, boolean harsh) throws Exception {
    try (RunSimulation simulation = new RunSimulation(seed, harsh, settings, folder)) {
      simulation.run();
    } catch (Exception | AssertionError e) {
      throw new AssertionError("seed " + seed + (harsh ? ", harsh" : ""), e);
    }
  }
}
