package dev.countersign.storage.local;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/** What this JVM's buffers take outside the heap; channels keep such buffers for their threads. */
final class DirectMemory {

  private DirectMemory() {}

  static long bytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }
}
