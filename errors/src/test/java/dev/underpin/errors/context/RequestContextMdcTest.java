package dev.underpin.errors.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
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

/** Whose values are in the MDC where threads, traces and scopes mix. */
@Timeout(60)
class RequestContextMdcTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    private final ExecutorService pool = Executors.newSingleThreadExecutor();
    private final ExecutorService foreign = Executors.newSingleThreadExecutor();

    @BeforeEach
    void clean() {
        MDC.clear();
    }

    @AfterEach
    void stop() throws InterruptedException {
        pool.shutdownNow();
        foreign.shutdownNow();
        assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(foreign.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        MDC.clear();
    }

    private static RequestContext open(String id) {
        return RequestContext.open(name -> name.equals("X-Request-Id") ? id : null);
    }

    private static RequestContext openTraced(String id) {
        Map<String, String> headers = Map.of("X-Request-Id", id, "traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01");
        return RequestContext.open(headers::get);
    }

    private static Map<String, String> mdc() {
        Map<String, String> mdc = MDC.getCopyOfContextMap();
        return mdc == null ? Map.of() : mdc;
    }

    @Nested
    class Stages {
        @Test
        void wrap_stageCompletedByAThreadOfSomebodyElse_hasNothingOfThatThread() throws Exception {
            var trigger = new CompletableFuture<String>();
            CompletableFuture<Map<String, String>> stage;
            MDC.put("node", "n1");
            try (RequestContext context = open("a")) {
                context.put("tenant", "t1");
                stage = trigger.thenApplyAsync(value -> mdc(), context.wrap(pool));
            }

            foreign.submit(() -> {
                        MDC.put("requestId", "of the other");
                        MDC.put("tenant", "t2");
                        MDC.put("user", "mallory");
                        trigger.complete("now");
                    })
                    .get();

            assertThat(stage.get()).isEqualTo(Map.of("requestId", "a", "tenant", "t1", "node", "n1"));
        }

        @Test
        void wrap_valuePutBeforeATaskIsHandedIn_isInThatTask() throws Exception {
            var seen = new AtomicReference<Map<String, String>>();
            try (RequestContext context = open("a")) {
                Executor wrapped = context.wrap(pool);
                context.put("user", "ann");

                wrapped.execute(() -> seen.set(mdc()));
                pool.submit(() -> {}).get();
            }

            assertThat(seen.get()).isEqualTo(Map.of("requestId", "a", "user", "ann"));
        }

        @Test
        void wrap_callersMdcChangesLater_isTheOneOfTheCall() throws Exception {
            List<Map<String, String>> seen = new ArrayList<>();
            MDC.put("step", "1");
            try (RequestContext context = open("a")) {
                Executor wrapped = context.wrap(pool);
                MDC.put("step", "2");

                wrapped.execute(() -> {
                    seen.add(mdc());
                    MDC.put("step", "3");
                });
                wrapped.execute(() -> seen.add(mdc()));
                pool.submit(() -> {}).get();
            }

            var expected = Map.of("requestId", "a", "step", "1");
            assertThat(seen).containsExactly(expected, expected);
        }

        @Test
        void wrap_nullTask_isRejectedWhereItIsHandedIn() {
            try (RequestContext context = open("a")) {
                Executor wrapped = context.wrap(pool);

                assertThatNullPointerException()
                        .isThrownBy(() -> wrapped.execute(null))
                        .withMessage("task");
            }
        }
    }

    @Nested
    class Traces {
        @Test
        void open_withoutTraceOnAThreadThatHasOne_hidesItUntilClosed() {
            MDC.put("traceId", "stale");
            try (RequestContext context = open("a")) {
                assertThat(context.traceId()).isEmpty();
                assertThat(mdc()).isEqualTo(Map.of("requestId", "a"));
            }
            assertThat(mdc()).isEqualTo(Map.of("traceId", "stale"));
        }

        @Test
        void open_nestedWithAndWithoutTrace_showsThatOfTheInnermost() {
            MDC.put("traceId", "stale");
            try (RequestContext traced = openTraced("a")) {
                try (RequestContext untraced = open("b")) {
                    assertThat(untraced.traceId()).isEmpty();
                    assertThat(mdc()).isEqualTo(Map.of("requestId", "b"));
                    try (RequestContext again = openTraced("c")) {
                        assertThat(mdc()).isEqualTo(Map.of("requestId", again.requestId(), "traceId", TRACE));
                    }
                    assertThat(mdc()).isEqualTo(Map.of("requestId", "b"));
                }
                assertThat(mdc()).isEqualTo(Map.of("requestId", traced.requestId(), "traceId", TRACE));
            }
            assertThat(mdc()).isEqualTo(Map.of("traceId", "stale"));
        }

        @Test
        void wrap_withoutTrace_carriesNoneOfTheThread() throws Exception {
            var task = new AtomicReference<Map<String, String>>();
            var executed = new AtomicReference<Map<String, String>>();
            RequestContext context = open("a");
            context.close();
            MDC.put("traceId", "stale");

            pool.submit(context.wrap(() -> task.set(mdc()))).get();
            context.wrap(pool).execute(() -> executed.set(mdc()));
            pool.submit(() -> {}).get();

            assertThat(task.get()).isEqualTo(Map.of("requestId", "a"));
            assertThat(executed.get()).isEqualTo(Map.of("requestId", "a"));
        }
    }

    @Nested
    class Order {
        @Test
        void close_beforeAnInnerOne_leavesNothingBehind() {
            MDC.put("node", "n1");
            RequestContext outer = openTraced("outer").put("tenant", "t1");
            RequestContext inner = open("inner").put("user", "ann").put("tenant", "t2");

            outer.close();
            assertThat(mdc()).isEqualTo(Map.of("node", "n1"));
            inner.close();

            assertThat(mdc()).isEqualTo(Map.of("node", "n1"));
        }

        @Test
        void close_beforeAnInnerOneInsideAThird_restoresTheThird() {
            try (RequestContext first = open("first")) {
                RequestContext second = open("second");
                RequestContext third = open("third");

                second.close();
                assertThat(mdc()).isEqualTo(Map.of("requestId", first.requestId()));
                third.close();

                assertThat(mdc()).isEqualTo(Map.of("requestId", first.requestId()));
            }
            assertThat(mdc()).isEmpty();
        }

        @Test
        void put_afterTheOuterOneWasClosed_lastsUntilClosed() {
            RequestContext outer = open("outer");
            RequestContext inner = open("inner");
            outer.close();

            inner.put("user", "ann");
            assertThat(mdc()).isEqualTo(Map.of("user", "ann"));
            inner.close();

            assertThat(mdc()).isEmpty();
        }

        @Test
        void close_lateOneAfterALaterRequest_leavesThatOneAlone() {
            RequestContext outer = open("outer");
            RequestContext late = open("late");
            outer.close();
            try (RequestContext next = open("next")) {
                late.close();

                assertThat(mdc()).isEqualTo(Map.of("requestId", next.requestId()));
            }
            assertThat(mdc()).isEmpty();
        }

        @Test
        void close_aroundOneThatIsNeverClosed_leavesNothingBehind() {
            try (RequestContext context = open("a")) {
                RequestContext forgotten = open("forgotten").put("user", "ann");

                assertThat(MDC.get("requestId")).isEqualTo(forgotten.requestId());
                assertThat(context.requestId()).isEqualTo("a");
            }
            assertThat(mdc()).isEmpty();
        }

        @Test
        void close_deepNesting_restoresEachLevel() {
            List<RequestContext> open = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                open.add(open("level-" + i));
            }
            for (int i = 99; i > 0; i--) {
                open.get(i).close();
                assertThat(MDC.get("requestId")).isEqualTo("level-" + (i - 1));
            }
            open.get(0).close();

            assertThat(mdc()).isEmpty();
        }
    }
}
