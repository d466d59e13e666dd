package dev.countersign.jobs.execution;

/**
 * How far a run is, as the engine counts it before results are committed.
 *
 * @param models how many models there are
 * @param modelsPlanned models whose planning has begun
 * @param modelsDone models with a result
 * @param modelsFailed models that failed
 * @param bytesPlanned bytes of the planned models
 * @param bytesHashed bytes hashed
 * @param largestFile bytes of the largest file that one thread hashes as a whole
 */
public record EngineFigures(
    long models,
    long modelsPlanned,
    long modelsDone,
    long modelsFailed,
    long bytesPlanned,
    long bytesHashed,
    long largestFile) {}
