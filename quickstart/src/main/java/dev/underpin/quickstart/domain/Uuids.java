package dev.underpin.quickstart.domain;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads the ids that clients send. */
final class Uuids {
    static final ErrorCode ID_MALFORMED = ErrorCode.of(ErrorKind.VALIDATION, "ID_MALFORMED", "must be a UUID");

    private static final int LENGTH = 36;

    private Uuids() {}

    static Result<UUID, DomainError> parse(@Nullable String raw) {
        return Required.given(raw).flatMap(Uuids::strict);
    }

    /** The JDK also reads "1-1-1-1-1"; only the usual form is an id, in capitals too, as RFC 9562 asks. */
    private static Result<UUID, DomainError> strict(String raw) {
        if (raw.length() == LENGTH) {
            try {
                UUID id = UUID.fromString(raw);
                if (id.toString().equalsIgnoreCase(raw)) {
                    return Result.ok(id);
                }
            } catch (IllegalArgumentException e) {
                return Result.err(ID_MALFORMED.error());
            }
        }
        return Result.err(ID_MALFORMED.error());
    }
}
