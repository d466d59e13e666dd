/**
 * What people see: streams, progress, results, the summary, and what Ctrl-C does. The only package
 * that touches the process's streams. Imports the library's records and options, nothing else of
 * the jobs.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.jobs.terminal;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
