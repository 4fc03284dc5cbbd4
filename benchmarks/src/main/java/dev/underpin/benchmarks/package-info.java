/** The command line of the benchmarks, and what a benchmark says about itself so that a report can compare it. */
package dev.underpin.benchmarks;
