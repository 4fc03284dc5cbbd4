package dev.underpin.quickstart;

import dev.underpin.pagination.CursorKeys;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where the keys that cursors are signed with come from. */
final class CursorSecrets {
    /** Not of the form. The text does not repeat it: it is a secret. */
    static final ErrorCode CURSOR_KEYS_INVALID = ErrorCode.of(
            ErrorKind.VALIDATION,
            "CURSOR_KEYS_INVALID",
            "must look like 2:secret,1:secret, each with an id of its own from 0 to 255 and at least 32 bytes in Base64");

    private static final int SECRET_BYTES = 32;

    private CursorSecrets() {}

    /**
     * {@return the keys of a text such as {@code 2:secret,1:secret}}
     *
     * @param raw first the key that signs, then those whose cursors are accepted; one without a secret is retired
     */
    static Result<CursorKeys, DomainError> parse(String raw) {
        @Nullable CursorKeys keys = null;
        try {
            for (String entry : raw.split(",", -1)) {
                int colon = entry.indexOf(':');
                int id = Integer.parseInt(entry.substring(0, Math.max(colon, 0)).strip());
                byte[] secret =
                        Base64.getDecoder().decode(entry.substring(colon + 1).strip());
                if (keys == null) {
                    keys = CursorKeys.signedWith(id, secret);
                } else {
                    keys = secret.length == 0 ? keys.retired(id) : keys.accepting(id, secret);
                }
            }
        } catch (IllegalArgumentException e) {
            return Result.err(CURSOR_KEYS_INVALID.error());
        }
        return Result.ofOptional(Optional.ofNullable(keys), CURSOR_KEYS_INVALID::error);
    }

    /** {@return a key that nobody knows; its cursors end with this process} */
    static CursorKeys random() {
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        return CursorKeys.signedWith(0, secret);
    }
}
