package dev.countersign.jobs.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.remedy.Remedy;
import dev.countersign.signing.SigningException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.JobID;
import org.apache.flink.runtime.client.JobExecutionException;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.util.SerializedThrowable;
import org.junit.jupiter.api.Test;

final class FaultsTest {

  @Test
  void keyFault_deepInAJobsFailure_isWrongUsage() {
    KeyFormatException key = keyFault();
    Throwable failure =
        new JobExecutionException(new JobID(), "failed", new SuppressRestartsException(key));

    assertThat(Faults.usage(failure)).contains(key.getMessage());
  }

  @Test
  void keyFault_fromAnotherProcess_isWrongUsage() {
    SerializedThrowable shipped =
        new SerializedThrowable(new SuppressRestartsException(keyFault()));

    assertThat(Faults.usage(shipped.deserializeError(getClass().getClassLoader())))
        .hasValueSatisfying(message -> assertThat(message).contains("test.pub"));
  }

  /** Its cause alone would have failed one model. */
  @Test
  void signingFault_thatEndsTheRun_isNoWrongUsageWhateverCausedIt() {
    SigningException cause = new SigningException("No token.", Remedy.NONE, null);
    SigningException end = new SigningException("No certificate.", Remedy.NONE, cause, true);
    Throwable failure =
        new JobExecutionException(new JobID(), "failed", new SuppressRestartsException(end));

    assertThat(Faults.usage(failure)).isEmpty();
    assertThat(Faults.innermost(failure)).isEqualTo("No certificate.");
    assertThat(Faults.usage(new JobExecutionException(new JobID(), "failed", cause)))
        .contains("No token.");
  }

  @Test
  void shortageOfNetworkBuffers_anywhereInTheChain_namesTheSetting() {
    Throwable failure =
        new JobExecutionException(
            new JobID(),
            "failed",
            new IOException(
                "Insufficient number of network buffers: required 65, but only 3 available. The"
                    + " total number of network buffers is currently set to 32 of 32768 bytes"
                    + " each. You can increase this number by setting the configuration keys"
                    + " 'taskmanager.memory.network.fraction', 'taskmanager.memory.network.min',"
                    + " and 'taskmanager.memory.network.max'."));

    assertThat(Faults.shortage(failure))
        .hasValueSatisfying(
            message ->
                assertThat(message)
                    .contains("taskmanager.memory.network.min", "taskmanager.memory.network.max"));
    assertThat(Faults.shortage(keyFault())).isEmpty();
  }

  @Test
  void otherFault_inACircleOfCauses_isToldByItsInnermostCause() {
    Exception outer = new Exception("outer");
    Exception inner = new Exception("disk\u001b[2J gone\nsecond line", outer);
    outer.initCause(inner);

    assertThat(Faults.usage(outer)).isEmpty();
    assertThat(Faults.innermost(outer)).isEqualTo("Exception: disk\\u001b[2J gone");
  }

  private static KeyFormatException keyFault() {
    try {
      PublicKeyFile.read("no key".getBytes(StandardCharsets.UTF_8), "test.pub");
    } catch (KeyFormatException e) {
      return e;
    }
    throw new AssertionError("no key was taken for a key");
  }
}
