/** Calls that may fail, and limits of callers: resilience beside resilience4j, Failsafe and Bucket4j. */
package dev.underpin.benchmarks.resilience;
