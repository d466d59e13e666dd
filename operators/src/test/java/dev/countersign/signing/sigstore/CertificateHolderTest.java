package dev.countersign.signing.sigstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.ManualClock;
import dev.countersign.remedy.Remedy;
import dev.countersign.signing.EphemeralKey;
import dev.countersign.signing.SigningException;
import dev.countersign.trust.CertificateForge;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The certificate of a process, by a clock of the test. */
@Timeout(120)
final class CertificateHolderTest {

  private static final Duration LIFETIME = Duration.ofMinutes(10);

  private final ManualClock clock = new ManualClock(CertificateForge.NOW);
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger inProgress = new AtomicInteger();
  private final AtomicInteger mostInProgress = new AtomicInteger();
  private final ExecutorService callers = Executors.newFixedThreadPool(32);
  private final List<Boolean> insisted = new CopyOnWriteArrayList<>();
  private volatile boolean dead;
  private volatile int hangsFrom = Integer.MAX_VALUE;
  private volatile Thread renewing;
  private volatile Duration clockOfAuthority = Duration.ZERO;
  private CertificateHolder holder =
      new CertificateHolder(this::issue, clock, Duration.ofSeconds(30));

  @AfterEach
  void close() {
    holder.close();
    callers.shutdownNow();
  }

  @Test
  void certificate_askedForByManyThreads_isRequestedOnce() throws Exception {
    List<EphemeralKey.Certified> held = currentOfManyThreads();

    assertThat(held).allMatch(each -> each == held.get(0));
    assertThat(requests).hasValue(1);
  }

  @Test
  void certificate_thatEnded_isReplacedByOneRequest() throws Exception {
    EphemeralKey.Certified first = holder.current();
    clock.pass(LIFETIME);

    List<EphemeralKey.Certified> held = currentOfManyThreads();

    assertThat(held).allMatch(each -> each == held.get(0)).doesNotContain(first);
    assertThat(requests).hasValue(2);
    assertThat(mostInProgress).hasValue(1);
  }

  @Test
  void certificate_nearItsEnd_isNotUsed() throws Exception {
    EphemeralKey.Certified first = holder.current();
    assertThat(holder.isUsable(first)).isTrue();
    clock.pass(LIFETIME.minusSeconds(59));

    assertThat(holder.isUsable(first)).isFalse();
    assertThat(holder.current()).isNotSameAs(first);
  }

  @Test
  void certificate_inItsSecondHalf_isRenewedWhileSignaturesGoOn() throws Exception {
    EphemeralKey.Certified first = holder.current();
    clock.pass(Duration.ofMinutes(6));

    assertThat(holder.current()).isSameAs(first);
    while (holder.current() == first) {
      Thread.sleep(20);
    }

    assertThat(requests).hasValue(2);
  }

  /** Whatever is issued is in its second half already. */
  @Test
  void certificate_byAClockThatIsMinutesFast_isRenewedAfterHalfOfWhatIsLeft() throws Exception {
    clockOfAuthority = Duration.ofMinutes(-6);
    EphemeralKey.Certified first = holder.current();
    clock.pass(Duration.ofSeconds(89));
    for (int i = 0; i < 50; i++) {
      assertThat(holder.current()).isSameAs(first);
      Thread.sleep(20);
    }

    clock.pass(Duration.ofSeconds(1));
    while (holder.current() == first) {
      Thread.sleep(20);
    }

    assertThat(requests).hasValue(2);
  }

  @Test
  void renewal_thatFails_isRepeatedWhileTheCertificateIsUsable() throws Exception {
    EphemeralKey.Certified first = holder.current();
    dead = true;
    clock.pass(Duration.ofMinutes(6));
    while (requests.get() < 3) {
      assertThat(holder.current()).isSameAs(first);
      Thread.sleep(20);
    }
    dead = false;

    while (holder.current() == first) {
      Thread.sleep(20);
    }

    assertThat(mostInProgress).hasValue(1);
    assertThat(insisted).startsWith(true, false, false);
  }

  @Test
  void renewal_thatFailsAfterTheCertificateEnded_endsTheRun() throws Exception {
    EphemeralKey.Certified unused = holder.current();
    dead = true;
    clock.pass(LIFETIME);

    for (int i = 0; i < 3; i++) {
      SigningException failure =
          catchThrowableOfType(SigningException.class, () -> holder.current());
      assertThat(failure)
          .hasMessage("The run cannot go on without a certificate. The authority is dead.");
      assertThat(failure.endsRun()).isTrue();
    }
    assertThat(requests).hasValue(2);
    assertThat(insisted).containsExactly(true, true);
  }

  /** The pauses between renewals may be longer than signatures wait. */
  @Test
  void renewal_thatPausesWhenTheCertificateEnds_isTriedOnceMore() throws Exception {
    reopen(Duration.ofSeconds(3));
    EphemeralKey.Certified unused = holder.current();
    dead = true;
    clock.pass(Duration.ofMinutes(6));
    // The pause after the fifth failure takes 4 seconds at least.
    while (requests.get() < 6
        || inProgress.get() > 0
        || renewing.getState() != Thread.State.TIMED_WAITING) {
      Thread.sleep(20);
    }
    int before = requests.get();
    clock.pass(LIFETIME);

    assertThatThrownBy(() -> holder.current())
        .hasMessage("The run cannot go on without a certificate. The authority is dead.");
    assertThat(requests).hasValue(before + 1);
    assertThat(insisted).endsWith(true);
  }

  @Test
  void renewal_thatHangsAfterOneThatFailed_saysWhyThatFailed() throws Exception {
    reopen(Duration.ofSeconds(3));
    EphemeralKey.Certified unused = holder.current();
    dead = true;
    hangsFrom = 3;
    clock.pass(Duration.ofMinutes(6));
    while (requests.get() < 3) {
      Thread.sleep(20);
    }
    clock.pass(LIFETIME);

    assertThatThrownBy(() -> holder.current())
        .hasMessageStartingWith(
            "No certificate was issued within 3 seconds. The request before failed: The authority"
                + " is dead.");
  }

  @Test
  void firstRequest_thatFails_endsTheRun() {
    dead = true;

    assertThat(catchThrowableOfType(SigningException.class, () -> holder.current()).endsRun())
        .isTrue();
  }

  @Test
  void clock_thatIsTwoHoursOff_endsTheRunAndSaysSo() {
    for (Duration off : List.of(Duration.ofHours(2), Duration.ofHours(-2))) {
      clockOfAuthority = off;
      Instant from = clock.instant().plus(off);

      assertThatThrownBy(() -> holder.current())
          .isInstanceOf(SigningException.class)
          .hasMessage(
              "The run cannot go on without a certificate. The certificate is valid from "
                  + from
                  + " to "
                  + from.plus(LIFETIME)
                  + ", but this machine's clock shows "
                  + clock.instant()
                  + ". Set the clock of the machine that signs, and resume.");
      reopen(Duration.ofSeconds(30));
    }
  }

  @Test
  void authority_thatHangs_isWaitedForSoLongOnly() {
    holder.close();
    holder =
        new CertificateHolder(
            insists -> {
              try {
                Thread.sleep(Long.MAX_VALUE);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              throw new SigningException("interrupted", Remedy.NONE, null);
            },
            clock,
            Duration.ofSeconds(1));

    assertThatThrownBy(() -> holder.current())
        .hasMessageStartingWith("No certificate was issued within 1 seconds.");
  }

  private void reopen(Duration patience) {
    holder.close();
    holder = new CertificateHolder(this::issue, clock, patience);
  }

  private List<EphemeralKey.Certified> currentOfManyThreads() throws Exception {
    List<Future<EphemeralKey.Certified>> pending = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      pending.add(callers.submit(() -> holder.current()));
    }
    List<EphemeralKey.Certified> held = new ArrayList<>();
    for (Future<EphemeralKey.Certified> each : pending) {
      held.add(each.get());
    }
    return held;
  }

  private EphemeralKey.Certified issue(boolean insists) throws SigningException {
    renewing = Thread.currentThread();
    insisted.add(insists);
    int request = requests.incrementAndGet();
    mostInProgress.accumulateAndGet(inProgress.incrementAndGet(), Math::max);
    try {
      Thread.sleep(request >= hangsFrom ? Long.MAX_VALUE : 50);
      if (dead) {
        throw new SigningException("The authority is dead.", Remedy.NONE, null);
      }
      Instant from = clock.instant().plus(clockOfAuthority);
      return EphemeralKey.generate()
          .certified(
              CertificateForge.leaf("CN=signer")
                  .validity(from, from.plus(LIFETIME))
                  .issue()
                  .certificate(),
              "signer@example.org");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SigningException("interrupted", Remedy.NONE, e);
    } finally {
      inProgress.decrementAndGet();
    }
  }
}
