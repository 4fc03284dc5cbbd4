/** What it costs to execute a request once. */
package dev.underpin.benchmarks.idempotency;
