package dev.underpin.errors;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Requests as a server hands them over: headers found by name in any case. */
final class Requests {
    static final String ID = "5f6c7a52-91d3-4c0e-8f0a-3b1d2c4e5f60";

    private Requests() {}

    /** {@return a request with a fixed id and the given headers, name after value} */
    static Function<String, @Nullable String> request(String... namesAndValues) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.put("X-Request-Id", ID);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers::get;
    }

    static Function<String, @Nullable String> problemRequest() {
        return request("Accept", "application/problem+json");
    }
}
