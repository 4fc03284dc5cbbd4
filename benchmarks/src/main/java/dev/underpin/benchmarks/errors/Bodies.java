package dev.underpin.benchmarks.errors;

import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ValidationError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The bodies that all contestants write, byte for byte. */
final class Bodies {
    static final String REQUEST_ID = "7f4e2c9a-51b0-4d5e-9a63-0c8f1d2b3a4e";

    static final Map<String, String> HEADERS = Map.of("X-Request-Id", REQUEST_ID, "Accept", "application/json");

    static final Map<String, String> PROBLEM_HEADERS =
            Map.of("X-Request-Id", REQUEST_ID, "Accept", "application/problem+json");

    static final DomainError ERROR = new ValidationError(List.of(
            new Detail("customer", "NOT_BLANK", "must not be blank", Map.of(), null),
            new Detail("items[1].sku", "NOT_NULL", "must not be null", Map.of(), null),
            new Detail("items[2].price.cents", "POSITIVE", "must be positive", Map.of(), null)));

    static final Data DATA = new Data(Orders.VALID);

    static final Error ERROR_RECORD = new Error(new ErrorBody(
            "VALIDATION_FAILED",
            "The request is not valid",
            List.of(
                    new ErrorDetail("customer", "must not be blank", "NOT_BLANK"),
                    new ErrorDetail("items[1].sku", "must not be null", "NOT_NULL"),
                    new ErrorDetail("items[2].price.cents", "must be positive", "POSITIVE")),
            REQUEST_ID));

    static final Problem PROBLEM_RECORD = new Problem(
            "https://example.org/problems/validation-failed",
            "Bad Request",
            400,
            "The request is not valid",
            "urn:uuid:" + REQUEST_ID,
            "VALIDATION_FAILED",
            REQUEST_ID,
            List.of(
                    new ProblemDetail("must not be blank", "#/customer", "NOT_BLANK"),
                    new ProblemDetail("must not be null", "#/items/1/sku", "NOT_NULL"),
                    new ProblemDetail("must be positive", "#/items/2/price/cents", "POSITIVE")));

    private Bodies() {}

    record Data(Orders.Order data) {}

    record Error(ErrorBody error) {}

    record ErrorBody(String code, String message, List<ErrorDetail> details, String requestId) {}

    record ErrorDetail(String field, String message, String code) {}

    record Problem(
            String type,
            String title,
            int status,
            String detail,
            String instance,
            String code,
            String requestId,
            List<ProblemDetail> errors) {}

    record ProblemDetail(String detail, String pointer, String code) {}

    /** {@return the error as maps, made anew} */
    static Map<String, Object> errorMap() {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("code", ERROR_RECORD.error().code());
        error.put("message", ERROR_RECORD.error().message());
        error.put(
                "details",
                ERROR_RECORD.error().details().stream()
                        .map(detail -> {
                            Map<String, Object> map = new LinkedHashMap<>();
                            map.put("field", detail.field());
                            map.put("message", detail.message());
                            map.put("code", detail.code());
                            return map;
                        })
                        .toList());
        error.put("requestId", ERROR_RECORD.error().requestId());
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error", error);
        return body;
    }

    /** {@return the problem as maps, made anew} */
    static Map<String, Object> problemMap() {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", PROBLEM_RECORD.type());
        problem.put("title", PROBLEM_RECORD.title());
        problem.put("status", PROBLEM_RECORD.status());
        problem.put("detail", PROBLEM_RECORD.detail());
        problem.put("instance", PROBLEM_RECORD.instance());
        problem.put("code", PROBLEM_RECORD.code());
        problem.put("requestId", PROBLEM_RECORD.requestId());
        problem.put(
                "errors",
                PROBLEM_RECORD.errors().stream()
                        .map(detail -> {
                            Map<String, Object> map = new LinkedHashMap<>();
                            map.put("detail", detail.detail());
                            map.put("pointer", detail.pointer());
                            map.put("code", detail.code());
                            return map;
                        })
                        .toList());
        return problem;
    }
}
