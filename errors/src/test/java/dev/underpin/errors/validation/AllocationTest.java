package dev.underpin.errors.validation;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Bytes, which a loaded machine does not change; times are left to the benchmarks. */
@Tag("optimized")
class AllocationTest {
    private static final int CALLS = 10_000;

    @SuppressWarnings("unused") // keeps what a call makes from being optimised away
    private Object last = "";

    record Price(@Min(1) int cents) {}

    record Item(@NotBlank String sku, @Valid Price price) {}

    record Order(@NotBlank String customer, @Valid List<Item> items) {}

    @Test
    void toError_threeViolations_costsAtMost450Bytes() {
        BeanValidation validation = BeanValidation.of(Validators.standard());
        Order order = new Order(
                "", List.of(new Item("a", new Price(0)), new Item(" ", new Price(1)), new Item("c", new Price(1))));
        Set<ConstraintViolation<Order>> violations = Validators.standard().validate(order);
        ConstraintViolationException exception = new ConstraintViolationException(violations);
        assertThat(violations).hasSize(3);

        assertThat(bytesPerCall(() -> validation.toError(exception))).isLessThanOrEqualTo(450);
    }

    private long bytesPerCall(Supplier<?> call) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 20; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                last = call.get();
            }
            least = Math.min(least, (threads.getCurrentThreadAllocatedBytes() - before) / CALLS);
        }
        return least;
    }
}
