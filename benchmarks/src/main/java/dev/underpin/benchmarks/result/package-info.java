/** What a {@code Result} costs, beside its peers, exceptions, sentinels and code written by hand. */
package dev.underpin.benchmarks.result;
