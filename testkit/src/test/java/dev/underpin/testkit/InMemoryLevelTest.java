package dev.underpin.testkit;

import dev.underpin.caching.InMemoryLevel;
import dev.underpin.caching.RemoteLevel;
import dev.underpin.testkit.contract.RemoteLevelContract;
import java.time.Duration;

/** The example of the README, which is a test of the level of {@code caching} as well. */
class InMemoryLevelTest extends RemoteLevelContract {
    private final VirtualTime time = new VirtualTime();
    private final InMemoryLevel level = new InMemoryLevel(time);

    @Override
    protected RemoteLevel connect() {
        return level;
    }

    @Override
    protected void pass(Duration by) {
        time.advance(by);
    }
}
