/** Transactions of persistence-jdbi, beside those of others. */
package dev.underpin.benchmarks.transactions;
