package dev.underpin.quickstart.application;

import dev.underpin.caching.CacheAside;
import dev.underpin.caching.CacheCounters;
import dev.underpin.caching.Cached;
import dev.underpin.quickstart.application.Store.Mode;
import dev.underpin.quickstart.application.Store.Session;
import dev.underpin.quickstart.domain.Category;
import dev.underpin.quickstart.domain.Product;
import dev.underpin.quickstart.domain.Sku;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * The products as they are shown: kept in memory, and forgotten once a transaction that changed them is committed. Who
 * decides by a price or a stock reads it in its transaction instead. Thread-safe.
 */
public final class Products {
    /** How long another process may show what is no longer so: nothing tells it of a change. */
    private static final Duration TTL = Duration.ofSeconds(30);

    private static final double REFRESH_AFTER = 0.8;
    /** A page with a price of five minutes ago is better than none; an order has the right one. */
    private static final Duration STALE_ON_ERROR = Duration.ofMinutes(5);
    /** A database that is away takes seconds to say so. */
    private static final Duration PATIENCE = Duration.ofMillis(500);

    private final CacheCounters counters = new CacheCounters();
    private final CacheAside<Sku, Product> cache;

    /**
     * No products yet.
     *
     * @param find where they are found
     * @param background runs what nobody waits for, and may refuse to
     * @param time what they age by
     */
    public Products(Function<Sku, Result<Product, DomainError>> find, Executor background, TimeSource time) {
        cache = CacheAside.named("products")
                .ttl(TTL)
                .refreshAfter(REFRESH_AFTER)
                .staleOnError(STALE_ON_ERROR)
                .softTimeout(PATIENCE)
                .tags((Product product) -> List.of(product.category().value()))
                .executor(background)
                .listener(counters)
                .time(time)
                .build(find);
    }

    /** {@return how products are found in a store} */
    public static Function<Sku, Result<Product, DomainError>> in(Store store) {
        return sku -> store.inTransaction(Mode.READ, session -> session.product(sku));
    }

    /** {@return the product, and how fresh that is} */
    public Result<Cached<Product>, DomainError> get(Sku sku) {
        return cache.getCached(sku);
    }

    /** Forgets products that a transaction has changed, if it is committed. */
    void changed(Collection<Sku> skus, Session session) {
        var cached = cache.in(session::afterCommit);
        skus.forEach(cached::invalidate);
    }

    /** Forgets all products of a category that a transaction has changed, if it is committed. */
    void changed(Category category, Session session) {
        cache.in(session::afterCommit).invalidateTag(category.value());
    }

    /** {@return what the cache did} */
    public CacheCounters counters() {
        return counters;
    }
}
