package dev.underpin.errors;

import dev.underpin.errors.internal.FieldName;
import dev.underpin.errors.internal.Fields;
import dev.underpin.result.Detail;
import dev.underpin.result.ErrorKind;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Problem details (RFC 9457). Their members and order are a published format: see {@code docs/formats/envelope.md}. */
final class ProblemTree {
    private static final String BLANK = "about:blank";
    private static final int HEX_DIGITS = 32;
    private static final int UUID_LENGTH = 36;

    private ProblemTree() {}

    static Fields of(Shown shown, @Nullable CodeUris types, Params params) {
        Fields problem = new Fields(8);
        problem.add(FieldName.TYPE, types == null ? BLANK : types.of(shown.code()));
        problem.add(FieldName.TITLE, title(shown.status(), shown.code().kind()));
        problem.add(FieldName.STATUS, shown.status());
        problem.add(FieldName.DETAIL, Text.bounded(shown.message()));
        String instance = instance(shown.requestId());
        if (instance != null) {
            problem.add(FieldName.INSTANCE, instance);
        }
        problem.add(FieldName.CODE, shown.code().name());
        problem.add(FieldName.REQUEST_ID, shown.requestId());
        if (shown.retryable()) {
            problem.add(FieldName.RETRYABLE, true);
        }
        if (shown.retryAfterSeconds() >= 0) {
            problem.add(FieldName.RETRY_AFTER_SECONDS, shown.retryAfterSeconds());
        }
        if (!shown.details().isEmpty()) {
            problem.add(FieldName.ERRORS, errors(shown.details(), params));
        }
        if (shown.truncated()) {
            problem.add(FieldName.TRUNCATED, true);
        }
        return problem;
    }

    private static List<?> errors(List<Detail> details, Params params) {
        Fields[] all = new Fields[details.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = error(details.get(i), params);
        }
        return Arrays.asList(all);
    }

    private static Fields error(Detail detail, Params params) {
        String field = Text.bounded(detail.field());
        String in = detail.in();
        Fields plain = params.of(detail);
        Fields error = new Fields(in == null && plain == null ? 3 : 5);
        error.add(FieldName.DETAIL, Text.bounded(detail.message()));
        if (in == null || in.equals("body")) {
            error.add(FieldName.POINTER, JsonPointer.of(field));
        } else {
            error.add(FieldName.PARAMETER, field).add(FieldName.IN, Text.bounded(in));
        }
        error.add(FieldName.CODE, Text.bounded(detail.code()));
        if (plain != null) {
            error.add(FieldName.PARAMS, plain);
        }
        return error;
    }

    /** {@return the phrase of the status, as RFC 9457 asks; that of the kind, if the status has none} */
    private static String title(int status, ErrorKind kind) {
        String phrase = ReasonPhrase.of(status);
        return phrase.isEmpty() ? ReasonPhrase.of(Statuses.standard(kind)) : phrase;
    }

    /** {@return the request id as the URI that {@code instance} must be, if it is a UUID with or without its dashes} */
    private static @Nullable String instance(String id) {
        if (id.length() == UUID_LENGTH) {
            boolean dashed =
                    id.charAt(8) == '-' && id.charAt(13) == '-' && id.charAt(18) == '-' && id.charAt(23) == '-';
            return dashed && hexDigits(id) == HEX_DIGITS ? "urn:uuid:" + id : null;
        }
        if (id.length() == HEX_DIGITS && hexDigits(id) == HEX_DIGITS) {
            return "urn:uuid:" + id.substring(0, 8) + '-' + id.substring(8, 12) + '-' + id.substring(12, 16) + '-'
                    + id.substring(16, 20) + '-' + id.substring(20);
        }
        return null;
    }

    private static int hexDigits(String id) {
        int digits = 0;
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
                digits++;
            }
        }
        return digits;
    }
}
