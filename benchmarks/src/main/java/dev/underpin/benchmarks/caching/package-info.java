/** Values by key, loaded when they are missing: caching beside Caffeine, Spring, JetCache, Guava and cache2k. */
package dev.underpin.benchmarks.caching;
