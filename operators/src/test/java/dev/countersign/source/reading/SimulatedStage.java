package dev.countersign.source.reading;

import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.stage.AssembleManifest;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.DefaultOpenContext;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * {@link AssembleManifest} with its state in maps. Flink's test harness takes a hundred times as
 * long for a restart and for a checkpoint. Timers are never due.
 */
final class SimulatedStage {

  /** Is forgotten when a timer is due. */
  private static final String FORGOTTEN_LATER = "closedAttempt";

  /** What a checkpoint has of the stage: name of the state, key, value. */
  record Snapshot(Map<String, Map<Long, Object>> state) {}

  private final KeyedProcessFunction<Long, UnitRecord, AssembledModel> function =
      new AssembleManifest("simulation", 5);
  private Map<String, Map<Long, Object>> state = new HashMap<>();
  private long key;

  SimulatedStage() throws Exception {
    function.setRuntimeContext(
        (RuntimeContext)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {RuntimeContext.class},
                (proxy, method, arguments) -> {
                  String name = ((StateDescriptor<?, ?>) arguments[0]).getName();
                  return method.getName().equals("getListState")
                      ? new Elements(name)
                      : new Value(name);
                }));
    function.open(DefaultOpenContext.INSTANCE);
  }

  List<AssembledModel> process(UnitRecord unit) throws Exception {
    key = unit.getHeader().getEntryId();
    List<AssembledModel> out = new ArrayList<>();
    function.processElement(unit, context(), collector(out));
    return out;
  }

  Snapshot snapshot() {
    return new Snapshot(copy(state));
  }

  /** Goes back to a checkpoint, or to the start if there is none. */
  void restore(@Nullable Snapshot snapshot) {
    state = snapshot == null ? new HashMap<>() : copy(snapshot.state());
  }

  /** Whether no model is held, apart from what a timer would forget. */
  boolean isEmpty() {
    return state.entrySet().stream()
        .allMatch(named -> named.getKey().equals(FORGOTTEN_LATER) || named.getValue().isEmpty());
  }

  private static Map<String, Map<Long, Object>> copy(Map<String, Map<Long, Object>> state) {
    Map<String, Map<Long, Object>> copy = new HashMap<>();
    state.forEach((name, values) -> copy.put(name, new HashMap<>(values)));
    copy.values()
        .forEach(
            values ->
                values.replaceAll(
                    (ofKey, value) ->
                        value instanceof List<?> list ? new ArrayList<Object>(list) : value));
    return copy;
  }

  private KeyedProcessFunction<Long, UnitRecord, AssembledModel>.Context context() {
    return function.new Context() {
      @Override
      public @Nullable Long timestamp() {
        return null;
      }

      @Override
      public TimerService timerService() {
        return (TimerService)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {TimerService.class},
                (proxy, method, arguments) -> method.getReturnType() == long.class ? 0L : null);
      }

      @Override
      public <X> void output(OutputTag<X> tag, X value) {
        throw new IllegalStateException("the stage has one output");
      }

      @Override
      public Long getCurrentKey() {
        return key;
      }
    };
  }

  private static Collector<AssembledModel> collector(List<AssembledModel> out) {
    return new Collector<>() {
      @Override
      public void collect(AssembledModel model) {
        out.add(model);
      }

      @Override
      public void close() {}
    };
  }

  private Map<Long, Object> named(String name) {
    return state.computeIfAbsent(name, first -> new HashMap<>());
  }

  private final class Value implements ValueState<Object> {
    private final String name;

    Value(String name) {
      this.name = name;
    }

    @Override
    public @Nullable Object value() {
      return named(name).get(key);
    }

    @Override
    public void update(Object value) {
      named(name).put(key, value);
    }

    @Override
    public void clear() {
      named(name).remove(key);
    }
  }

  private final class Elements implements ListState<Object> {
    private final String name;

    Elements(String name) {
      this.name = name;
    }

    @Override
    @SuppressWarnings("unchecked")
    public List<Object> get() {
      return (List<Object>) named(name).computeIfAbsent(key, first -> new ArrayList<>());
    }

    @Override
    public void add(Object value) {
      get().add(value);
    }

    @Override
    public void addAll(List<Object> values) {
      get().addAll(values);
    }

    @Override
    public void update(List<Object> values) {
      named(name).put(key, new ArrayList<>(values));
    }

    @Override
    public void clear() {
      named(name).remove(key);
    }
  }
}
