package dev.underpin.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Many results at once: to the first failure, or with all of them. */
class ManyTest {
    private final List<Integer> seen = new ArrayList<>();

    private Result<String, String> positive(int n) {
        seen.add(n);
        return n > 0 ? Result.ok("v" + n) : Result.err("e" + n);
    }

    @Nested
    class Traverse {
        @Test
        void traverse_allHold_keepsTheOrder() {
            assertThat(Result.traverse(List.of(3, 1, 2), ManyTest.this::positive))
                    .isEqualTo(Result.ok(List.of("v3", "v1", "v2")));
        }

        @Test
        void traverse_oneFails_isThatFailureAndStopsThere() {
            assertThat(Result.traverse(List.of(1, -2, 3), ManyTest.this::positive))
                    .isEqualTo(Result.err("e-2"));
            assertThat(seen).containsExactly(1, -2);
        }

        @Test
        void traverse_collectionThatClaimsToBeHuge_takesNoRoomForIt() {
            List<Integer> huge = Collections.nCopies(Integer.MAX_VALUE, -1);

            assertThat(Result.traverse(huge, ManyTest.this::positive)).isEqualTo(Result.err("e-1"));
        }

        @Test
        void traverse_failure_isTheInstanceTheFunctionReturned() {
            Result<String, String> failed = Result.err("bad");

            assertThat((Object) Result.traverse(List.of(1), n -> failed)).isSameAs(failed);
        }

        @Test
        void traverse_nothing_isOkOfNothing() {
            assertThat(Result.traverse(List.of(), ManyTest.this::positive)).isEqualTo(Result.ok(List.of()));
        }

        @Test
        void traverse_values_areUnmodifiable() {
            assertUnmodifiable(
                    Result.traverse(List.of(1), ManyTest.this::positive).orElseThrow());
            assertUnmodifiable(
                    Result.traverse(List.of(), ManyTest.this::positive).orElseThrow());
        }

        @Test
        void traverse_anyIterable_needNotBeACollection() {
            Iterable<Integer> lazily = () -> IntStream.range(1, 30).iterator();

            assertThat(Result.traverse(lazily, ManyTest.this::positive).orElseThrow())
                    .hasSize(29);
        }

        @Test
        void traverse_aMillion_needsNoStack() {
            Result<List<Integer>, String> result = Result.traverse(Collections.nCopies(1_000_000, 1), Result::ok);

            assertThat(result.orElseThrow()).hasSize(1_000_000);
        }
    }

    @Nested
    class TraverseAll {
        @Test
        void traverseAll_allHold_keepsTheOrder() {
            assertThat(Result.traverseAll(List.of(3, 1, 2), ManyTest.this::positive))
                    .isEqualTo(Result.ok(List.of("v3", "v1", "v2")));
        }

        @Test
        void traverseAll_someFail_keepsEveryFailureInOrderAndCallsOnceForEach() {
            assertThat(Result.traverseAll(List.of(-1, 2, -3), ManyTest.this::positive))
                    .isEqualTo(Result.err(List.of("e-1", "e-3")));
            assertThat(seen).containsExactly(-1, 2, -3);
        }

        @Test
        void traverseAll_everyNumberOfFailures_losesNone() {
            for (int n = 1; n <= 50; n++) {
                List<Integer> failing = IntStream.rangeClosed(1, n).boxed().toList();

                assertThat(Result.traverseAll(failing, Result::<Integer, Integer>err))
                        .isEqualTo(Result.err(failing));
            }
        }

        @Test
        void traverseAll_insideTraverseAll_losesNone() {
            List<List<Integer>> table = List.of(List.of(-1, 2), List.of(3), List.of(-4, -5));

            Result<List<List<String>>, List<List<String>>> result =
                    Result.traverseAll(table, row -> Result.traverseAll(row, ManyTest.this::positive));

            assertThat(result).isEqualTo(Result.err(List.of(List.of("e-1"), List.of("e-4", "e-5"))));
        }

        @Test
        void traverseAll_nothing_isOkOfNothing() {
            assertThat(Result.traverseAll(List.of(), ManyTest.this::positive)).isEqualTo(Result.ok(List.of()));
        }

        @Test
        void traverseAll_bothLists_areUnmodifiable() {
            assertUnmodifiable(
                    Result.traverseAll(List.of(1), ManyTest.this::positive).orElseThrow());
            assertUnmodifiable(Result.traverseAll(List.of(-1), ManyTest.this::positive)
                    .<List<String>>fold(values -> values, errors -> errors));
        }
    }

    @Nested
    class Zip {
        private final Result<Integer, String> ok = Result.ok(2);
        private final Result<Integer, String> firstBad = Result.err("first");
        private final Result<Integer, String> secondBad = Result.err("second");

        @Test
        void zip_both_combines() {
            assertThat(Result.<Integer, Integer, Integer, String>zip(ok, Result.ok(5), (a, b) -> a - b))
                    .isEqualTo(Result.ok(-3));
        }

        @Test
        void zip_failures_isTheFirstAsTheSameInstance() {
            assertThat((Object) zip(firstBad, ok)).isSameAs(firstBad);
            assertThat((Object) zip(ok, secondBad)).isSameAs(secondBad);
            assertThat((Object) zip(firstBad, secondBad)).isSameAs(firstBad);
        }

        private static Result<Integer, String> zip(Result<Integer, String> a, Result<Integer, String> b) {
            return Result.zip(a, b, (x, y) -> {
                throw new AssertionError("must not be called");
            });
        }
    }

    @Nested
    class Collecting {
        private static final int MANY = 10_000;

        @Test
        void toList_parallelStream_keepsTheOrder() {
            List<Integer> numbers = IntStream.range(0, MANY).boxed().toList();

            assertThat(numbers.parallelStream().map(Result::<Integer, String>ok).collect(Result.toList()))
                    .isEqualTo(Result.ok(numbers));
        }

        @Test
        void toList_parallelStreamWithFailures_isTheFirstInOrder() {
            assertThat(IntStream.range(0, MANY)
                            .parallel()
                            .mapToObj(Collecting::evenOrBad)
                            .collect(Result.toList()))
                    .isEqualTo(Result.err(1));
        }

        @Test
        void partitioning_parallelStream_keepsEveryValueAndFailureInOrder() {
            List<List<Integer>> halves = IntStream.range(0, MANY)
                    .parallel()
                    .mapToObj(Collecting::evenOrBad)
                    .collect(Result.partitioning((values, errors) -> List.of(values, errors)));

            assertThat(halves.get(0))
                    .isEqualTo(IntStream.range(0, MANY)
                            .filter(n -> n % 2 == 0)
                            .boxed()
                            .toList());
            assertThat(halves.get(1))
                    .isEqualTo(IntStream.range(0, MANY)
                            .filter(n -> n % 2 == 1)
                            .boxed()
                            .toList());
        }

        @Test
        void collectors_lists_areUnmodifiable() {
            assertUnmodifiable(Stream.of(Result.<Integer, String>ok(1))
                    .collect(Result.toList())
                    .orElseThrow());
            assertUnmodifiable(
                    Stream.of(evenOrBad(2)).collect(Result.<Integer, Integer, List<Integer>>partitioning((v, e) -> v)));
            assertUnmodifiable(
                    Stream.of(evenOrBad(1)).collect(Result.<Integer, Integer, List<Integer>>partitioning((v, e) -> e)));
        }

        @Test
        void collectors_nothing_isOkOfNothing() {
            assertThat(Stream.<Result<Integer, String>>empty().collect(Result.toList()))
                    .isEqualTo(Result.ok(List.of()));
        }

        @Test
        void collectors_nullResult_isNamed() {
            assertThatThrownBy(() -> Stream.of((Result<Integer, String>) null).collect(Result.toList()))
                    .isExactlyInstanceOf(NullPointerException.class)
                    .hasMessage("result");
        }

        private static Result<Integer, Integer> evenOrBad(int n) {
            return n % 2 == 0 ? Result.ok(n) : Result.err(n);
        }
    }

    private static void assertUnmodifiable(List<?> list) {
        assertThatThrownBy(() -> list.add(null)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(list::clear).isInstanceOf(UnsupportedOperationException.class);
    }
}
