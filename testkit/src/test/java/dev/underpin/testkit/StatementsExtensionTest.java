package dev.underpin.testkit;

import static dev.underpin.testkit.StatementsExtension.atMost;
import static dev.underpin.testkit.StatementsExtension.delete;
import static dev.underpin.testkit.StatementsExtension.insert;
import static dev.underpin.testkit.StatementsExtension.select;
import static dev.underpin.testkit.StatementsExtension.sizes;
import static dev.underpin.testkit.StatementsExtension.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.testkit.StatementsExtension.Count;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.RegisterExtension;

class StatementsExtensionTest {
    private static final String URL = "jdbc:h2:mem:counted";
    private static final Jdbi JDBI = Jdbi.create(URL);
    private static Connection keeper;

    @RegisterExtension
    static final StatementsExtension sql = StatementsExtension.of(JDBI);

    private final Shop shop = new Shop(JDBI);

    @BeforeAll
    static void open() throws SQLException {
        keeper = DriverManager.getConnection(URL);
        new Shop(JDBI).create();
    }

    @AfterAll
    static void close() throws SQLException {
        keeper.close();
    }

    @BeforeEach
    void fill() {
        shop.fill(3);
    }

    /* ---- numbers ---- */

    @Test
    @ExpectStatements(select = 0, insert = 0, delete = 0)
    void recorded_beforeEach_isNone() {
        sql.assertStatements(select(0), insert(0), update(0), delete(0));
    }

    /** D3, with the statement of a loader's batch. */
    @Test
    @ExpectStatements(select = 2)
    void assertStatements_batch_isTwoSelectsAndNoNPlusOne() {
        assertThat(shop.batched()).containsExactly("c1", "c2", "c3");

        sql.assertStatements(select(2), insert(0), update(0), delete(0));
        sql.assertStatements(atMost(select(2)), atMost(select(3)));
        sql.assertNoNPlusOne();
    }

    /** D20; the rest of it is where statements are read, in SqlTextTest. */
    @Test
    @ExpectStatements(select = 0, insert = 2, update = 1)
    void assertStatements_insertThatIsReadAndMerge_areInserts() {
        shop.add(7);
        shop.rename(7, "seven");
        JDBI.useHandle(handle -> handle.execute("merge into customers key (id) values (7, 'again')"));

        sql.assertStatements(insert(2), select(0), update(1));
    }

    /** D18. */
    @Test
    void assertStatements_more_saysWhatRanWhereAndWhy() {
        shop.oneByOne();

        assertThatThrownBy(() -> sql.assertStatements(insert(0), select(2)))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("""
                        expected 2 select statements, but there were 4:
                            1 x select id, customer from orders order by id
                              at dev.underpin.testkit.Shop.orders(Shop.java:""")
                .hasMessageContaining("    3 x select name from customers where id = :id\n"
                        + "      at dev.underpin.testkit.Shop.customer(Shop.java:")
                .hasMessageContaining("\n       < dev.underpin.testkit.Shop.lambda$oneByOne$")
                .hasMessageContaining("\nN_PLUS_ONE\n")
                .hasMessageContaining("\n      hint: read them all at once");
        assertThatThrownBy(() -> sql.assertStatements(atMost(select(1))))
                .hasMessageStartingWith("expected at most 1 select statement, but there were 4:\n");
        assertThatCode(() -> sql.assertStatements(atMost(select(4)))).doesNotThrowAnyException();
    }

    @Test
    void assertStatements_none_saysWhatMayBeTheMatter() {
        assertThatThrownBy(() -> sql.assertStatements(select(1)))
                .hasMessage(
                        "expected 1 select statement, but there were 0:\n  (no statement was recorded: did it run on a"
                                + " handle that this Jdbi opened?)\n");
        assertThatThrownBy(sql::assertNoNPlusOne)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no statement was recorded");
    }

    @Test
    void count_ofNothingThereIs_isRefused() {
        assertThatThrownBy(() -> select(-1)).hasMessage("count must not be negative: -1");
        assertThatThrownBy(() -> new Count("drop", 1, false)).hasMessageEndingWith(": drop");
    }

    /* ---- repetitions ---- */

    @Test
    void assertNoNPlusOne_loop_fails() {
        shop.oneByOne();

        assertThatThrownBy(sql::assertNoNPlusOne)
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("""
                        expected no statement to be repeated where one would do, but:
                        N_PLUS_ONE
                            3 x select name from customers where id = :id
                        """);
    }

    @Test
    @AllowNPlusOne(reason = "names are cached, in the service", match = "FROM customers")
    void assertNoNPlusOne_whatIsAllowed_passes() {
        shop.oneByOne();

        assertThatCode(sql::assertNoNPlusOne).doesNotThrowAnyException();
    }

    @Test
    @AllowNPlusOne(reason = "another statement", match = "from products")
    void assertNoNPlusOne_whatIsNotAllowed_fails() {
        shop.oneByOne();

        assertThatThrownBy(sql::assertNoNPlusOne).isInstanceOf(AssertionError.class);
    }

    @Test
    @AllowNPlusOne(reason = "all of it is meant")
    void assertNoNPlusOne_allAllowed_passes() {
        shop.oneByOne();

        assertThatCode(sql::assertNoNPlusOne).doesNotThrowAnyException();
    }

    /** D15. */
    @Test
    @ExpectStatements(select = 1)
    void pause_whatSeeds_isNotCounted() {
        sql.pause(() -> {
            shop.fill(2);
            shop.oneByOne();
        });
        shop.joined();

        sql.assertNoNPlusOne();
    }

    @Test
    void pause_whatOtherThreadsRun_isNotCounted() throws Exception {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        Runnable onThreads = () -> {
            try {
                threads.submit(shop::oneByOne).get(10, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        };
        try {
            sql.pause(onThreads);
            sql.assertConstantStatements(sizes(2, 3), size -> onThreads.run(), shop::joined);
            sql.pause(() -> sql.assertConstantStatements(sizes(2, 3), shop::fill, shop::joined));
            sql.assertStatements(select(0), insert(0), delete(0));
            onThreads.run();
            sql.assertStatements(select(4));
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void assertConstantStatements_whatThrows_leavesTheTestAsItWas() {
        assertThatThrownBy(() -> sql.assertConstantStatements(sizes(2, 3), shop::fill, () -> {
                    shop.joined();
                    throw new IllegalStateException("action");
                }))
                .hasMessage("action");
        assertThatThrownBy(() -> sql.assertConstantStatements(
                        sizes(2, 3),
                        size -> {
                            throw new IllegalStateException("seed");
                        },
                        shop::joined))
                .hasMessage("seed");
        shop.joined();

        sql.assertStatements(select(1), insert(0), delete(0));
    }

    /* ---- growth ---- */

    /** D17. */
    @Test
    void assertConstantStatements_join_passesAndLoopFailsWithTheDifference() {
        assertThatCode(() -> sql.assertConstantStatements(sizes(2, 5), shop::fill, shop::joined))
                .doesNotThrowAnyException();
        assertThatCode(() -> sql.assertConstantStatements(sizes(2, 5, 9), shop::fill, shop::batched))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> sql.assertConstantStatements(sizes(2, 5), shop::fill, shop::oneByOne))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("""
                        expected the same statements for [2, 5] rows, but:
                          ran 2 for 2 rows, 5 for 5 rows:
                            5 x select name from customers where id = :id
                              at dev.underpin.testkit.Shop.customer(Shop.java:""")
                .hasMessageContaining("hint: ")
                .hasMessageNotContaining("from orders");
    }

    @Test
    void assertConstantStatements_onThreadsOfTheService_seesThem() throws Exception {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            assertThatThrownBy(() -> sql.assertConstantStatements(sizes(2, 3), shop::fill, () -> {
                        try {
                            threads.submit(() -> shop.oneByOne()).get(10, TimeUnit.SECONDS);
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                    }))
                    .hasMessageContaining("ran 2 for 2 rows, 3 for 3 rows");
            sql.assertStatements(select(0), insert(0), delete(0));
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void assertConstantStatements_nothingRuns_fails() {
        assertThatThrownBy(() -> sql.assertConstantStatements(sizes(2, 5), shop::fill, () -> {}))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no statement was recorded");
    }

    @Test
    void sizes_thatShowNothing_areRefused() {
        for (int[] wrong : new int[][] {{}, {2}, {1, 5}, {5, 2}, {3, 3}}) {
            assertThatThrownBy(() -> sizes(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("sizes must be two or more that grow, from 2 on: [");
        }
        assertThat(sizes(2, 5)).containsExactly(2, 5);
    }

    /* ---- what happens around a test ---- */

    @ExpectStatements(select = 1)
    @AllowNPlusOne(reason = "of the class")
    static class Annotated {
        void byTheClass() {}

        @ExpectStatements(select = 4)
        @AllowNPlusOne(reason = "none of these", match = "nothing")
        void byTheMethod() {}

        static class Nested {
            void inside() {}
        }
    }

    static class Derived extends Annotated {
        void derived() {}
    }

    static class Bare {
        void test() {}
    }

    private static ExtensionContext context(Class<?> owner, String name, @Nullable Throwable failure) {
        return (ExtensionContext) Proxy.newProxyInstance(
                ExtensionContext.class.getClassLoader(),
                new Class<?>[] {ExtensionContext.class},
                (self, method, arguments) -> switch (method.getName()) {
                    case "getDisplayName", "getUniqueId" -> name;
                    case "getTestClass" -> Optional.of(owner);
                    case "getTestMethod" -> Optional.of(declared(owner, name));
                    case "getExecutionException" -> Optional.ofNullable(failure);
                    default -> throw new AssertionError("asked for " + method);
                });
    }

    private static Method declared(Class<?> owner, String name) throws NoSuchMethodException {
        return owner.getDeclaredMethod(name);
    }

    private static void run(
            StatementsExtension extension, Class<?> owner, String name, @Nullable Throwable failure, Runnable body) {
        extension.beforeTestExecution(context(owner, name, null));
        try {
            body.run();
        } finally {
            extension.afterTestExecution(context(owner, name, failure));
        }
    }

    @Test
    void expectStatements_ofClassOrMethod_areAssertedIfTheTestPassed() {
        StatementsExtension other = StatementsExtension.of(JDBI);

        assertThatCode(() -> run(other, Annotated.class, "byTheClass", null, shop::joined))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> run(other, Annotated.class, "byTheClass", null, shop::oneByOne))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("expected 1 select statement, but there were 4");
        assertThatCode(() -> run(other, Annotated.class, "byTheMethod", null, shop::oneByOne))
                .doesNotThrowAnyException();
        assertThatCode(() -> run(other, Annotated.class, "byTheClass", new AssertionError("own"), shop::oneByOne))
                .doesNotThrowAnyException();
    }

    @Test
    void expectStatements_ofAClassAround_isThatOfNestedAndDerivedTests() {
        StatementsExtension other = StatementsExtension.of(JDBI).forEveryTest();

        assertThatThrownBy(() -> run(other, Annotated.Nested.class, "inside", null, shop::oneByOne))
                .hasMessageStartingWith("expected 1 select statement, but there were 4");
        assertThatThrownBy(() -> run(other, Derived.class, "derived", null, shop::oneByOne))
                .hasMessageStartingWith("expected 1 select statement, but there were 4");
    }

    /** A thread of JUnit's pool that waits in a test, for a parallel stream say, may run another test meanwhile. */
    @Test
    void tests_oneInsideAnotherOnItsThread_areEachAsserted() {
        StatementsExtension other = StatementsExtension.of(JDBI);
        assertThatThrownBy(() -> run(other, Annotated.class, "byTheMethod", null, () -> {
                    run(other, Bare.class, "test", null, shop::joined);
                    other.assertStatements(select(1));
                }))
                .hasMessageStartingWith("expected 4 select statements, but there was 1");
        assertThatThrownBy(() -> other.assertStatements(select(1))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void forEveryTest_loop_failsUnlessItIsAllowed() {
        StatementsExtension each = StatementsExtension.of(() -> JDBI).forEveryTest();

        assertThatThrownBy(() -> run(each, Bare.class, "test", null, shop::oneByOne))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("N_PLUS_ONE");
        assertThatThrownBy(() -> run(each, Annotated.class, "byTheMethod", null, shop::oneByOne))
                .hasMessageContaining("N_PLUS_ONE");
        assertThatCode(() -> run(each, Bare.class, "test", null, shop::joined)).doesNotThrowAnyException();
        assertThatCode(() -> run(each, Bare.class, "test", null, () -> {})).doesNotThrowAnyException();
    }

    @Test
    void recording_afterATest_isOver() {
        StatementsExtension other = StatementsExtension.of(JDBI);
        run(other, Bare.class, "test", null, shop::joined);

        assertThatThrownBy(() -> other.assertStatements(select(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("@RegisterExtension");
        assertThatCode(() -> other.afterTestExecution(context(Bare.class, "test", null)))
                .doesNotThrowAnyException();
    }

    /** D14. */
    @Test
    void tests_sideBySideOnOneJdbi_doNotMix() throws Exception {
        StatementsExtension other = StatementsExtension.of(JDBI);
        var barrier = new CyclicBarrier(2);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> tests = new ArrayList<>();
            for (int test = 1; test <= 2; test++) {
                int count = test;
                tests.add(threads.submit(() -> run(other, Bare.class, "test", null, () -> {
                    await(barrier);
                    for (int i = 0; i < count; i++) {
                        shop.joined();
                    }
                    await(barrier);
                    other.assertStatements(select(count));
                })));
            }
            for (Future<?> test : tests) {
                assertThat(test.get(10, TimeUnit.SECONDS)).isNull();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** D13, and a body that JUnit runs on a thread of its own to limit its time. */
    @Test
    void assertStatements_onAnotherThread_isOfTheOnlyTest() throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            thread.submit(() -> {
                        shop.joined();
                        sql.assertStatements(select(1));
                    })
                    .get(10, TimeUnit.SECONDS);
        } finally {
            thread.shutdownNow();
        }
        sql.assertStatements(select(1));
    }
}
