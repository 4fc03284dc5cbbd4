/**
 * Results on their way out of a service: envelopes, problem details, status tables, exception translation, bean
 * validation and the context of a request. Jackson and Jakarta Validation are optional.
 */
@org.jspecify.annotations.NullMarked
module dev.underpin.errors {
    requires transitive dev.underpin.result;
    requires transitive org.slf4j;
    requires static transitive org.jspecify;
    requires static transitive com.fasterxml.jackson.databind;
    requires static transitive tools.jackson.databind;
    requires static transitive jakarta.validation;

    exports dev.underpin.errors;
    exports dev.underpin.errors.context;
    exports dev.underpin.errors.json;
    exports dev.underpin.errors.validation;
}
