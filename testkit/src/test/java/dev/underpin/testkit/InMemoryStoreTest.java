package dev.underpin.testkit;

import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.testkit.contract.IdempotencyStoreContract;
import java.time.Duration;

/** The example of the README, which is a test of the store of {@code idempotency} as well. */
class InMemoryStoreTest extends IdempotencyStoreContract {
    private final VirtualTime time = new VirtualTime();

    @Override
    protected IdempotencyStore store() {
        return IdempotencyStore.inMemory(5_000, time);
    }

    @Override
    protected void pass(Duration by) {
        time.advance(by);
    }
}
