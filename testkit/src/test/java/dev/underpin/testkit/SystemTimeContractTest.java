package dev.underpin.testkit;

import dev.underpin.result.spi.TimeSource;
import java.time.Duration;

class SystemTimeContractTest extends TimeSourceContract {
    @Override
    TimeSource time() {
        return TimeSource.system();
    }

    @Override
    void pass(Duration duration) {
        // Not a sleep for something to happen: the time that passes is what is tested.
        long start = System.nanoTime();
        while (System.nanoTime() - start < duration.toNanos()) {
            Thread.onSpinWait();
        }
    }
}
