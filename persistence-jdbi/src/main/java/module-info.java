/** Pages that seek, run on JDBI. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // JDBI has a name, and no descriptor
@org.jspecify.annotations.NullMarked
module dev.underpin.persistence {
    requires transitive dev.underpin.pagination;
    requires transitive dev.underpin.result;
    requires transitive java.sql;
    requires transitive org.jdbi.v3.core;
    requires static transitive org.jspecify;

    exports dev.underpin.persistence;
}
