package dev.countersign.source.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ProcessBudgetTest {

  private static final String NAME = "of.this.test";

  @AfterEach
  void forget() {
    System.getProperties().keySet().removeIf(key -> key.toString().contains(NAME));
  }

  @Test
  void of_theSameNameUnitAndSize_isOneBudgetForAllJobs() throws Exception {
    Semaphore budget = ProcessBudget.of(NAME, 64, 3);
    try (AnotherJob job = new AnotherJob()) {
      Object other =
          job.loadClass(ProcessBudget.class.getName())
              .getMethod("of", String.class, int.class, int.class)
              .invoke(null, NAME, 64, 3);

      assertThat(other).isSameAs(budget);
      assertThat(budget.availablePermits()).isEqualTo(3);
    }
  }

  /** Whoever waits for all permits of a smaller budget than it knows would wait indefinitely. */
  @Test
  void of_anotherUnitOrSize_isAnotherBudget() {
    Semaphore budget = ProcessBudget.of(NAME, 64, 3);

    assertThat(ProcessBudget.of(NAME, 65, 3)).isNotSameAs(budget);
    assertThat(ProcessBudget.of(NAME, 64, 4)).isNotSameAs(budget);
  }

  @Test
  void of_aPropertyThatIsNoBudget_isOneOfItsOwn() {
    System.setProperty("dev.countersign." + NAME + "/64/3", "taken");

    assertThat(ProcessBudget.of(NAME, 64, 3).availablePermits()).isEqualTo(3);
  }
}
