package dev.underpin.testkit;

import dev.underpin.caching.Backplane;
import dev.underpin.caching.InMemoryLevel;
import dev.underpin.caching.RemoteLevel;
import dev.underpin.testkit.FaultyLevel.Call;
import dev.underpin.testkit.FaultyLevel.Fault;
import dev.underpin.testkit.contract.BackplaneContract;
import dev.underpin.testkit.contract.RemoteLevelContract;
import java.time.Duration;
import org.junit.jupiter.api.Nested;

/** Without faults it is the level, and with those that backplanes may have it keeps their contract. */
class FaultyLevelContractTest {
    @Nested
    class NoFault extends RemoteLevelContract {
        private final VirtualTime time = new VirtualTime();
        private final InMemoryLevel level = new InMemoryLevel(time);

        @Override
        protected RemoteLevel connect() {
            return new FaultyLevel(level);
        }

        @Override
        protected void pass(Duration by) {
            time.advance(by);
        }

        @Override
        protected int sequences() {
            return 20;
        }

        @Override
        protected int rounds() {
            return 20;
        }
    }

    @Nested
    class MessagesTwice extends BackplaneContract {
        private final InMemoryLevel level = new InMemoryLevel();

        @Override
        protected Backplane connect() {
            var faulty = new FaultyLevel(level);
            faulty.inject(Call.PUBLISH, Fault.DUPLICATE, 2);
            return faulty.backplane();
        }
    }

    @Nested
    class MessagesLostAndReported extends BackplaneContract {
        private final InMemoryLevel level = new InMemoryLevel();
        private FaultyLevel first;
        private FaultyLevel second;

        @Override
        protected Backplane connect() {
            first = second;
            second = new FaultyLevel(level);
            return second.backplane();
        }

        @Override
        protected boolean loseMessages(Runnable meanwhile) {
            first.inject(Call.PUBLISH, Fault.DROP);
            meanwhile.run();
            first.heal();
            second.gap();
            return true;
        }
    }
}
