package dev.underpin.errors.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.MDC;

@Timeout(60)
class RequestContextThreadsTest {
    private final ExecutorService pool = Executors.newSingleThreadExecutor();

    @BeforeEach
    void clean() {
        MDC.clear();
    }

    @AfterEach
    void stop() throws InterruptedException {
        pool.shutdownNow();
        assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        MDC.clear();
    }

    private static RequestContext open(String id) {
        return RequestContext.open(name -> name.equals("X-Request-Id") ? id : null);
    }

    private Map<String, String> mdcOfThePool() throws Exception {
        return pool.submit(MDC::getCopyOfContextMap).get();
    }

    @Nested
    class Scopes {
        @Test
        void close_nested_restoresTheOuterValue() {
            MDC.put("requestId", "before");
            try (RequestContext outer = open("outer")) {
                try (RequestContext inner = open("inner")) {
                    inner.put("user", "ann");
                    assertThat(MDC.get("requestId")).isEqualTo("inner");
                }
                assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("requestId", outer.requestId()));
            }
            assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("requestId", "before"));
        }

        @Test
        void close_afterAnException_restoresTheOuterValue() {
            assertThatThrownBy(() -> {
                        try (RequestContext context = open("a")) {
                            throw new IllegalStateException(context.requestId());
                        }
                    })
                    .hasMessage("a");

            assertThat(MDC.get("requestId")).isNull();
        }

        @Test
        void close_again_doesNothing() {
            RequestContext context = open("a");
            context.close();
            MDC.put("requestId", "later");

            context.close();

            assertThat(MDC.get("requestId")).isEqualTo("later");
        }

        @Test
        void close_onAnotherThread_leavesBothThreadsAsTheyAre() throws Exception {
            RequestContext context = open("a");

            pool.submit(() -> {
                        MDC.put("requestId", "of the pool");
                        context.close();
                    })
                    .get();

            assertThat(MDC.get("requestId")).isEqualTo("a");
            assertThat(mdcOfThePool()).isEqualTo(Map.of("requestId", "of the pool"));
            context.close();
            assertThat(MDC.get("requestId")).isNull();
        }

        @Test
        void put_onAnotherThread_isRejected() {
            try (RequestContext context = open("a")) {
                assertThatThrownBy(() ->
                                pool.submit(() -> context.put("user", "ann")).get())
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(IllegalStateException.class);
            }
        }
    }

    @Nested
    class Wrapping {
        @Test
        void wrap_taskOnAPoolThread_seesTheContextAndTheCallersMdcOnly() throws Exception {
            pool.submit(() -> {
                        MDC.put("requestId", "leftover");
                        MDC.put("user", "leftover");
                        MDC.put("job", "leftover");
                    })
                    .get();
            MDC.put("callerKey", "c");
            var seen = new AtomicReference<Map<String, String>>();
            try (RequestContext context = open("a")) {
                context.put("tenant", "t");

                pool.submit(context.wrap(() -> seen.set(MDC.getCopyOfContextMap())))
                        .get();
            }

            assertThat(seen.get()).isEqualTo(Map.of("requestId", "a", "tenant", "t", "callerKey", "c"));
            assertThat(mdcOfThePool())
                    .isEqualTo(Map.of("requestId", "leftover", "user", "leftover", "job", "leftover"));
        }

        @Test
        void wrap_threadWithoutMdc_hasNoneAfterwards() throws Exception {
            try (RequestContext context = open("a")) {
                pool.submit(context.wrap(() -> MDC.put("left", "behind"))).get();
            }

            assertThat(mdcOfThePool()).isIn(null, Map.of());
        }

        @Test
        void wrap_taskThrows_restoresTheThread() throws Exception {
            pool.submit(() -> MDC.put("job", "7")).get();
            try (RequestContext context = open("a")) {
                Runnable failing = context.wrap(() -> {
                    throw new IllegalStateException("task");
                });

                assertThatThrownBy(() -> pool.submit(failing).get()).hasRootCauseMessage("task");
            }

            assertThat(mdcOfThePool()).isEqualTo(Map.of("job", "7"));
        }

        @Test
        void wrap_valuesPutLater_areNotInTheTask() throws Exception {
            var seen = new AtomicReference<Map<String, String>>();
            try (RequestContext context = open("a")) {
                Runnable task = context.wrap(() -> seen.set(MDC.getCopyOfContextMap()));
                context.put("user", "ann");

                pool.submit(task).get();
            }

            assertThat(seen.get()).isEqualTo(Map.of("requestId", "a"));
        }

        @Test
        void wrap_afterClose_stillCarriesTheContext() throws Exception {
            var seen = new AtomicReference<String>();
            RequestContext context = open("a");
            context.close();

            pool.submit(context.wrap(() -> seen.set(MDC.get("requestId")))).get();

            assertThat(seen.get()).isEqualTo("a");
        }

        @Test
        void wrap_fromATaskOfItsOwn_isCarriedOn() throws Exception {
            var seen = new AtomicReference<Map<String, String>>();
            try (RequestContext context = open("a")) {
                pool.submit(context.wrap(() -> {
                            MDC.put("step", "1");
                            context.wrap(() -> seen.set(MDC.getCopyOfContextMap()))
                                    .run();
                        }))
                        .get();
            }

            assertThat(seen.get()).isEqualTo(Map.of("requestId", "a", "step", "1"));
        }

        @Test
        void wrap_taskThatRunsOnTheCallersThread_leavesItsMdc() {
            try (RequestContext context = open("a")) {
                context.wrap(() -> MDC.put("inner", "1")).run();

                assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("requestId", "a"));
            }
        }

        @Test
        void wrap_executor_carriesTheContextIntoStages() throws Exception {
            try (RequestContext context = open("a")) {
                CompletableFuture<String> stage = CompletableFuture.supplyAsync(
                                () -> MDC.get("requestId"), context.wrap(pool))
                        .thenApplyAsync(id -> id + '+' + MDC.get("requestId"), context.wrap(pool));

                assertThat(stage.get()).isEqualTo("a+a");
            }
            assertThat(mdcOfThePool()).isIn(null, Map.of());
        }
    }

    @Nested
    class ManyThreads {
        @Test
        void open_onManyPlatformThreads_neverBleeds() throws Exception {
            List<Thread> threads = new ArrayList<>();
            Queue<String> bled = new ConcurrentLinkedQueue<>();
            var together = new CyclicBarrier(16);
            for (int i = 0; i < 16; i++) {
                threads.add(new Thread(() -> useManyTimes(together, bled)));
            }

            startAndJoin(threads);

            assertThat(bled).isEmpty();
        }

        private void useManyTimes(CyclicBarrier together, Queue<String> bled) {
            try {
                together.await();
                for (int i = 0; i < 200; i++) {
                    use(Thread.currentThread().getId() + "-" + i, bled);
                }
            } catch (Exception e) {
                bled.add(e.toString());
            }
        }

        @Test
        void open_onAThousandVirtualThreads_neverBleeds() throws Exception {
            assumeTrue(VirtualThreads.available(), "virtual threads need JDK " + VirtualThreads.SINCE);
            List<Thread> threads = new ArrayList<>();
            Queue<String> bled = new ConcurrentLinkedQueue<>();
            var open = new CountDownLatch(1_000);
            for (int i = 0; i < 1_000; i++) {
                String id = "virtual-" + i;
                threads.add(VirtualThreads.unstarted(() -> {
                    try (RequestContext context = open(id)) {
                        open.countDown();
                        open.await(); // all of them hold a context at the same time
                        check(context.requestId(), bled);
                    } catch (InterruptedException e) {
                        bled.add(e.toString());
                    }
                }));
            }

            startAndJoin(threads);

            assertThat(bled).isEmpty();
        }

        @Test
        void wrap_onVirtualThreads_carriesTheContextOfEachCaller() throws Exception {
            assumeTrue(VirtualThreads.available(), "virtual threads need JDK " + VirtualThreads.SINCE);
            List<Thread> threads = new ArrayList<>();
            Queue<String> bled = new ConcurrentLinkedQueue<>();
            for (int i = 0; i < 1_000; i++) {
                try (RequestContext context = open("caller-" + i)) {
                    threads.add(VirtualThreads.unstarted(context.wrap(() -> check(context.requestId(), bled))));
                }
            }

            startAndJoin(threads);

            assertThat(bled).isEmpty();
        }

        private void use(String id, Queue<String> bled) {
            try (RequestContext context = open(id)) {
                context.put("user", id);
                check(id, bled);
                check(MDC.get("user"), bled);
            }
            if (MDC.get("requestId") != null) {
                bled.add("left behind: " + id);
            }
        }

        private void check(String id, Queue<String> bled) {
            if (!id.equals(MDC.get("requestId"))) {
                bled.add(id + " saw " + MDC.get("requestId"));
            }
        }

        private void startAndJoin(List<Thread> threads) throws InterruptedException {
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }
}
