/** Runs a named selection of the benchmarks, and makes a report of what JMH measured. */
package dev.underpin.benchmarks.report;
