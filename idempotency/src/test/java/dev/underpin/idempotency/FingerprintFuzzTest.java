package dev.underpin.idempotency;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a body. Fuzzed by the profile {@code fuzz}; other builds repeat the seeds. */
class FingerprintFuzzTest {
    static Stream<Arguments> bodies() {
        return Stream.of(
                        "{\"a\":[1.50,-0,1e-7,true,false,null],\"\\u00e9\":\"\\n\\ud83d\\ude00\"}",
                        "[[[[{}]]]]",
                        "{\"a\":1,\"a\":2}",
                        "\"\\ud800\"",
                        "1e99999999999999999",
                        "[1,]",
                        "")
                .map(body -> Arguments.of((Object) body.getBytes(UTF_8)));
    }

    /** One spelling says what it says, and any space around it changes nothing. */
    @MethodSource("bodies")
    @FuzzTest
    void ofJson_anyBytes_haveOneSpellingOrNone(byte @NotNull [] body) {
        byte[] canonical = RecordingDigest.canonical(body);
        Fingerprint fingerprint = Fingerprint.ofJson(body);
        if (canonical == null) {
            assertThat(fingerprint).isEqualTo(Fingerprint.ofBytes(body));
            return;
        }
        assertThat(RecordingDigest.canonical(canonical)).isEqualTo(canonical);
        assertThat(Fingerprint.ofJson((new String(body, UTF_8) + ' ').getBytes(UTF_8)))
                .isEqualTo(fingerprint);
    }
}
