/** What a service's own tests need to drive these libraries. For test scope only. */
@org.jspecify.annotations.NullMarked
module dev.underpin.testkit {
    requires transitive dev.underpin.result;
    requires static transitive org.jspecify;

    exports dev.underpin.testkit;
}
