package dev.underpin.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What a result costs in bytes, exactly. Every outcome is stored where the compiler must assume that others read it, so
 * nothing is saved by escape analysis: these are upper bounds that hold however a call is inlined.
 */
class AllocationTest {
    private static final int ROUNDS = 20;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** A header of 12 bytes and one reference. */
    private static final long RESULT = 16;

    @SuppressWarnings({"unused", "FieldCanBeLocal"})
    private static volatile Object sink;

    // Constants, so that no lambda captures anything: a capturing one is an allocation of the caller's.
    private static final Result<String, String> OK = Result.ok("value");
    private static final Result<String, String> ERR = Result.err("reason");

    @BeforeAll
    static void needCompressedReferences() {
        assumeTrue(THREADS.isThreadAllocatedMemoryEnabled(), "this JVM does not count allocated bytes");
        HotSpotDiagnosticMXBean options = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        assumeTrue(
                options != null
                        && Boolean.parseBoolean(
                                options.getVMOption("UseCompressedOops").getValue())
                        && Boolean.parseBoolean(options.getVMOption("UseCompressedClassPointers")
                                .getValue()),
                "sizes are those of compressed references");
    }

    @Test
    void measure_knownObject_isExact() {
        assertThat(bytesOf(() -> new byte[100])).isEqualTo(120);
        assertThat(bytesOf(() -> "constant")).isZero();
    }

    @Test
    void ok_value_is16Bytes() {
        assertThat(bytesOf(() -> Result.ok("value"))).isEqualTo(RESULT);
    }

    @Test
    void ok_unit_isFree() {
        assertThat(bytesOf(Result::ok)).isZero();
    }

    @Test
    void err_reason_is16Bytes() {
        assertThat(bytesOf(() -> Result.err("reason"))).isEqualTo(RESULT);
    }

    @Test
    void map_ok_isOneResult() {
        assertThat(bytesOf(() -> OK.map(AllocationTest::mapped))).isEqualTo(RESULT);
    }

    @Test
    void mapError_err_isOneResult() {
        assertThat(bytesOf(() -> ERR.mapError(AllocationTest::mapped))).isEqualTo(RESULT);
    }

    @Test
    void mapAndFlatMap_err_areFree() {
        assertThat(bytesOf(() -> ERR.map(AllocationTest::mapped))).isZero();
        assertThat(bytesOf(() -> ERR.flatMap(value -> OK))).isZero();
    }

    @Test
    void flatMap_ok_isFreeBesidesWhatTheFunctionMakes() {
        assertThat(bytesOf(() -> OK.flatMap(value -> ERR))).isZero();
    }

    @Test
    void mapErrorAndRecoverWith_ok_areFree() {
        assertThat(bytesOf(() -> OK.mapError(AllocationTest::mapped))).isZero();
        assertThat(bytesOf(() -> OK.recoverWith(reason -> ERR))).isZero();
    }

    @Test
    void widen_either_isFree() {
        assertThat(bytesOf(() -> Result.<Object, Object>widen(OK))).isZero();
        assertThat(bytesOf(() -> Result.<Object, Object>widen(ERR))).isZero();
    }

    @Test
    void leaving_either_isFree() {
        for (Result<String, String> result : List.of(OK, ERR)) {
            assertThat(bytesOf(() -> result.fold(value -> "ok", reason -> "err")))
                    .isZero();
            assertThat(bytesOf(() -> result.recover(AllocationTest::mapped))).isZero();
            assertThat(bytesOf(() -> result.orElse("other"))).isZero();
            assertThat(bytesOf(() -> result instanceof Result.Ok<String, String> some ? some.value() : "err"))
                    .isZero();
        }
    }

    @Test
    void observing_either_isFree() {
        for (Result<String, String> result : List.of(OK, ERR)) {
            assertThat(bytesOf(() -> result.onOk(value -> {}).onErr(reason -> {})))
                    .isZero();
            assertThat(bytesOf(() -> result.filter(value -> true, AllocationTest::mapped)))
                    .isZero();
        }
    }

    /** Exactly the list a loop would fill: no growing, no copy. */
    @Test
    void traverse_thousand_isAPresizedListItsViewAndOneResult() {
        int size = 1_000;
        var items = new Items(size, new Countdown());
        long list = bytesOf(() -> new ArrayList<>(size));
        List<String> empty = new ArrayList<>();
        long view = bytesOf(() -> Collections.unmodifiableList(empty));

        assertThat(list).isEqualTo(24 + 16 + 4 * size);
        assertThat(view).isEqualTo(24);
        assertThat(bytesOf(50, () -> Result.traverse(items, item -> OK))).isEqualTo(list + view + RESULT);
        assertThat(bytesOf(50, () -> Result.traverseAll(items, item -> OK))).isEqualTo(list + view + RESULT);
    }

    private static long bytesOf(Supplier<?> operation) {
        return bytesOf(2_000, operation);
    }

    /** {@return the bytes one call allocates}; the least of many rounds, since the JVM may allocate beside a round. */
    private static long bytesOf(int operations, Supplier<?> operation) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < operations; i++) {
                sink = operation.get();
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least % operations).as("bytes that belong to no single call").isZero();
        return least / operations;
    }

    private static String mapped(Object any) {
        return "mapped";
    }

    /** A collection whose iterator is made once, so that only what {@code traverse} itself allocates is counted. */
    private static final class Items extends AbstractCollection<String> {
        private final int size;
        private final Countdown iterator;

        Items(int size, Countdown iterator) {
            this.size = size;
            this.iterator = iterator;
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public Iterator<String> iterator() {
            iterator.left = size;
            return iterator;
        }
    }

    private static final class Countdown implements Iterator<String> {
        private int left;

        @Override
        public boolean hasNext() {
            return left > 0;
        }

        @Override
        public String next() {
            left--;
            return "item";
        }
    }
}
