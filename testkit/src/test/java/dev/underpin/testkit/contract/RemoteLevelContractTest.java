package dev.underpin.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.underpin.caching.RemoteLevel;
import dev.underpin.testkit.VirtualTime;
import dev.underpin.testkit.contract.FlawedLevel.Flaw;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract fails on wrong levels, and not on right ones. */
class RemoteLevelContractTest {
    private static final class Tried extends RemoteLevelContract {
        private final FlawedLevel.Store store = new FlawedLevel.Store();
        private final VirtualTime time = new VirtualTime();
        private final @Nullable Flaw flaw;

        Tried(@Nullable Flaw flaw) {
            this.flaw = flaw;
        }

        @Override
        protected RemoteLevel connect() {
            return new FlawedLevel(store, time, flaw);
        }

        @Override
        protected void pass(Duration by) {
            time.advance(by);
        }

        @Override
        protected int rounds() {
            return 40;
        }

        @Override
        protected int sequences() {
            return 100;
        }
    }

    /** Runs a test as JUnit would. */
    private static void run(@Nullable Flaw flaw, Method test) throws Throwable {
        RemoteLevelContract contract = new Tried(flaw);
        contract.limitMillis = flaw == Flaw.BACKPLANE_OF_ONE_NODE ? 1 : contract.limitMillis;
        contract.open();
        try {
            if (test.invoke(contract) instanceof Stream<?> tests) {
                for (Object each : tests.toList()) {
                    ((DynamicTest) each).getExecutable().execute();
                }
            }
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    static Stream<String> tests() {
        return Arrays.stream(RemoteLevelContract.class.getDeclaredMethods())
                .filter(method ->
                        method.isAnnotationPresent(Test.class) || method.isAnnotationPresent(TestFactory.class))
                .map(Method::getName);
    }

    @ParameterizedTest
    @MethodSource("tests")
    void test_levelOfAnotherMakeWithoutAFlaw_passes(String test) throws Throwable {
        run(null, RemoteLevelContract.class.getDeclaredMethod(test));
    }

    @ParameterizedTest
    @EnumSource(Flaw.class)
    void test_levelWithAFlaw_fails(Flaw flaw) throws Throwable {
        Method test = RemoteLevelContract.class.getDeclaredMethod(flaw.foundBy);

        assertThat(catchThrowable(() -> run(flaw, test))).isInstanceOf(AssertionError.class);
    }
}
