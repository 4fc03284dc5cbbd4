package dev.underpin.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The laws by which chains may be rearranged without changing what they do. */
class ResultLawsTest {
    private static final int CASES = 1_000;

    @Test
    void flatMap_leftIdentity() {
        law(random -> {
            int a = random.nextInt();
            var f = function(random);
            assertThat(Result.<Integer, String>ok(a).flatMap(f)).isEqualTo(f.apply(a));
        });
    }

    @Test
    void flatMap_rightIdentity() {
        law(random -> {
            var m = result(random);
            assertThat(m.<Integer>flatMap(Result::ok)).isEqualTo(m);
        });
    }

    @Test
    void flatMap_associativity() {
        law(random -> {
            var m = result(random);
            var f = function(random);
            var g = function(random);
            assertThat(m.flatMap(f).flatMap(g))
                    .isEqualTo(m.flatMap(x -> f.apply(x).flatMap(g)));
        });
    }

    @Test
    void map_identityAndComposition() {
        law(random -> {
            var m = result(random);
            int a = random.nextInt();
            int b = random.nextInt();
            Function<Integer, Integer> f = x -> x * a;
            Function<Integer, Integer> g = x -> x ^ b;
            assertThat(m.map(Function.identity())).isEqualTo(m);
            assertThat(m.map(f).map(g)).isEqualTo(m.map(f.andThen(g)));
        });
    }

    @Test
    void map_isFlatMapWithOk() {
        law(random -> {
            var m = result(random);
            int a = random.nextInt();
            assertThat(m.map(x -> x + a)).isEqualTo(m.flatMap(x -> Result.ok(x + a)));
        });
    }

    @Test
    void recoverWith_isFlatMapOfTheOtherSide() {
        law(random -> {
            var m = result(random);
            Function<String, Result<Integer, String>> f = recovery(random);
            Function<String, Result<Integer, String>> g = recovery(random);
            String e = "e" + random.nextInt();
            assertThat(Result.<Integer, String>err(e).recoverWith(f)).isEqualTo(f.apply(e));
            assertThat(m.<String>recoverWith(Result::err)).isEqualTo(m);
            assertThat(m.recoverWith(f).recoverWith(g))
                    .isEqualTo(m.recoverWith(x -> f.apply(x).recoverWith(g)));
            assertThat(m.mapError(String::length))
                    .isEqualTo(m.recoverWith(x -> Result.<Integer, Integer>err(x.length())));
        });
    }

    @Test
    void fold_withTheConstructors_isTheIdentity() {
        law(random -> {
            var m = result(random);
            assertThat(m.<Result<Integer, String>>fold(Result::ok, Result::err)).isEqualTo(m);
        });
    }

    @Test
    void zip_isFlatMapThenMap() {
        law(random -> {
            var a = result(random);
            var b = result(random);
            assertThat(Result.<Integer, Integer, Integer, String>zip(a, b, (x, y) -> x - y))
                    .isEqualTo(a.flatMap(x -> b.map(y -> x - y)));
        });
    }

    @Test
    void many_everyWayOfCollecting_agrees() {
        law(random -> {
            List<Result<Integer, String>> results = Stream.generate(() -> result(random))
                    .limit(random.nextInt(6))
                    .toList();
            List<Integer> values = results.stream().flatMap(Result::stream).toList();
            List<String> errors = results.stream()
                    .flatMap(r -> r.<Stream<String>>fold(v -> Stream.empty(), Stream::of))
                    .toList();
            Result<List<Integer>, String> first = errors.isEmpty() ? Result.ok(values) : Result.err(errors.get(0));
            Result<List<Integer>, List<String>> all = errors.isEmpty() ? Result.ok(values) : Result.err(errors);

            assertThat(Result.<Result<Integer, String>, Integer, String>traverse(results, r -> r))
                    .isEqualTo(first);
            assertThat(results.stream().collect(Result.<Integer, String>toList()))
                    .isEqualTo(first);
            assertThat(Result.<Result<Integer, String>, Integer, String>traverseAll(results, r -> r))
                    .isEqualTo(all);
            assertThat(results.stream().collect(Result.<Integer, String, List<List<?>>>partitioning(List::of)))
                    .isEqualTo(List.of(values, errors));
        });
    }

    private static void law(Consumer<RandomGenerator> holds) {
        long seed = Long.getLong("underpin.test.seed", 20261121L);
        for (int i = 0; i < CASES; i++) {
            long caseSeed = seed + i;
            try {
                holds.accept(new Random(caseSeed));
            } catch (AssertionError e) {
                throw new AssertionError("fails with -Dunderpin.test.seed=" + caseSeed + ": " + e.getMessage(), e);
            }
        }
    }

    private static Result<Integer, String> result(RandomGenerator random) {
        return random.nextBoolean() ? Result.ok(random.nextInt()) : Result.err("e" + random.nextInt(10));
    }

    private static Function<Integer, Result<Integer, String>> function(RandomGenerator random) {
        int divisor = random.nextInt(2, 5);
        int factor = random.nextInt();
        return x -> x % divisor == 0 ? Result.err(x + " by " + divisor) : Result.ok(x * factor);
    }

    private static Function<String, Result<Integer, String>> recovery(RandomGenerator random) {
        int divisor = random.nextInt(2, 5);
        return e -> e.hashCode() % divisor == 0 ? Result.ok(e.length()) : Result.err(e + divisor);
    }
}
