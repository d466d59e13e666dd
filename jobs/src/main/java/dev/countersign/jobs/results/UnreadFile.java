package dev.countersign.jobs.results;

/**
 * A file or folder that could not be read.
 *
 * @param place where it lies, as it came
 * @param message what is wrong and what to do, for people
 */
public record UnreadFile(String place, String message) {}
