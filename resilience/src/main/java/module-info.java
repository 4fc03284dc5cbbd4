/** Remote calls: one pipeline of deadline, retries with a budget, breaker, limits and attempt timeout; limits per key. */
@SuppressWarnings("requires-automatic") // resilience4j has names, and no descriptors
@org.jspecify.annotations.NullMarked
module dev.underpin.resilience {
    requires transitive dev.underpin.result;
    requires static transitive org.jspecify;
    requires io.github.resilience4j.circuitbreaker;
    requires io.github.resilience4j.core;
    requires io.github.resilience4j.retry;
    requires org.slf4j;

    exports dev.underpin.resilience;
}
