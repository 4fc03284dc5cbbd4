/** Transactions that end as their body says, pages that seek, rows by their keys and versions, on JDBI. */
// JDBI has a name, and no descriptor; and the compiler does not see what the opened packages have
@SuppressWarnings({"opens", "requires-automatic", "requires-transitive-automatic"})
@org.jspecify.annotations.NullMarked
module dev.underpin.persistence {
    requires transitive dev.underpin.pagination;
    requires transitive dev.underpin.result;
    requires transitive java.sql;
    requires transitive org.jdbi.v3.core;
    requires static transitive org.jspecify;
    requires org.slf4j;

    // Optional, hence not transitive: javac wants a module that is both static and transitive from everybody who reads
    // this one. Public types that name one of these carry @SuppressWarnings("exports").
    requires static com.zaxxer.hikari;
    requires static dev.underpin.batching;
    requires static dev.underpin.idempotency;
    requires static org.postgresql.jdbc;

    exports dev.underpin.persistence;
    exports dev.underpin.persistence.batching;
    exports dev.underpin.persistence.hikari;
    exports dev.underpin.persistence.idempotency;

    // Scripts, no classes: the tools that run them are other modules.
    opens dev.underpin.persistence.migrations.h2;
    opens dev.underpin.persistence.migrations.mariadb;
    opens dev.underpin.persistence.migrations.mysql;
    opens dev.underpin.persistence.migrations.postgresql;
}
