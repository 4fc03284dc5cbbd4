package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorSealTest {
    private static final byte[] KEY = secret(1);
    private static final byte[] OTHER_KEY = secret(2);
    private static final byte[] SCOPE = scope(3);
    private static final byte[] OTHER_SCOPE = scope(4);
    private static final CursorKeys KEYS = CursorKeys.signedWith(7, KEY);
    /** Both were computed from the description of the format, by a program that shares nothing with this one. */
    private static final String GOLDEN = "AQcAAwN2YWx1ZXOAk_lioku0IH6KGW0kA1CHAug";

    private static final String GOLDEN_ENCRYPTED = "AQcEAwMAAQIDBAUGBwgJCgvG7qjAhu807qe3-SKiEiTXndTunGyphuM";

    private final MovableClock time = new MovableClock(Instant.parse("2026-01-31T08:00:30Z"));

    /* ---- what was sealed comes back ---- */

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void open_whatWasSealed_isTheSamePosition(boolean encrypted) {
        CursorSeal seal = seal(KEYS, encrypted, null);

        for (boolean backward : new boolean[] {false, true}) {
            for (boolean inclusive : new boolean[] {false, true}) {
                String cursor = seal.seal(backward, inclusive, SCOPE, out -> out.octets(bytes("values")));
                CursorSeal.Position position = seal.open(cursor, SCOPE).orElseThrow();

                assertThat(position.backward()).isEqualTo(backward);
                assertThat(position.inclusive()).isEqualTo(inclusive);
                assertThat(position.values().rest()).isEqualTo(bytes("values"));
            }
        }
    }

    /** The stored format: a cursor that a client kept must stay good. */
    @Test
    void seal_format1_isThisToken() {
        CursorSeal seal = seal(KEYS, false, null);

        assertThat(seal.seal(false, false, SCOPE, out -> out.octets(bytes("values"))))
                .isEqualTo(GOLDEN);
        assertThat(seal.open(GOLDEN, SCOPE).orElseThrow().values().rest()).isEqualTo(bytes("values"));
    }

    @Test
    void open_encryptedTokenOfFormat1_isRead() {
        CursorSeal.Position position =
                seal(KEYS, true, null).open(GOLDEN_ENCRYPTED, SCOPE).orElseThrow();

        assertThat(position.values().rest()).isEqualTo(bytes("values"));
    }

    @Test
    void seal_encrypted_showsNothingAndDiffersEachTime() {
        CursorSeal seal = seal(KEYS, true, null);

        String one = seal.seal(false, false, SCOPE, out -> out.octets(bytes("values")));

        assertThat(new String(Base64.getUrlDecoder().decode(one), StandardCharsets.ISO_8859_1))
                .doesNotContain("values");
        assertThat(seal.seal(false, false, SCOPE, out -> out.octets(bytes("values"))))
                .isNotEqualTo(one);
    }

    /* ---- nothing else is let in ---- */

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void open_anyBitFlipped_isInvalid(boolean encrypted) {
        CursorSeal seal = seal(KEYS, encrypted, Duration.ofHours(1));
        byte[] good =
                Base64.getUrlDecoder().decode(seal.seal(false, false, SCOPE, out -> out.octets(bytes("some values"))));

        for (int bit = 0; bit < 8 * good.length; bit++) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << (bit % 8));
            assertRefused(seal.open(token(bad), SCOPE), PaginationErrors.CURSOR_INVALID);
        }
    }

    /** Why the test above holds for cursors of every length: the check tells any single flipped bit. */
    @Test
    void check_anyBitFlippedInAnyLength_differs() {
        byte[] zeros = new byte[768];
        int intact = CursorSeal.check(zeros, zeros.length);
        for (int bit = 0; bit < 8 * zeros.length; bit++) {
            byte[] bad = zeros.clone();
            bad[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(CursorSeal.check(bad, bad.length)).as("bit %s", bit).isNotEqualTo(intact);
        }
    }

    @Test
    void open_shorterOrLonger_isInvalid() {
        CursorSeal seal = seal(KEYS, false, null);
        String good = seal.seal(false, false, SCOPE, out -> out.octets(bytes("some values")));

        for (int length = 0; length < good.length(); length++) {
            assertRefused(seal.open(good.substring(0, length), SCOPE), PaginationErrors.CURSOR_INVALID);
        }
        assertRefused(seal.open(good + "A", SCOPE), PaginationErrors.CURSOR_INVALID);
        assertRefused(seal.open(good + good, SCOPE), PaginationErrors.CURSOR_INVALID);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "null", "=", "==", "+", "/", " ", "\n", "\u0000", "\ud83d\ude00", "AAAA", "eyJpZCI6MX0="})
    void open_noCursorAtAll_isInvalid(String text) {
        assertRefused(seal(KEYS, false, null).open(text, SCOPE), PaginationErrors.CURSOR_INVALID);
    }

    @Test
    void open_otherSpellings_areInvalid() {
        CursorSeal seal = seal(KEYS, false, null);
        String good = seal.seal(false, false, SCOPE, out -> out.octets(bytes("some values")));

        assertThat(good.length() % 4).as("a cursor with unused bits").isNotZero();
        char last = good.charAt(good.length() - 1);
        assertRefused(
                seal.open(good.substring(0, good.length() - 1) + (char) (last + 1), SCOPE),
                PaginationErrors.CURSOR_INVALID);
        assertRefused(seal.open(good + "=", SCOPE), PaginationErrors.CURSOR_INVALID);
        assertRefused(seal.open(good + "==", SCOPE), PaginationErrors.CURSOR_INVALID);
        assertRefused(seal.open(' ' + good, SCOPE), PaginationErrors.CURSOR_INVALID);
        assertRefused(seal.open(good + '\n', SCOPE), PaginationErrors.CURSOR_INVALID);
    }

    @Test
    void open_everyOtherLastCharacter_isInvalid() {
        CursorSeal seal = seal(KEYS, false, null);
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        for (String values : List.of("v", "va", "val")) {
            String good = seal.seal(false, false, SCOPE, out -> out.octets(bytes(values)));
            String start = good.substring(0, good.length() - 1);
            for (int i = 0; i < alphabet.length(); i++) {
                char c = alphabet.charAt(i);
                assertThat(seal.open(start + c, SCOPE).isOk()).as(start + c).isEqualTo(good.equals(start + c));
            }
        }
    }

    @Test
    void open_megabyte_isInvalid() {
        assertRefused(seal(KEYS, false, null).open("A".repeat(1 << 20), SCOPE), PaginationErrors.CURSOR_INVALID);
    }

    @Test
    void open_otherVersion_isInvalid() {
        CursorSeal seal = seal(KEYS, false, null);
        byte[] good = Base64.getUrlDecoder().decode(seal.seal(false, false, SCOPE, out -> {}));
        for (int version = 0; version < 256; version++) {
            byte[] other = good.clone();
            other[0] = (byte) version;
            byte[] checked = withCheck(other);
            if (version != 1) {
                assertRefused(seal.open(token(checked), SCOPE), PaginationErrors.CURSOR_INVALID);
            }
        }
    }

    @Test
    void open_otherScope_isAMismatch() {
        for (boolean encrypted : new boolean[] {false, true}) {
            CursorSeal seal = seal(KEYS, encrypted, null);
            String cursor = seal.seal(false, false, SCOPE, out -> out.octets(bytes("values")));

            assertRefused(seal.open(cursor, OTHER_SCOPE), PaginationErrors.CURSOR_MISMATCH);
        }
    }

    @Test
    void open_otherScopeWhoseMarkIsTheSame_isInvalid() {
        byte[] alike = OTHER_SCOPE.clone();
        System.arraycopy(SCOPE, 0, alike, 0, 2);
        CursorSeal seal = seal(KEYS, false, null);
        String cursor = seal.seal(false, false, SCOPE, out -> out.octets(bytes("values")));

        assertRefused(seal.open(cursor, alike), PaginationErrors.CURSOR_INVALID);
    }

    @Test
    void open_signedByAnotherKeyOfTheSameId_isInvalid() {
        String cursor = seal(CursorKeys.signedWith(7, OTHER_KEY), false, null)
                .seal(false, false, SCOPE, out -> out.octets(bytes("values")));

        assertRefused(seal(KEYS, false, null).open(cursor, SCOPE), PaginationErrors.CURSOR_INVALID);
    }

    @Test
    void open_readableWhereEncryptedIsMeant_isInvalid() {
        String readable = seal(KEYS, false, null).seal(false, false, SCOPE, out -> out.octets(bytes("values")));
        String encrypted = seal(KEYS, true, null).seal(false, false, SCOPE, out -> out.octets(bytes("values")));

        assertRefused(seal(KEYS, true, null).open(readable, SCOPE), PaginationErrors.CURSOR_INVALID);
        assertRefused(seal(KEYS, false, null).open(encrypted, SCOPE), PaginationErrors.CURSOR_INVALID);
    }

    /* ---- keys ---- */

    @Test
    void open_byRotatedKeys_followsTheRing() {
        CursorSeal old = seal(KEYS, false, null);
        String cursor = old.seal(false, false, SCOPE, out -> out.octets(bytes("values")));

        CursorKeys rotated = CursorKeys.signedWith(8, OTHER_KEY);

        assertThat(seal(rotated.accepting(7, KEY), false, null)
                        .open(cursor, SCOPE)
                        .isOk())
                .isTrue();
        assertRefused(seal(rotated.retired(7), false, null).open(cursor, SCOPE), PaginationErrors.CURSOR_EXPIRED);
        assertRefused(seal(rotated, false, null).open(cursor, SCOPE), PaginationErrors.CURSOR_INVALID);
    }

    @Test
    void seal_whileKeysChange_usesThoseOfNow() {
        CursorKeys[] now = {KEYS};
        CursorSeal seal = new CursorSeal(() -> now[0], false, null, time);
        String before = seal.seal(false, false, SCOPE, out -> {});

        now[0] = CursorKeys.signedWith(8, OTHER_KEY).accepting(7, KEY);
        String after = seal.seal(false, false, SCOPE, out -> {});

        assertThat(Base64.getUrlDecoder().decode(after)[1]).isEqualTo((byte) 8);
        assertThat(seal.open(before, SCOPE).isOk()).isTrue();
        assertThat(seal.open(after, SCOPE).isOk()).isTrue();
    }

    /* ---- time ---- */

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void open_olderThanItsTime_isExpired(boolean encrypted) {
        CursorSeal seal = seal(KEYS, encrypted, Duration.ofMinutes(10));
        String cursor = seal.seal(false, false, SCOPE, out -> out.octets(bytes("values")));

        time.advance(Duration.ofMinutes(10));
        assertThat(seal.open(cursor, SCOPE).isOk()).as("at its age").isTrue();

        time.advance(Duration.ofMillis(29_999));
        assertThat(seal.open(cursor, SCOPE).isOk())
                .as("just before the next minute")
                .isTrue();

        time.advance(Duration.ofMillis(1));
        assertRefused(seal.open(cursor, SCOPE), PaginationErrors.CURSOR_EXPIRED);
    }

    @Test
    void open_withoutTime_neverExpires() {
        CursorSeal seal = seal(KEYS, false, null);
        String cursor = seal.seal(false, false, SCOPE, out -> out.octets(bytes("values")));

        time.advance(Duration.ofDays(10_000));

        assertThat(seal.open(cursor, SCOPE).isOk()).isTrue();
    }

    /* ---- limits ---- */

    @Test
    void seal_valuesTooLong_saysWhatToDo() {
        CursorSeal seal = seal(KEYS, false, null);

        assertThatThrownBy(() -> seal.seal(false, false, SCOPE, out -> out.octets(new byte[800])))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("too long for a cursor")
                .hasMessageContaining("1024");
    }

    @Test
    void seal_byManyThreads_isAlwaysRight() throws Exception {
        CursorSeal seal = seal(KEYS, false, null);
        String expected = seal.seal(false, false, SCOPE, out -> out.octets(bytes("values")));
        int threads = 64;
        var together = new CountDownLatch(threads);
        Callable<Boolean> work = () -> {
            together.countDown();
            together.await();
            return IntStream.range(0, 200)
                    .allMatch(i -> seal.seal(false, false, SCOPE, out -> out.octets(bytes("values")))
                                    .equals(expected)
                            && seal.open(expected, SCOPE).isOk());
        };
        var executor = Executors.newFixedThreadPool(threads);
        try {
            for (var result : executor.invokeAll(Collections.nCopies(threads, work))) {
                assertThat(result.get()).isTrue();
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private CursorSeal seal(CursorKeys keys, boolean encrypted, @Nullable Duration ttl) {
        return new CursorSeal(() -> keys, encrypted, ttl, time);
    }

    private static void assertRefused(Result<?, DomainError> result, ErrorCode code) {
        assertThat(result).isInstanceOfSatisfying(Result.Err.class, err -> {
            DomainError error = (DomainError) err.error();
            assertThat(error.code()).isEqualTo(code);
            assertThat(error.args()).isEmpty();
        });
    }

    private static byte[] withCheck(byte[] bytes) {
        int check = CursorSeal.check(bytes, bytes.length - 2);
        bytes[bytes.length - 2] = (byte) (check >>> 8);
        bytes[bytes.length - 1] = (byte) check;
        return bytes;
    }

    private static String token(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte[] secret(int fill) {
        byte[] secret = new byte[32];
        Arrays.fill(secret, (byte) fill);
        return secret;
    }

    private static byte[] scope(int fill) {
        byte[] scope = new byte[CursorSeal.SCOPE_BYTES];
        Arrays.fill(scope, (byte) fill);
        return scope;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
