/** Batching: many loads of one key each become one call, when every task of a scope waits. */
@org.jspecify.annotations.NullMarked
module dev.underpin.batching {
    requires transitive dev.underpin.result;
    requires static transitive org.jspecify;

    exports dev.underpin.batching;
}
