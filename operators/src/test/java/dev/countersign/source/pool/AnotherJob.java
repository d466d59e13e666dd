package dev.countersign.source.pool;

import java.lang.reflect.Field;
import java.net.URL;
import java.net.URLClassLoader;
import org.jspecify.annotations.Nullable;

/** Class loader that loads the classes of this module again, as Flink does for each job. */
public final class AnotherJob extends URLClassLoader {

  public AnotherJob() {
    super(
        new URL[] {ProcessBudget.class.getProtectionDomain().getCodeSource().getLocation()},
        AnotherJob.class.getClassLoader());
  }

  @Override
  protected synchronized Class<?> loadClass(String name, boolean resolve)
      throws ClassNotFoundException {
    if (findResource(name.replace('.', '/') + ".class") == null) {
      return super.loadClass(name, resolve);
    }
    Class<?> loaded = findLoadedClass(name);
    return loaded == null ? findClass(name) : loaded;
  }

  /** Returns the value of a field, whatever its visibility; {@code of} is null if it is static. */
  public static Object field(Class<?> in, @Nullable Object of, String name)
      throws ReflectiveOperationException {
    Field field = in.getDeclaredField(name);
    field.setAccessible(true);
    return field.get(of);
  }
}
