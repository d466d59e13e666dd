package dev.countersign.storage.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.servers.Fault;
import dev.countersign.storage.servers.StoreServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract of clients, with a real server whose connections break. */
public abstract class ServerClientContract extends ObjectClientContract {

  /** Returns the server of {@link #client}. */
  protected abstract StoreServer server();

  @AfterEach
  final void calm() {
    server().front().calm();
  }

  @ParameterizedTest
  @ValueSource(strings = {"status", "reset", "cut", "length"})
  final void fault_ofTheNetwork_isTransientAndPasses(String kind) throws Exception {
    ObjectClient client = client();
    byte[] content = new byte[100_000];
    String version = client.put("faulty", ObjectContent.of(content), PutCondition.ANY);
    StoredKey planned = StoredKey.planned("faulty", content.length, version);
    Fault fault =
        switch (kind) {
          case "status" -> Fault.status(503);
          case "reset" -> Fault.resetAfter(5000);
          case "cut" -> Fault.cutAfter(5000);
          default -> Fault.wrongLength(-1);
        };
    server().front().faults(request -> fault);

    StorageException e =
        catchThrowableOfType(
            StorageException.class, () -> client.get(planned, 0, content, 0, content.length));
    server().front().calm();
    client.get(planned, 0, content, 0, content.length);

    assertThat(e.transientFault()).isTrue();
  }
}
