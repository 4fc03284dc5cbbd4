package dev.underpin.quickstart;

import dev.underpin.quickstart.application.Products;
import dev.underpin.quickstart.application.Store;
import dev.underpin.quickstart.domain.Product;
import dev.underpin.quickstart.domain.Sku;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** For the demo: the way from the cache to the products in the database, which can be held up or cut; and its time. */
final class ProductFaults {
    private static final long MAX_HELD_SECONDS = 10;

    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicLong aheadNanos = new AtomicLong();
    private volatile @Nullable Products products;
    private volatile boolean isCut;
    private volatile CountDownLatch held = new CountDownLatch(0);

    /** {@return the products of a store, by this way} */
    Products over(Store store) {
        Function<Sku, Result<Product, DomainError>> found = Products.in(store);
        products = new Products(sku -> find(sku, found), Quickstart.background(), new Clock());
        return products;
    }

    /** {@return how many have waited for the answer to another} Asked while the server may be busy with those who wait. */
    long coalesced() {
        Products opened = products;
        return opened == null ? 0 : opened.counters().coalesced();
    }

    private Result<Product, DomainError> find(Sku sku, Function<Sku, Result<Product, DomainError>> found) {
        asked.incrementAndGet();
        try {
            var unused = held.await(MAX_HELD_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return isCut ? Result.err(ErrorKind.UNAVAILABLE.code().error()) : found.apply(sku);
    }

    /** {@return how often a product was asked for} */
    int asked() {
        return asked.get();
    }

    /** Whoever asks from now on waits for the answer until {@link #release}. */
    void hold() {
        held = new CountDownLatch(1);
    }

    void release() {
        held.countDown();
    }

    /** From now on nobody gets an answer, or everybody again. */
    void cut(boolean cut) {
        isCut = cut;
    }

    /** Puts the time of the cache forward. */
    void pass(Duration time) {
        aheadNanos.addAndGet(time.toNanos());
    }

    /** The time of the machine, put forward. */
    private final class Clock implements TimeSource {
        private final TimeSource system = TimeSource.system();

        @Override
        public Instant instant() {
            return system.instant().plusNanos(aheadNanos.get());
        }

        @Override
        public long nanoTime() {
            return system.nanoTime() + aheadNanos.get();
        }

        @Override
        public void sleep(Duration duration) throws InterruptedException {
            system.sleep(duration);
        }

        @Override
        public Future<?> schedule(Duration delay, Runnable task) {
            return system.schedule(delay, task);
        }
    }
}
