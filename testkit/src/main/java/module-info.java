/** What a service's own tests need to drive these libraries. For test scope only. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // JDBI has a name, and no descriptor
@org.jspecify.annotations.NullMarked
module dev.underpin.testkit {
    requires static transitive dev.underpin.idempotency;
    requires static transitive dev.underpin.pagination;
    requires transitive dev.underpin.result;
    // Optional, hence not transitive; what names it carries @SuppressWarnings("exports").
    requires static dev.underpin.caching;
    requires static dev.underpin.persistence;
    requires static java.sql;
    requires static transitive org.jdbi.v3.core;
    requires static transitive org.jspecify;
    requires static org.junit.jupiter.api;

    exports dev.underpin.testkit;
    exports dev.underpin.testkit.contract;
}
