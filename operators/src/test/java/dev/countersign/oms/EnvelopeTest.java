package dev.countersign.oms;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

final class EnvelopeTest {

  /** The vector of the DSSE protocol specification. */
  @Test
  void pae_ofTheSpecificationsExample_isTheSpecificationsBytes() {
    byte[] pae =
        Envelope.pae(
            "http://example.com/HelloWorld", "hello world".getBytes(StandardCharsets.UTF_8));

    assertThat(new String(pae, StandardCharsets.UTF_8))
        .isEqualTo("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  }

  @Test
  void pae_ofAnEmptyPayload_endsInASpace() {
    assertThat(new String(Envelope.pae("t", new byte[0]), StandardCharsets.UTF_8))
        .isEqualTo("DSSEv1 1 t 0 ");
  }

  @Test
  void pae_countsBytesOfTheType() {
    assertThat(new String(Envelope.pae("模", new byte[] {'x'}), StandardCharsets.UTF_8))
        .isEqualTo("DSSEv1 3 模 1 x");
  }

  @Property
  void pae_ofAnyPayload_endsInItUnchanged(@ForAll byte[] payload) {
    byte[] pae = new Envelope(Envelope.PAYLOAD_TYPE, payload, new byte[] {1}, "").pae();

    byte[] head =
        ("DSSEv1 28 application/vnd.in-toto+json " + payload.length + " ")
            .getBytes(StandardCharsets.UTF_8);
    assertThat(Arrays.copyOf(pae, head.length)).as("head").isEqualTo(head);
    assertThat(Arrays.copyOfRange(pae, head.length, pae.length)).as("tail").isEqualTo(payload);
  }

  @Test
  void envelopes_areEqualByContent() {
    Envelope one = new Envelope("t", new byte[] {1}, new byte[] {2}, "");
    Envelope same = new Envelope("t", new byte[] {1}, new byte[] {2}, "");
    Envelope other = new Envelope("t", new byte[] {1}, new byte[] {3}, "");

    assertThat(one).isEqualTo(same).hasSameHashCodeAs(same).isNotEqualTo(other);
    assertThat(one).hasToString("Envelope[t, payload of 1 bytes, signature of 1 bytes]");
  }
}
