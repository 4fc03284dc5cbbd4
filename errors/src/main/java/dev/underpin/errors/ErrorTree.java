package dev.underpin.errors;

import dev.underpin.errors.internal.FieldName;
import dev.underpin.errors.internal.Fields;
import dev.underpin.result.Detail;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The error envelope. Its fields and their order are a published format: see {@code docs/formats/envelope.md}. */
final class ErrorTree {
    private ErrorTree() {}

    static Fields of(Shown shown, @Nullable CodeUris docs, Params params) {
        Fields error = new Fields(4);
        error.add(FieldName.CODE, shown.code().name());
        error.add(FieldName.MESSAGE, Text.bounded(shown.message()));
        error.add(FieldName.DETAILS, details(shown.details(), params));
        if (shown.truncated()) {
            error.add(FieldName.TRUNCATED, true);
        }
        error.add(FieldName.REQUEST_ID, shown.requestId());
        if (shown.retryable()) {
            error.add(FieldName.RETRYABLE, true);
        }
        if (shown.retryAfterSeconds() >= 0) {
            error.add(FieldName.RETRY_AFTER_SECONDS, shown.retryAfterSeconds());
        }
        if (docs != null) {
            error.add(FieldName.DOC_URL, docs.of(shown.code()));
        }
        return new Fields(1).add(FieldName.ERROR, error);
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
        fields.add(FieldName.FIELD, Text.bounded(detail.field()));
        fields.add(FieldName.MESSAGE, Text.bounded(detail.message()));
        fields.add(FieldName.CODE, Text.bounded(detail.code()));
        if (in != null) {
            fields.add(FieldName.IN, Text.bounded(in));
        }
        if (plain != null) {
            fields.add(FieldName.PARAMS, plain);
        }
        return fields;
    }
}
