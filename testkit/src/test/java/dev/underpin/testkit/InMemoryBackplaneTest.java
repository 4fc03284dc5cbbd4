package dev.underpin.testkit;

import dev.underpin.caching.Backplane;
import dev.underpin.caching.InMemoryLevel;
import dev.underpin.testkit.contract.BackplaneContract;

/** The backplane of the level in memory, which cannot lose anything. */
class InMemoryBackplaneTest extends BackplaneContract {
    private final InMemoryLevel level = new InMemoryLevel();

    @Override
    protected Backplane connect() {
        return level.backplane();
    }
}
