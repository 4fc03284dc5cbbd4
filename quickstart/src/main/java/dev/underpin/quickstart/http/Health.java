package dev.underpin.quickstart.http;

import dev.underpin.caching.CacheCounters;
import dev.underpin.resilience.Pipeline;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * What the service stands on.
 *
 * @param isReachable whether its database is there: without it, it is of no use
 * @param dependencies the calls to services of others: without these it mostly is
 * @param products what the cache of products did
 */
public record Health(BooleanSupplier isReachable, List<Pipeline> dependencies, CacheCounters products) {}
