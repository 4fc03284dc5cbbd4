package dev.underpin.pagination;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** One key, for signing and for encrypting. Thread-safe. */
final class CursorKey {
    static final int TAG_BYTES = 16;
    static final int SIGNATURE_BYTES = 32;
    static final int NONCE_BYTES = 12;

    private static final String HMAC = "HmacSHA256";
    private static final byte[] CONTEXT = "pgn1".getBytes(US_ASCII);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int STRIPES = 64;

    private final int id;
    private final SecretKeySpec signing;
    private final SecretKeySpec encrypting;
    /** A Mac is not thread-safe and takes longer to make than to use: those not in use wait here. */
    private final AtomicReferenceArray<Mac> idle = new AtomicReferenceArray<>(STRIPES);

    CursorKey(int id, byte[] secret) {
        this.id = id;
        // Two purposes, two keys: nothing said with one helps against the other.
        signing = new SecretKeySpec(derived(secret, "pgn1 sign"), HMAC);
        encrypting = new SecretKeySpec(derived(secret, "pgn1 encrypt"), "AES");
    }

    private static byte[] derived(byte[] secret, String purpose) {
        Mac mac = mac(new SecretKeySpec(secret, HMAC));
        return mac.doFinal(purpose.getBytes(US_ASCII));
    }

    private static Mac mac(SecretKeySpec key) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(key);
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has HmacSHA256", e);
        }
    }

    int id() {
        return id;
    }

    /**
     * Writes the {@link #SIGNATURE_BYTES} bytes of the signature, of which the first {@link #TAG_BYTES} are the tag.
     * Signed are what the signature is for, the first bytes of the cursor, and the scope, which has a fixed length.
     *
     * @param signature where it is written from an offset on; may be the array that is signed
     */
    void sign(byte[] bytes, int length, byte[] scope, byte[] signature, int offset) {
        int stripe = (int) (Thread.currentThread().getId() % STRIPES);
        Mac mac = idle.getAndSet(stripe, null);
        if (mac == null) {
            mac = mac(signing);
        }
        mac.update(CONTEXT);
        mac.update(bytes, 0, length);
        mac.update(scope);
        try {
            mac.doFinal(signature, offset);
        } catch (ShortBufferException e) {
            throw new IllegalStateException(e);
        }
        idle.setRelease(stripe, mac); // whoever takes it acquires what was done with it
    }

    /** {@return nonce, ciphertext and tag} The header and the scope are authenticated with it. */
    byte[] encrypt(byte[] header, int headerLength, byte[] scope, byte[] values) {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, nonce, 0, header, headerLength, scope);
            byte[] sealed = new byte[NONCE_BYTES + values.length + TAG_BYTES];
            System.arraycopy(nonce, 0, sealed, 0, NONCE_BYTES);
            cipher.doFinal(values, 0, values.length, sealed, NONCE_BYTES);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has AES/GCM/NoPadding", e);
        }
    }

    /** {@return the values between a header and {@code end}} */
    byte[] decrypt(byte[] bytes, int headerLength, int end, byte[] scope) throws AEADBadTagException {
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, bytes, headerLength, bytes, headerLength, scope);
            int from = headerLength + NONCE_BYTES;
            return cipher.doFinal(bytes, from, end - from);
        } catch (AEADBadTagException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has AES/GCM/NoPadding", e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce, int nonceOffset, byte[] header, int headerLength, byte[] scope)
            throws GeneralSecurityException, InvalidKeyException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, encrypting, new GCMParameterSpec(8 * TAG_BYTES, nonce, nonceOffset, NONCE_BYTES));
        cipher.updateAAD(CONTEXT);
        cipher.updateAAD(header, 0, headerLength);
        cipher.updateAAD(scope);
        return cipher;
    }
}
