package dev.underpin.quickstart;

import dev.underpin.quickstart.infrastructure.HttpCourier;
import dev.underpin.quickstart.infrastructure.HttpPayments;
import dev.underpin.resilience.Pipeline;
import dev.underpin.result.Result;
import dev.underpin.result.Validation;
import dev.underpin.result.ValidationError;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The services of others.
 *
 * @param payments where cards are charged
 * @param courier where deliveries are estimated
 * @param settings how they are called: what {@link #settings} says
 */
record Downstreams(URI payments, URI courier, Map<String, String> settings) {
    /**
     * {@return every setting in effect, or every fault in what was given}
     *
     * @param sources settings by name, see {@link Pipeline.Builder#build(List)}
     */
    static Result<Map<String, String>, ValidationError> settings(List<Map<String, String>> sources) {
        var v = Validation.start();
        var payments = v.check("", HttpPayments.pipeline().build(sources));
        var courier = v.check("", HttpCourier.pipeline().build(sources));
        return v.build(() -> {
            Map<String, String> all = new LinkedHashMap<>(payments.get().describe());
            all.putAll(courier.get().describe());
            return all;
        });
    }

    /** {@return the pipeline as it is set} */
    Pipeline pipeline(Pipeline.Builder builder) {
        return builder.build(List.of(settings)).orElseThrow();
    }
}
