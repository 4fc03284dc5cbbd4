package dev.underpin.idempotency;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Bytes, which a loaded machine changes less than times: those are left to benchmarks. */
class AllocationTest {
    private static final int CALLS = 1_000;

    @SuppressWarnings("unused") // keeps what a call makes from being optimised away
    private Object last = "";

    @Test
    void ofJson_namesOutOfOrder_costsAtMostThreeTimesTheBody() {
        String item =
                ", {\"sku\": \"9f8e7d6c\", \"quantity\": 2, \"price\": 19.50, \"currency\": \"EUR\", \"taxable\": true}";
        byte[] body = ("{\"items\": [{}" + item.repeat(11) + "], \"customer\": \"c-17\"}").getBytes(UTF_8);
        assertThat(body).hasSizeBetween(1_000, 1_050);

        assertThat(bytesPerCall(body)).isLessThanOrEqualTo(3L * body.length);
    }

    private long bytesPerCall(byte[] body) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 10; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                last = Fingerprint.ofJson(body);
            }
            least = Math.min(least, (threads.getCurrentThreadAllocatedBytes() - before) / CALLS);
        }
        return least;
    }
}
