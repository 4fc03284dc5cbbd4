package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CursorWriterTest {
    @Test
    void toBase64_anyBytes_isWhatTheJdkMakesOfThem() {
        var random = new Random(3);
        for (int length = 0; length < 400; length++) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            var out = new CursorWriter();
            out.octets(bytes);

            assertThat(out.toBase64())
                    .isEqualTo(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
            assertThat(out.toByteArray()).as("what was written").isEqualTo(bytes);
        }
    }
}
