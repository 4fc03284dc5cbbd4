/** Caching: no stale value after an invalidation, one load per key, write-behind, and the headers of HTTP caches. */
@org.jspecify.annotations.NullMarked
module dev.underpin.caching {
    requires transitive dev.underpin.result;
    requires static transitive org.jspecify;
    requires com.github.benmanes.caffeine;
    requires org.slf4j;

    exports dev.underpin.caching;
    exports dev.underpin.caching.http;
}
