/** Idempotency keys: one effect and one answer per request, however often it is sent. Jackson is optional. */
@org.jspecify.annotations.NullMarked
module dev.underpin.idempotency {
    requires transitive dev.underpin.result;
    requires static transitive org.jspecify;

    // Optional, hence not transitive: see the module of errors.
    requires static com.fasterxml.jackson.databind;
    requires static tools.jackson.databind;

    exports dev.underpin.idempotency;
    exports dev.underpin.idempotency.json;
}
