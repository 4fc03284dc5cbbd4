package dev.underpin.testkit;

import dev.underpin.result.spi.TimeSource;
import java.time.Duration;

class VirtualTimeContractTest extends TimeSourceContract {
    private VirtualTime time;

    @Override
    TimeSource time() {
        time = new VirtualTime();
        return time;
    }

    @Override
    void pass(Duration duration) {
        time.advance(duration);
    }
}
