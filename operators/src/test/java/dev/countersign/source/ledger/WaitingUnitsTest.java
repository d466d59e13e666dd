package dev.countersign.source.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.source.units.UnitId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class WaitingUnitsTest {

  private static final long WAIT = WaitingUnits.LOCALITY_WAIT_MILLIS;
  private static final List<String> ONE = List.of("one.lab", "10.0.0.1");
  private static final List<String> TWO = List.of("10.0.0.2");

  private final WaitingUnits units = new WaitingUnits();
  private long now = 1_000;

  /** Reader 0 is on the first machine, 1 on the second, 2 on one that holds no block. */
  @BeforeEach
  void startReaders() {
    units.expect(3);
    boolean unused = units.startsAt(0, ONE);
    unused = units.startsAt(1, TWO);
    unused = units.startsAt(2, List.of("three.lab"));
  }

  @Test
  void poll_ofAUnitOnTheReadersMachine_givesItBeforeLargerOnes() {
    add(1, 10, "one.lab");
    add(2, 20);

    assertThat(poll(0)).isEqualTo(1);
    assertThat(poll(0)).isEqualTo(2);
    assertThat(units.bytesLocated()).isEqualTo(10);
    assertThat(units.bytesLocal()).isEqualTo(10);
  }

  @Test
  void poll_byTheAddressOfAMachine_findsIts() {
    add(1, 10, "first.node", "10.0.0.1");

    assertThat(poll(2)).isEqualTo(-1);
    assertThat(poll(0)).isEqualTo(1);
  }

  @Test
  void poll_ofAUnitOnAnotherMachine_waitsNoLongerThanTheBound() {
    add(1, 10, "one.lab");

    assertThat(poll(2)).isEqualTo(-1);
    assertThat(units.isKeeping()).isTrue();
    assertThat(units.nextOpen()).hasValue(now + WAIT);
    now += WAIT - 1;
    assertThat(poll(2)).isEqualTo(-1);
    now++;
    assertThat(poll(2)).isEqualTo(1);
    assertThat(units.nextOpen()).isEmpty();
    assertThat(units.bytesLocal()).isZero();
  }

  @Test
  void nextOpen_whileNoReaderAskedInVain_isEmpty() {
    add(1, 10, "one.lab");

    assertThat(units.nextOpen()).isEmpty();
    assertThat(poll(0)).isEqualTo(1);
    assertThat(poll(0)).isEqualTo(-1);
    assertThat(units.nextOpen()).isEmpty();
  }

  @Test
  void nextOpen_afterAnotherReaderGotItsUnit_isStillTold() {
    add(1, 10, "one.lab");
    add(2, 10, "10.0.0.2");

    assertThat(poll(2)).isEqualTo(-1);
    assertThat(poll(0)).isEqualTo(1);

    assertThat(units.nextOpen()).hasValue(now + WAIT);
  }

  @Test
  void poll_ofAUnitWhereNoReaderIs_waitsForNobody() {
    add(1, 10, "four.lab", "10.0.0.4");

    assertThat(poll(2)).isEqualTo(1);
    assertThat(units.bytesLocated()).isEqualTo(10);
  }

  @Test
  void poll_beforeAllReadersAreKnown_waitsForThoseThatMayCome() {
    WaitingUnits early = new WaitingUnits();
    early.expect(2);
    boolean unused = early.startsAt(0, ONE);
    early.add(new UnitId(1, 1, 0), 10, TWO, now);

    assertThat(early.poll(0, now)).isNull();
    unused = early.startsAt(1, TWO);
    assertThat(early.poll(1, now)).isEqualTo(new UnitId(1, 1, 0));
  }

  @Test
  void poll_ofUnitsThatWaitedLong_stillPrefersTheReadersMachine() {
    add(1, 30, "one.lab");
    add(2, 20, "10.0.0.2");
    now += 10 * WAIT;

    assertThat(poll(1)).isEqualTo(2);
    assertThat(poll(1)).isEqualTo(1);
  }

  @Test
  void poll_whileLocalUnitsKeepComing_givesTheLargestOfAllInTime() {
    add(0, 1_000);
    int polls = 0;
    for (long unit = -1; unit != 0; polls++) {
      add(polls + 1, 10, "one.lab");
      unit = poll(0);
    }

    assertThat(polls).isEqualTo(WaitingUnits.MOST_PASSED_OVER + 1);
  }

  @Test
  void poll_ofOneMachine_givesTheLargestFirst() {
    add(1, 10, "one.lab");
    add(2, 30, "one.lab", "10.0.0.2");
    add(3, 20, "10.0.0.1");

    assertThat(List.of(poll(0), poll(0), poll(0))).containsExactly(2L, 3L, 1L);
    assertThat(units.size()).isZero();
  }

  @Test
  void startsAt_whenAllReadersAreOnOneMachine_saysSo() {
    WaitingUnits one = new WaitingUnits();
    one.expect(2);

    assertThat(one.startsAt(0, ONE)).as("the second may be elsewhere").isTrue();
    assertThat(one.startsAt(1, ONE)).isFalse();
    assertThat(one.startsAt(1, TWO)).isTrue();
  }

  @Test
  void poll_atRandom_givesEachUnitOnceAndKeepsNoneBeyondTheBound() {
    Random random = new Random(7);
    for (int run = 0; run < 200; run++) {
      List<Long> got = new ArrayList<>();
      int count = 1 + random.nextInt(40);
      for (int unit = 0; unit < count; unit++) {
        String[] hosts =
            IntStream.range(0, random.nextInt(3))
                .mapToObj(i -> "10.0.0." + (1 + random.nextInt(4)))
                .distinct()
                .toArray(String[]::new);
        add(unit, random.nextInt(100), hosts);
        now += random.nextInt(100);
        long unused = random.nextBoolean() ? 0 : took(got, random.nextInt(3));
      }
      now += WAIT;
      while (units.size() > 0) {
        assertThat(took(got, random.nextInt(3))).isNotNegative();
      }

      assertThat(got).doesNotHaveDuplicates().hasSize(count);
    }
  }

  private long took(List<Long> got, int reader) {
    long unit = poll(reader);
    if (unit >= 0) {
      got.add(unit);
    }
    return unit;
  }

  private void add(long entry, long bytes, String... hosts) {
    units.add(new UnitId(entry, 1, 0), bytes, List.of(hosts), now);
  }

  /** The entry whose unit a reader gets, or -1. */
  private long poll(int reader) {
    UnitId unit = units.poll(reader, now);
    return unit == null ? -1 : unit.entryId();
  }
}
