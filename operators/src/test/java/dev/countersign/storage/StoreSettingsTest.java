package dev.countersign.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class StoreSettingsTest {

  @AfterEach
  void forget() {
    Storages.configure(Map.of());
  }

  @Test
  void settings_readInAnotherProcess_configureIt() throws Exception {
    Storages.configure(Map.of("fs.mem.named", "foreign"));
    ByteArrayOutputStream job = new ByteArrayOutputStream();
    try (ObjectOutputStream output = new ObjectOutputStream(job)) {
      output.writeObject(StoreSettings.current());
    }
    Storages.configure(Map.of());
    boolean before = Storages.isConfigured("mem://foreign/m");

    try (ObjectInputStream input =
        new ObjectInputStream(new ByteArrayInputStream(job.toByteArray()))) {
      Object unused = input.readObject();
    }

    assertThat(before).isFalse();
    assertThat(Storages.isConfigured("mem://foreign/m")).isTrue();
  }
}
