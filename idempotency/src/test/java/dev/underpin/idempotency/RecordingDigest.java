package dev.underpin.idempotency;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Keeps what it is given. */
final class RecordingDigest extends MessageDigest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private RecordingDigest() {
        super("none");
    }

    /** {@return the one spelling of a body, or null if it has none} */
    static byte @Nullable [] canonical(byte[] body) {
        CanonicalJson json = CanonicalJson.of(body);
        if (json == null) {
            return null;
        }
        var digest = new RecordingDigest();
        json.addTo(digest);
        return digest.digest();
    }

    @Override
    protected void engineUpdate(byte input) {
        bytes.write(input);
    }

    @Override
    protected void engineUpdate(byte[] input, int offset, int length) {
        bytes.write(input, offset, length);
    }

    @Override
    protected byte[] engineDigest() {
        return bytes.toByteArray();
    }

    @Override
    protected void engineReset() {
        bytes.reset();
    }
}
