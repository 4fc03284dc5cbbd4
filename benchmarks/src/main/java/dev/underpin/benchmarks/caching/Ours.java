package dev.underpin.benchmarks.caching;

import dev.underpin.caching.CacheAside;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.List;
import java.util.function.Function;

/** Our caches, of the size and the time to live of the others. */
final class Ours {
    static final List<String> THREE_TAGS = List.of("all", "brand-7", "category-3");

    private Ours() {}

    static CacheAside.Builder<Object, Object> builder() {
        return CacheAside.named("products").maximumSize(Peers.SIZE).ttl(Peers.TTL);
    }

    static CacheAside<String, String> plain(Function<String, Result<String, DomainError>> loader) {
        return builder().build(loader);
    }

    static CacheAside<String, String> tagged(Function<String, Result<String, DomainError>> loader) {
        return builder().<String>tags(value -> THREE_TAGS).build(loader);
    }
}
