package dev.underpin.errors;

import dev.underpin.errors.internal.Fields;
import dev.underpin.result.Detail;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The error envelope. Its fields and their order are a published format: see {@code docs/formats/envelope.md}. */
final class ErrorTree {
    private ErrorTree() {}

    static Fields of(Shown shown, @Nullable String docs, Params params) {
        String code = shown.code().name();
        Fields error = new Fields(4);
        error.add("code", code);
        error.add("message", Text.bounded(shown.message()));
        error.add("details", details(shown.details(), params));
        if (shown.truncated()) {
            error.add("truncated", true);
        }
        error.add("requestId", shown.requestId());
        if (shown.retryable()) {
            error.add("retryable", true);
        }
        if (shown.retryAfterSeconds() >= 0) {
            error.add("retryAfterSeconds", shown.retryAfterSeconds());
        }
        if (docs != null) {
            error.add("docUrl", docs + Text.kebab(code));
        }
        return new Fields(1).add("error", error);
    }

    private static List<?> details(List<Detail> details, Params params) {
        if (details.isEmpty()) {
            return List.of();
        }
        Fields[] all = new Fields[details.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = detail(details.get(i), params);
        }
        return Arrays.asList(all);
    }

    private static Fields detail(Detail detail, Params params) {
        String in = detail.in();
        Fields plain = params.of(detail);
        Fields fields = new Fields(in == null && plain == null ? 3 : 5);
        fields.add("field", Text.bounded(detail.field()));
        fields.add("message", Text.bounded(detail.message()));
        fields.add("code", Text.bounded(detail.code()));
        if (in != null) {
            fields.add("in", Text.bounded(in));
        }
        if (plain != null) {
            fields.add("params", plain);
        }
        return fields;
    }
}
