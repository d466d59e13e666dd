package dev.countersign.jobs;

/** Entry point of {@code countersign.jar}, from a shell and from {@code flink run}. */
public final class Main {

  private Main() {}

  public static void main(String[] args) {}
}
