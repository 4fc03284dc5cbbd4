/** Measures batching: loads by key that become calls by many keys. */
package dev.underpin.benchmarks.batching;
