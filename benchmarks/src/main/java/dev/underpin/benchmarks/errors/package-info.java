/** What it costs to turn violations, errors and exceptions into answers, beside code written by hand. */
package dev.underpin.benchmarks.errors;
