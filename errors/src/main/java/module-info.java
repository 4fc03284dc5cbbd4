/**
 * Results on their way out of a service: envelopes, problem details, status tables, exception translation, bean
 * validation and the context of a request. Jackson and Jakarta Validation are optional.
 */
@org.jspecify.annotations.NullMarked
module dev.underpin.errors {
    requires transitive dev.underpin.result;
    requires transitive org.slf4j;
    requires static transitive org.jspecify;

    // Optional, hence not transitive: javac wants a module that is both static and transitive from everybody who reads
    // this one. Public types that name one of these carry @SuppressWarnings("exports").
    requires static com.fasterxml.jackson.databind;
    requires static jakarta.validation;
    requires static tools.jackson.databind;

    exports dev.underpin.errors;
    exports dev.underpin.errors.context;
    exports dev.underpin.errors.json;
    exports dev.underpin.errors.validation;
}
