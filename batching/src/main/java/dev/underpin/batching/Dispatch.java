package dev.underpin.batching;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Who waits in a scope, what is asked for, and who runs what.
 *
 * <p>INVARIANT: who begins to wait stops counting, and who ends a wait has the waiter count before it wakes, with the lock
 * held, so that no batch leaves without it. A member that runs a batch is one that waits.
 *
 * <p>INVARIANT: a slot goes from queued to taken to loaded, never back. Batches go from ready to in flight; one whose runner
 * was interrupted goes back.
 *
 * <p>The user's code runs without the lock: batch functions, listeners, executors, continuations, {@code hashCode} of keys;
 * all but {@code equals} of keys.
 */
@SuppressWarnings("ReferenceEquality") // threads, slots and batches are what they are
final class Dispatch {
    /** How a wait ended. */
    enum Ending {
        WOKEN,
        INTERRUPTED,
        TIMED_OUT,
        CYCLE,
        CLOSED
    }

    private static final Duration FOR_EVER = Duration.ofNanos(Long.MAX_VALUE / 4);
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    // Since a class whose first use overflows the stack, in a recursion of loads, is broken for good
    static {
        var unused = new LoadError(BatchingErrors.SCOPE_CLOSED, "", "");
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final LoadScope scope;
    private final @Nullable Executor executor;
    private final @Nullable Executor context;
    private final boolean bound;
    private final TimeSource time;
    private final Members members = new Members();
    private final Alarm alarm;
    private boolean closed;

    private @Nullable ScopedLoader<?, ?> loaders;

    private final Batches batches = new Batches();

    /** What the owner waits for, the innermost. */
    private @Nullable Blocked ownerBlocked;

    /** How many threads to ask the executor for when the lock is given up. */
    private int offers;

    /** Whether threads whose wait is limited are spared where there is an executor. */
    private boolean sparing = true;

    /** How many queues have a clock. */
    private int clocked;

    private long startedNanos = Long.MIN_VALUE;

    /** Futures that the executor is to complete and has not begun with, in order. */
    private @Nullable Map<LoadFuture<?>, Result<?, ?>> handedOver;

    /** Since when the executor has begun with none of them. */
    private long handedOverNanos;

    Dispatch(LoadScope scope, @Nullable Executor executor, @Nullable Executor context, boolean bound, TimeSource time) {
        this.scope = scope;
        this.executor = executor;
        this.context = context;
        this.bound = bound;
        this.time = time;
        this.alarm = new Alarm(time);
    }

    Thread owner() {
        return members.owner();
    }

    @Nullable
    Executor executor() {
        return executor;
    }

    @SuppressWarnings("unchecked") // a loader has the types of its definition
    <K, V> ScopedLoader<K, V> loader(Loader<K, V> loader) {
        lock.lock();
        try {
            ScopedLoader<?, ?> last = null;
            for (ScopedLoader<?, ?> one = loaders; one != null; one = one.next) {
                if (one.loader == loader) {
                    return (ScopedLoader<K, V>) one;
                }
                last = one;
            }
            ScopedLoader<K, V> scoped = new ScopedLoader<>(loader, this);
            if (last == null) {
                loaders = scoped;
            } else {
                last.next = scoped;
            }
            return scoped;
        } finally {
            lock.unlock();
        }
    }

    /* ---- what a loader is asked for ---- */

    <K, V> Result<V, DomainError> load(
            ScopedLoader<K, V> loader, K key, Object identity, int hash, @Nullable Duration limit) {
        Blocked me = new Blocked(Thread.currentThread(), loader);
        Slot<K, V> fresh = loader.slot(key, identity, hash);
        Slot<K, V> slot;
        Result<V, DomainError> present = null;
        Ending ending = null;
        lock.lock();
        try {
            Slot<K, V> found = loader.find(identity, hash);
            slot = found == null ? fresh : found;
            present = slot.result();
            if (present == null) {
                ending = refuse(me, slot);
                if (ending == null) {
                    me.slots = new Slot<?, ?>[] {slot};
                    me.limited = limit != null;
                    slot.add(me);
                    if (found == null) {
                        var unused = loader.enqueue(slot);
                    }
                    begin(me);
                }
            }
        } finally {
            release();
        }
        if (present != null) {
            return loader.hit(present);
        }
        return result(loader, slot, ending == null ? await(me, limit) : ending);
    }

    private static <K, V> Result<V, DomainError> result(ScopedLoader<K, V> loader, Slot<K, V> slot, Ending ending) {
        return switch (ending) {
            case WOKEN -> Objects.requireNonNull(slot.result());
            case INTERRUPTED -> loader.error(BatchingErrors.LOAD_INTERRUPTED, slot.key);
            case TIMED_OUT -> loader.error(BatchingErrors.LOAD_TIMEOUT, slot.key);
            case CYCLE -> loader.error(BatchingErrors.LOAD_CYCLE, slot.key);
            case CLOSED -> loader.error(BatchingErrors.SCOPE_CLOSED, slot.key);
        };
    }

    <K, V> LoadFuture<Result<V, DomainError>> loadAsync(ScopedLoader<K, V> loader, K key, Object identity, int hash) {
        Result<V, DomainError> present;
        lock.lock();
        try {
            Slot<K, V> found = loader.find(identity, hash);
            present = found == null ? null : found.result();
            if (present == null && !closed) {
                Slot<K, V> slot = found == null ? loader.slot(key, identity, hash) : found;
                LoadFuture<Result<V, DomainError>> future = new LoadFuture<>(loader, slot);
                slot.add(future);
                if (found == null ? loader.enqueue(slot) : isExpected(slot)) {
                    assign(null);
                }
                clock(loader);
                return future;
            }
        } finally {
            release();
        }
        return LoadFuture.completed(
                this, present != null ? loader.hit(present) : loader.error(BatchingErrors.SCOPE_CLOSED, key));
    }

    /** {@return whether a slot is of a batch of expected keys, for which nobody has waited yet} */
    private static boolean isExpected(Slot<?, ?> slot) {
        Batch<?, ?> batch = slot.batch();
        return batch != null && !batch.clocked;
    }

    <K, V> List<Result<V, DomainError>> loadAll(ScopedLoader<K, V> loader, List<K> keys) {
        Slot<K, V>[] slots = slots(loader, keys);
        Blocked me = new Blocked(Thread.currentThread(), loader);
        @Nullable Ending[] endings = new Ending[0];
        Ending ending = Ending.WOKEN;
        lock.lock();
        try {
            me.missing = 0;
            for (int i = 0; i < slots.length; i++) {
                if (slots[i].result() == null) {
                    Ending refused = join(me, loader, slots, i);
                    if (refused != null) {
                        endings = endings.length == 0 ? new Ending[slots.length] : endings;
                        endings[i] = refused;
                    }
                }
            }
            if (me.missing > 0) {
                me.slots = slots;
                begin(me);
            }
        } finally {
            release();
        }
        if (me.slots.length > 0) {
            ending = await(me, null);
        }
        List<Result<V, DomainError>> results = new ArrayList<>(slots.length);
        for (int i = 0; i < slots.length; i++) {
            Ending own = endings.length == 0 ? null : endings[i];
            Result<V, DomainError> result = slots[i].result();
            results.add(result != null && own == null ? result : result(loader, slots[i], own == null ? ending : own));
        }
        return results;
    }

    /** {@return the slots of keys: those that have a result, and new ones} */
    private <K, V> Slot<K, V>[] slots(ScopedLoader<K, V> loader, List<K> keys) {
        Slot<K, V>[] slots = ScopedLoader.table(keys.size());
        for (int i = 0; i < slots.length; i++) {
            K key = keys.get(i);
            Object identity = loader.loader.identity(key);
            int hash = ScopedLoader.hash(identity);
            Slot<K, V> found = loader.find(identity, hash);
            Result<V, DomainError> present = found == null ? null : found.result();
            if (found != null && present != null) {
                slots[i] = found;
                Result<V, DomainError> unused = loader.hit(present);
            } else {
                slots[i] = loader.slot(key, identity, hash);
            }
        }
        return slots;
    }

    /** Has a thread wait for one more slot: a new one, or that which is there already. */
    private <K, V> @Nullable Ending join(Blocked me, ScopedLoader<K, V> loader, Slot<K, V>[] slots, int i) {
        Slot<K, V> fresh = slots[i];
        Slot<K, V> found = loader.find(fresh.identity(), fresh.hash);
        if (found == null) {
            Ending refused = refuse(me, fresh);
            if (refused == null) {
                fresh.waiters = me;
                me.missing++;
                var unused = loader.enqueue(fresh);
            }
            return refused;
        }
        slots[i] = found;
        if (found.result() != null) {
            return null;
        }
        Ending refused = refuse(me, found);
        if (refused == null && !isAt(me, found)) {
            found.add(new Waiter.Also(me));
            me.missing++;
        }
        return refused;
    }

    /** {@return whether a thread waits for a slot already: the newest waiter, if a key comes twice} */
    private static boolean isAt(Blocked me, Slot<?, ?> slot) {
        return slot.waiters == me || (slot.waiters instanceof Waiter.Also also && also.blocked == me);
    }

    <K, V> void expect(ScopedLoader<K, V> loader, K key, Object identity, int hash) {
        Slot<K, V> fresh = loader.slot(key, identity, hash);
        lock.lock();
        try {
            if (!closed && loader.find(identity, hash) == null) {
                fresh.waiters = Waiter.EXPECTING;
                var unused = loader.enqueue(fresh);
            }
        } finally {
            release();
        }
    }

    <K, V> boolean prime(ScopedLoader<K, V> loader, K key, Object identity, int hash, Result<V, DomainError> value) {
        Slot<K, V> fresh = loader.slot(key, identity, hash);
        fresh.finish(value);
        lock.lock();
        try {
            if (closed || !loader.loader.remembers || loader.find(identity, hash) != null) {
                return false;
            }
            loader.insert(fresh);
            return true;
        } finally {
            lock.unlock();
        }
    }

    <K, V> void clear(ScopedLoader<K, V> loader, Object identity, int hash) {
        lock.lock();
        try {
            Slot<K, V> slot = loader.find(identity, hash);
            if (slot != null && loader.isForgettable(slot)) {
                loader.forget(slot);
            }
        } finally {
            lock.unlock();
        }
    }

    void clearAll(ScopedLoader<?, ?> loader) {
        lock.lock();
        try {
            loader.forgetLoaded();
        } finally {
            lock.unlock();
        }
    }

    /* ---- tasks ---- */

    <T> Forked<T> fork(Forked<T> task) {
        if (executor == null) {
            throw new IllegalStateException(
                    "The scope has no executor to run tasks: set it with LoadScope.builder().executor");
        }
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("The scope is closed");
            }
            members.expect();
        } finally {
            lock.unlock();
        }
        boolean taken = false;
        try {
            executor.execute(context == null ? task : () -> task.runIn(context));
            taken = true;
        } finally {
            if (!taken) {
                var unused = task.cancel(false);
            }
        }
        return task;
    }

    /**
     * A batch function begins to fork tasks, and counts until it has forked them all: else the first would load before the
     * second is there. {@return whether it is one; then {@link #gathered} is to be called}
     */
    boolean gather() {
        lock.lock();
        try {
            boolean gathers = batches.current(Thread.currentThread()) != null;
            if (gathers) {
                members.expect();
            }
            return gathers;
        } finally {
            lock.unlock();
        }
    }

    void gathered() {
        lock.lock();
        try {
            members.unexpect();
            settle();
            assign(null);
        } finally {
            release();
        }
    }

    /** A task begins: from now on its thread counts, and the task does not. */
    Members.Entry begin(Forked<?> task) {
        lock.lock();
        try {
            if (!task.counts) {
                return Members.Entry.NONE; // it was cancelled before
            }
            task.counts = false;
            if (clocked > 0) {
                startedNanos = alarm.now();
            }
            return members.enter();
        } finally {
            lock.unlock();
        }
    }

    void exit(Members.Entry entry) {
        if (entry != Members.Entry.NONE) {
            lock.lock();
            try {
                members.exit(entry);
                settle();
                assign(null);
            } finally {
                release();
            }
        }
    }

    /** A task has ended, or was cancelled. */
    void done(Forked<?> task) {
        Waiter waiters;
        lock.lock();
        try {
            if (task.counts) {
                task.counts = false; // it was cancelled, and the executor may never run it
                members.unexpect();
                settle();
                assign(null);
            }
            waiters = task.waiters;
            task.waiters = null;
            for (Waiter waiter = waiters; waiter != null; waiter = waiter.next()) {
                awaken((Blocked) waiter);
            }
        } finally {
            release();
        }
        for (Waiter waiter = waiters; waiter != null; waiter = waiter.next()) {
            tell((Blocked) waiter);
        }
    }

    /** The calling thread does not count for a while. */
    Members.@Nullable Member pause() {
        lock.lock();
        try {
            Members.Member member = members.suspend(Thread.currentThread());
            if (member != null) {
                settle();
                assign(null);
            }
            return member;
        } finally {
            release();
        }
    }

    void resume(Members.@Nullable Member member) {
        if (member != null) {
            lock.lock();
            try {
                members.resume(member);
            } finally {
                lock.unlock();
            }
        }
    }

    /* ---- waiting ---- */

    Ending await(Forked<?> task, @Nullable Duration limit) {
        Blocked me = new Blocked(Thread.currentThread(), null);
        lock.lock();
        try {
            if (task.isDone()) {
                return Ending.WOKEN;
            }
            me.forTask = true;
            me.limited = limit != null;
            me.next(task.waiters);
            task.waiters = me;
            begin(me);
        } finally {
            release();
        }
        return await(me, limit);
    }

    Ending await(LoadFuture<?> future, @Nullable Duration limit) {
        Slot<?, ?> slot = future.slot();
        ScopedLoader<?, ?> loader = future.loader();
        Blocked me = new Blocked(Thread.currentThread(), loader);
        me.limited = limit != null;
        if (slot == null || loader == null) {
            var unused = future.whenComplete((value, thrown) -> awakenAndTell(me));
            lock.lock();
            try {
                begin(me);
            } finally {
                release();
            }
            return await(me, limit);
        }
        Ending ending = Ending.WOKEN;
        boolean waits = false;
        lock.lock();
        try {
            if (slot.result() == null && !future.isDone()) {
                ending = hindrance(me, slot);
                if (ending == null) {
                    waits = true;
                    me.slots = new Slot<?, ?>[] {slot};
                    slot.add(me);
                    me.future = future;
                    begin(me);
                }
            }
        } finally {
            release();
        }
        if (waits) {
            ending = await(me, limit);
        }
        if (ending == Ending.WOKEN || ending == Ending.CYCLE) {
            Result<?, ?> result = ending == Ending.CYCLE ? cycle(loader, slot) : slot.result();
            if (result != null) {
                future.deliver(result);
            }
        }
        return Objects.requireNonNull(ending);
    }

    private static <K, V> Result<V, DomainError> cycle(ScopedLoader<K, V> loader, Slot<?, ?> slot) {
        return Result.err(new LoadError(BatchingErrors.LOAD_CYCLE, loader.loader.name, slot.key));
    }

    private void awakenAndTell(Blocked blocked) {
        lock.lock();
        try {
            awaken(blocked);
        } finally {
            release();
        }
        tell(blocked);
    }

    /** {@return why a thread cannot ask for a slot, or null} */
    private @Nullable Ending refuse(Blocked me, Slot<?, ?> slot) {
        return closed ? Ending.CLOSED : hindrance(me, slot);
    }

    /** {@return why a thread cannot wait for a slot, or null} The batch of one may still run in a closed scope. */
    private @Nullable Ending hindrance(Blocked me, Slot<?, ?> slot) {
        if (me.thread.isInterrupted()) {
            return Ending.INTERRUPTED;
        }
        return batches.isLoadedBy(me.thread, slot) ? Ending.CYCLE : null;
    }

    /** A thread begins to wait: it does not count any more, and may be given a batch at once. */
    private void begin(Blocked me) {
        if (me.woken) {
            return;
        }
        me.member = members.suspend(me.thread);
        if (me.thread == members.owner()) {
            me.outer = ownerBlocked;
            ownerBlocked = me;
        }
        Batch<?, ?> inside = batches.current(me.thread);
        if (inside != null) {
            inside.waits = me;
            inside.loader.inFlight--;
            me.inside = inside;
        }
        settle(me);
        assign(me);
    }

    /** A thread waits no more, for whatever reason. */
    private void end(Blocked me) {
        Batch<?, ?> work = me.work;
        me.work = null;
        if (work != null) { // it has not started, or an Error flies that is none of the function's
            batches.giveBack(work, alarm.now());
        }
        if (!me.woken) {
            me.leave();
            abandon(me);
        }
        if (me.member != null && !me.counted) {
            members.resume(me.member);
        }
        if (ownerBlocked == me) {
            ownerBlocked = me.outer;
        }
        if (me.inside != null) {
            me.inside.waits = null;
            me.inside.loader.inFlight++;
        }
        assign(null);
        idle();
    }

    private Ending await(Blocked me, @Nullable Duration limit) {
        Future<?> limiting = null;
        boolean ended = false;
        try {
            if (limit != null) {
                limiting = time.schedule(limit.compareTo(FOR_EVER) < 0 ? limit : FOR_EVER, () -> expire(me));
            }
            while (true) {
                Batch<?, ?> work;
                lock.lock();
                try {
                    Ending ending = ending(me);
                    if (ending != null) {
                        end(me);
                        ended = true;
                        return ending;
                    }
                    work = work(me);
                } finally {
                    release();
                }
                if (work != null) {
                    fly(work, me);
                } else {
                    LockSupport.park(me);
                    if (me.woken && me.work == null && me.thread != members.owner() && me.inside == null) {
                        ended = true; // who woke it has done the rest
                        return Ending.WOKEN;
                    }
                }
            }
        } finally {
            if (!ended) { // an Error flies
                lock.lock();
                try {
                    end(me);
                } finally {
                    release();
                }
            }
            if (limiting != null) {
                limiting.cancel(false);
            }
        }
    }

    private static @Nullable Ending ending(Blocked me) {
        if (me.woken) {
            return Ending.WOKEN;
        }
        if (me.timedOut) {
            return Ending.TIMED_OUT;
        }
        return me.thread.isInterrupted() ? Ending.INTERRUPTED : null;
    }

    /** {@return what a thread that waits is to run, started} */
    private @Nullable Batch<?, ?> work(Blocked me) {
        if (me.work == null) {
            settle(me);
            assign(me);
        }
        Batch<?, ?> work = me.work;
        if (work == null) {
            clock(me.loader);
            return null;
        }
        if (!start(work)) {
            me.work = null;
            return work(me);
        }
        me.busy = true;
        return work;
    }

    /** The time of a thread that waits is over. */
    private void expire(Blocked me) {
        lock.lock();
        try {
            if (me.woken || !me.isLive()) {
                return;
            }
            me.timedOut = true;
            Batch<?, ?> work = me.work;
            if (me.busy && work != null && !work.isEnded()) {
                work.interrupted = true; // its own thread runs it; others who want it will run it again
                me.thread.interrupt();
            }
        } finally {
            release();
        }
        LockSupport.unpark(me.thread);
    }

    /** There is what a thread waits for. */
    private void awaken(Blocked blocked) {
        if (blocked.woken || !blocked.isLive()) {
            return;
        }
        if (blocked.member != null && (!blocked.busy || blocked.telling)) { // who is busy counts when it comes back
            members.resume(blocked.member);
            blocked.counted = true;
        }
        blocked.woken = true;
    }

    private static void tell(Blocked blocked) {
        if (blocked.woken && !blocked.told) {
            blocked.told = true;
            if (blocked.thread != Thread.currentThread()) {
                LockSupport.unpark(blocked.thread);
            }
        }
    }

    /** A future was completed by its caller: nor does anybody wait any more who waited for this one. */
    void leave(LoadFuture<?> future, ScopedLoader<?, ?> loader, Slot<?, ?> slot) {
        List<Blocked> joined = new ArrayList<>(0);
        lock.lock();
        try {
            future.leave();
            for (Waiter waiter = slot.waiters; waiter != null; waiter = waiter.next()) {
                if (waiter instanceof Blocked blocked && blocked.future == future) {
                    awaken(blocked);
                    joined.add(blocked);
                }
            }
            var unused = abandon(loader, slot, null);
            idle();
        } finally {
            release();
        }
        joined.forEach(Dispatch::tell);
    }

    /** A thread does not wait for its slots any more. */
    private void abandon(Blocked me) {
        Batch<?, ?> seen = null;
        if (me.loader != null) {
            for (Slot<?, ?> slot : me.slots) {
                seen = abandon(me.loader, slot, seen);
            }
        }
    }

    /** What nobody wants any more is not loaded, or not any further. */
    @SuppressWarnings("unchecked") // a slot is of its loader
    private <K, V> @Nullable Batch<?, ?> abandon(
            ScopedLoader<K, V> loader, Slot<?, ?> slot, @Nullable Batch<?, ?> seen) {
        if (slot.result() != null || slot.isWanted()) {
            return seen; // RACE: who tells of a result takes the waiters, without the lock
        }
        if (slot.isQueued()) {
            loader.drop((Slot<K, V>) slot);
            return seen;
        }
        Batch<?, ?> batch = slot.batch();
        if (batch != null && batch != seen && !batch.started) {
            batch.thinned = true;
        } else if (batch != null && batch != seen && !batch.isEnded() && !batch.isWanted()) {
            interrupt(batch);
            batch.forget();
        }
        return batch;
    }

    private static void interrupt(Batch<?, ?> batch) {
        Thread runner = batch.runner;
        if (runner != null && !batch.interrupted) {
            batch.interrupted = true;
            runner.interrupt();
        }
    }

    /* ---- batches ---- */

    /** Everything that was asked for leaves if everybody waits. */
    private void settle() {
        if (members.allWait() && !closed) {
            takeAll();
        }
    }

    /** What a batch function asks for leaves at once: the batch is waited for already. Tasks that it forked batch as any. */
    private void settle(Blocked me) {
        if (me.inside != null && !me.forTask && !closed) {
            takeAll();
        } else {
            settle();
        }
    }

    private void takeAll() {
        for (ScopedLoader<?, ?> loader = loaders; loader != null; loader = loader.next) {
            if (loader.hasQueued()) {
                loader.takeAll();
            }
        }
    }

    /** A batch was made. */
    void ready(Batch<?, ?> batch) {
        batches.add(batch);
    }

    /** Finds somebody to run what is ready. */
    private void assign(@Nullable Blocked self) {
        Batch<?, ?> before = null;
        Batch<?, ?> batch = batches.ready();
        while (batch != null) {
            Batch<?, ?> after = batch.next;
            Blocked runner = batch.loader.hasPlace() ? runner(batch, self) : null;
            if (runner == null) {
                if (!isLeftToOwner()) {
                    offer(batch);
                }
                before = batch;
            } else {
                batches.remove(before, batch);
                launch(batch, runner.thread);
                runner.work = batch;
                if (runner != self) {
                    LockSupport.unpark(runner.thread);
                }
            }
            batch = after;
        }
    }

    /** {@return whether the owner will be there at once: it only tells others what it has loaded for them} */
    private boolean isLeftToOwner() {
        return ownerBlocked != null && ownerBlocked.telling && ownerBlocked.isLive() && !ownerBlocked.timedOut;
    }

    private @Nullable Blocked runner(Batch<?, ?> batch, @Nullable Blocked self) {
        if (ownerBlocked != null && ownerBlocked.accepts(batch) && !isSpared(ownerBlocked)) {
            return ownerBlocked;
        }
        if (bound || isLeftToOwner()) {
            return null;
        }
        if (self != null && self.loader == batch.loader && self.accepts(batch) && !isSpared(self)) {
            return self;
        }
        for (Slot<?, ?> slot : batch.slots()) {
            for (Waiter waiter = slot.waiters; waiter != null; waiter = waiter.next()) {
                Blocked blocked =
                        waiter instanceof Waiter.Also also ? also.blocked : waiter instanceof Blocked b ? b : null;
                if (blocked != null && blocked.accepts(batch) && !isSpared(blocked)) {
                    return blocked;
                }
            }
        }
        return self != null && self.accepts(batch) && !isSpared(self) ? self : null;
    }

    /** {@return whether somebody else can run batches for a thread whose time is limited} */
    private boolean isSpared(Blocked blocked) {
        return sparing && blocked.limited && executor != null && !bound;
    }

    /** Nobody is there to run a batch: the executor may have a thread, and else somebody comes, or the time is over. */
    private void offer(Batch<?, ?> batch) {
        if (executor != null && !bound && !batch.offered && batch.loader.hasPlace()) {
            batch.offered = true;
            offers++;
        }
        if (!batch.clocked) {
            batch.clocked = true;
            batch.sinceNanos = alarm.now();
            alarm.set(
                    this,
                    batch.sinceNanos
                            + Math.min(batch.loader.loader.maxWaitNanos, batch.loader.loader.batchTimeoutNanos));
        }
    }

    /** A batch has got a thread. */
    private void launch(Batch<?, ?> batch, Thread thread) {
        long now = alarm.now();
        batches.launch(batch, thread, now);
        alarm.set(this, now + batch.loader.loader.batchTimeoutNanos);
    }

    /** {@return whether a batch is to be run by its thread, now} */
    private boolean start(Batch<?, ?> batch) {
        if (batch.isEnded()) {
            batches.land(batch, alarm.now()); // its time was over before
            return false;
        }
        if (batch.thinned && !batch.isWanted()) {
            if (batch.end()) {
                batches.land(batch, alarm.now());
            }
            return false;
        }
        batch.started = true;
        return true;
    }

    /** Runs a batch, which has started, and everything that comes after it. {@return whether it did not hand it on} */
    @CanIgnoreReturnValue
    private <K, V> boolean fly(Batch<K, V> batch, @Nullable Blocked me) {
        Flight<K, V> flight = new Flight<>(batch, scope);
        if (context == null || Thread.currentThread() == members.owner()) {
            flight.run();
        } else {
            flight.runIn(context);
        }
        boolean doubtful = flight.hasThrown() || Thread.currentThread().isInterrupted() || (me != null && me.timedOut);
        if (doubtful && flight.isCutShort() && isHandedOn(batch, flight, me)) {
            flight.rethrow();
            return false;
        }
        boolean stored = batch.end();
        if (stored) {
            flight.store();
        }
        Members.Entry entry = Members.Entry.NONE;
        lock.lock();
        try {
            if (batch.interrupted) {
                takeInterrupt(batch);
            }
            if (me != null) {
                me.work = null;
                back(me);
            }
            batches.land(batch, alarm.now());
            if (stored) {
                flight.forget();
                if (batch.slots().length == 1) {
                    batch.loader.singles++;
                }
                if (wake(batch)) {
                    members.expect();
                    entry = members.enter();
                }
            }
            if (me != null && !me.woken) {
                me.busy = true; // until what was registered has run
                me.telling = entry == Members.Entry.NONE && me == ownerBlocked;
            }
            settle();
            assign(null);
            idle();
        } finally {
            release();
        }
        if (stored) {
            flight.listen();
            tell(batch);
        }
        if (entry != Members.Entry.NONE || (me != null && !me.counted)) {
            landed(entry, me);
        }
        flight.rethrow();
        return true;
    }

    /** A thread has done everything that comes after a batch. */
    private void landed(Members.Entry entry, @Nullable Blocked me) {
        lock.lock();
        try {
            members.exit(entry);
            if (me != null) {
                back(me);
            }
            settle();
            assign(null);
        } finally {
            release();
        }
    }

    /** A thread that ran a batch waits again, or counts again if there is what it waited for. */
    private void back(Blocked me) {
        me.busy = false;
        me.telling = false;
        if (me.woken && me.member != null && !me.counted) {
            members.resume(me.member);
            me.counted = true;
        }
    }

    /**
     * {@return whether a batch is left to others} It is if it failed by an interrupt of the thread that ran it, since that
     * thread's own time is over or somebody else interrupts it, which is no failure of the others; or by one of ours, since
     * nobody wanted it. A thread that leaves it waits no more. One that did not wait leaves it only once, or a function that
     * always speaks of interrupts would run for ever.
     */
    private boolean isHandedOn(Batch<?, ?> batch, Flight<?, ?> flight, @Nullable Blocked me) {
        Thread thread = Thread.currentThread();
        lock.lock();
        try {
            boolean ours = batch.interrupted;
            boolean late = me != null && me.timedOut;
            boolean own = late || (!ours && (thread.isInterrupted() || flight.wasInterrupted()));
            if (batch.isEnded() || !(own || ours) || (me == null && own && batch.handedOn)) {
                return false;
            }
            if (ours) {
                takeInterrupt(batch);
            }
            if (own && !late) {
                thread.interrupt(); // the function may have taken it
            }
            if (me != null) {
                me.work = null;
                back(me);
                if (own) {
                    me.leave();
                }
            }
            if (batch.isWanted()) {
                batches.giveBack(batch, alarm.now());
                batch.thinned = true;
                batch.handedOn = true;
            } else if (batch.end()) {
                batches.land(batch, alarm.now());
                batch.forget();
            }
            if (me != null && own) {
                abandon(me);
            }
            settle();
            assign(null);
            idle();
            return true;
        } finally {
            release();
        }
    }

    /** The thread of a batch was interrupted because of it, and perhaps also because of one around it. */
    private void takeInterrupt(Batch<?, ?> batch) {
        batch.interrupted = false;
        var unused = Thread.interrupted();
        Thread thread = Thread.currentThread();
        if (batches.isInterrupted(thread)) {
            thread.interrupt();
        }
    }

    /** Those who wait for a batch wait no more. {@return whether the calling thread is to run what was registered} */
    private boolean wake(Batch<?, ?> batch) {
        boolean runs = false;
        for (Slot<?, ?> slot : batch.slots()) {
            boolean futures = false;
            for (Waiter waiter = slot.waiters; waiter != null; waiter = waiter.next()) {
                if (waiter instanceof LoadFuture<?> future) {
                    futures = true;
                    if (future.isLive() && future.getNumberOfDependents() > 0) {
                        if (executor == null) {
                            runs = true;
                        } else {
                            handOver(future, Objects.requireNonNull(slot.result()));
                        }
                    }
                } else if (waiter instanceof Blocked blocked) {
                    arrived(batch, blocked);
                } else if (waiter instanceof Waiter.Also also) {
                    arrived(batch, also.blocked);
                }
            }
            if (futures) {
                batch.hasFutures = true;
            } else {
                slot.waiters = null; // remembered are results, not who waited
            }
        }
        return runs;
    }

    /** Others do not wait for what was registered on a future: the executor is to run it, and counts as if it did. */
    private void handOver(LoadFuture<?> future, Result<?, ?> result) {
        members.expect();
        if (handedOver == null) {
            handedOver = new LinkedHashMap<>();
        }
        if (handedOver.isEmpty()) {
            handedOverNanos = alarm.now();
            alarm.set(this, handedOverNanos + maxWaitNanos(future));
        }
        handedOver.put(future, result);
    }

    private static long maxWaitNanos(LoadFuture<?> future) {
        return Objects.requireNonNull(future.loader()).loader.maxWaitNanos;
    }

    private void arrived(Batch<?, ?> batch, Blocked blocked) {
        blocked.missing--;
        if (blocked.missing == 0) {
            awaken(blocked);
            blocked.toldNext = batch.told;
            batch.told = blocked;
        }
    }

    /** Unparks threads, then completes futures. Without the lock. */
    private void tell(Batch<?, ?> batch) {
        for (Blocked one = batch.told; one != null; one = one.toldNext) {
            tell(one);
        }
        if (!batch.hasFutures) {
            return;
        }
        for (Slot<?, ?> slot : batch.slots()) {
            Waiter waiter = slot.waiters;
            slot.waiters = null;
            for (; waiter != null; waiter = waiter.next()) {
                if (waiter instanceof LoadFuture<?> future) {
                    complete(future, Objects.requireNonNull(slot.result()));
                }
            }
        }
    }

    private void complete(LoadFuture<?> future, Result<?, ?> result) {
        if (executor == null || (future.getNumberOfDependents() == 0 && !isHandedOver(future))) {
            future.deliver(result);
            return;
        }
        try {
            executor.execute(() -> continueIn(future, result));
        } catch (RuntimeException | Error e) { // shut down, full, or out of threads: others wait to be told
            continueWith(future, result);
        }
    }

    private boolean isHandedOver(LoadFuture<?> future) {
        if (handedOver == null) { // what this thread has handed over it sees
            return false;
        }
        lock.lock();
        try {
            return handedOver.containsKey(future);
        } finally {
            lock.unlock();
        }
    }

    /** Completes a future in the context, and if that fails without it: others wait for it. */
    private void continueIn(LoadFuture<?> future, Result<?, ?> result) {
        try {
            if (context != null) {
                context.execute(() -> continueWith(future, result));
            }
        } finally {
            continueWith(future, result);
        }
    }

    /** Completes a future on this thread, unless another has begun to. If it was handed over, it counts meanwhile. */
    private void continueWith(LoadFuture<?> future, Result<?, ?> result) {
        Members.Entry entry = Members.Entry.NONE;
        lock.lock();
        try {
            if (handedOver != null && handedOver.remove(future) != null) {
                handedOverNanos = alarm.now(); // there is progress
                entry = members.enter();
                if (entry == Members.Entry.RESUMED
                        && ownerBlocked != null
                        && Thread.currentThread() == members.owner()) {
                    ownerBlocked.telling = false;
                }
            }
        } finally {
            lock.unlock();
        }
        try {
            future.deliver(result);
        } finally {
            exit(entry);
        }
    }

    /** Does what the executor has not come to do: its threads may all wait for it. */
    private void continueAll() {
        Map.Entry<LoadFuture<?>, Result<?, ?>> next = firstHandedOver();
        while (next != null) {
            continueIn(next.getKey(), next.getValue());
            next = firstHandedOver();
        }
    }

    private Map.@Nullable Entry<LoadFuture<?>, Result<?, ?>> firstHandedOver() {
        lock.lock();
        try {
            return handedOver == null || handedOver.isEmpty()
                    ? null
                    : Map.entry(
                            handedOver.keySet().iterator().next(),
                            handedOver.values().iterator().next());
        } finally {
            lock.unlock();
        }
    }

    /** Runs what is ready, on a thread that does not wait in the scope. */
    private void help() {
        Batch<?, ?> batch = next();
        while (batch != null) {
            boolean goesOn = fly(batch, null) || !Thread.currentThread().isInterrupted();
            batch = goesOn ? next() : null;
        }
    }

    /** {@return a batch for the calling thread, started} */
    private @Nullable Batch<?, ?> next() {
        lock.lock();
        try {
            Batch<?, ?> before = null;
            Batch<?, ?> batch = batches.ready();
            while (batch != null) {
                Batch<?, ?> after = batch.next;
                if (batch.loader.hasPlace()) {
                    batches.remove(before, batch);
                    launch(batch, Thread.currentThread());
                    if (start(batch)) {
                        return batch;
                    }
                } else {
                    batch.offered = false; // to be offered again when there is one
                    before = batch;
                }
                batch = after;
            }
            idle();
            return null;
        } finally {
            release();
        }
    }

    void flush() {
        boolean runs;
        boolean refused;
        lock.lock();
        try {
            if (!closed) {
                takeAll();
            }
            runs = bound ? Thread.currentThread() == members.owner() : executor == null;
            if (!runs) {
                assign(null);
            }
        } finally {
            refused = !release();
        }
        if (runs || refused) {
            Members.Member member = pause();
            try {
                help();
            } finally {
                resume(member);
            }
        }
    }

    void close() {
        List<Batch<?, ?>> ended = new ArrayList<>();
        List<ScopedLoader<?, ?>> sequential = new ArrayList<>();
        lock.lock();
        try {
            if (closed) {
                return;
            }
            takeAll();
            closed = true;
            Batch<?, ?> batch = batches.ready();
            while (batch != null) {
                batches.remove(null, batch);
                fail(batch, BatchingErrors.SCOPE_CLOSED, ended);
                batch = batches.ready();
            }
            for (ScopedLoader<?, ?> loader = loaders; loader != null; loader = loader.next) {
                loader.close();
                if (loader.singles >= 3 && loader.loader.listener != null) {
                    sequential.add(loader);
                }
            }
            idle();
        } finally {
            release();
        }
        ended.forEach(this::tell);
        for (ScopedLoader<?, ?> loader : sequential) {
            loader.sequential();
        }
    }

    /** All keys of a batch fail alike. */
    private <K, V> void fail(Batch<K, V> batch, ErrorCode code, List<Batch<?, ?>> ended) {
        if (!batch.end()) {
            return; // its results are being written
        }
        Loader<K, V> loader = batch.loader.loader;
        DomainError error = new LoadError(code, loader.name, batch.someKeys(), batch.waiting(), null);
        Result<V, DomainError> result = Result.err(error);
        for (Slot<K, V> slot : batch.slots()) {
            slot.finish(result);
            batch.loader.forget(slot);
        }
        var unused = wake(batch);
        ended.add(batch);
    }

    /* ---- time ---- */

    /** The oldest key that is queued and wanted waits from now on. */
    private void clock(@Nullable ScopedLoader<?, ?> loader) {
        if (loader != null && loader.hasQueued() && !loader.clocked) {
            loader.clocked = true;
            clocked++;
            loader.firstNanos = alarm.now();
            alarm.set(this, loader.firstNanos + loader.loader.maxWaitNanos);
        }
    }

    /** A queue is empty. */
    void unclocked() {
        clocked--;
    }

    /** The watch need not look here while nothing can be due. */
    private void idle() {
        if (batches.isEmpty() && clocked == 0 && (handedOver == null || handedOver.isEmpty())) {
            alarm.clear();
        }
    }

    /** {@return when to look again} Called by the watch when something is due; must not wait. */
    long tick() {
        if (!lock.tryLock()) {
            return alarm.now() + RETRY_NANOS;
        }
        List<Batch<?, ?>> ended = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        long next = Long.MAX_VALUE;
        try {
            long now = alarm.now();
            next = Math.min(tickQueues(now), Math.min(tickReady(now, ended, threads), tickFlights(now, ended)));
            next = Math.min(next, tickHandedOver(now, threads));
            alarm.reset(next);
            idle();
        } finally {
            release();
        }
        if (!ended.isEmpty()) {
            Runnable telling = () -> ended.forEach(this::tell); // continuations are the user's
            start(stranger(telling), telling);
        }
        threads.forEach(thread -> start(thread, () -> {}));
        return next;
    }

    private long tickQueues(long now) {
        long next = Long.MAX_VALUE;
        for (ScopedLoader<?, ?> loader = loaders; loader != null; loader = loader.next) {
            if (loader.clocked) {
                long due = Math.max(loader.firstNanos, startedNanos) + loader.loader.maxWaitNanos;
                if (due - now > 0) {
                    next = Math.min(next, due);
                } else {
                    loader.takeAll();
                }
            }
        }
        assign(null);
        return next;
    }

    /** Those that have been ready for long: whoever waits may run them now, or else a thread that is started for it. */
    private long tickReady(long now, List<Batch<?, ?>> ended, List<Thread> threads) {
        long next = Long.MAX_VALUE;
        sparing = false;
        assign(null);
        sparing = true;
        Batch<?, ?> before = null;
        Batch<?, ?> batch = batches.ready();
        while (batch != null) {
            Batch<?, ?> after = batch.next;
            if (!batch.clocked || (batches.isFlying() && isTakenLater(batch))) {
                batch.clocked = true;
                batch.sinceNanos = now;
            }
            long since = batches.readySince(batch);
            long failing = since + batch.loader.loader.batchTimeoutNanos;
            if (failing - now <= 0) {
                batches.remove(before, batch);
                fail(batch, BatchingErrors.BATCH_TIMEOUT, ended);
            } else {
                long due = since + batch.loader.loader.maxWaitNanos;
                if (due - now > 0) {
                    next = Math.min(next, due);
                } else if (!bound && threads.isEmpty() && batch.loader.hasPlace()) {
                    threads.add(stranger(this::help));
                }
                next = Math.min(next, failing);
                before = batch;
            }
            batch = after;
        }
        return next;
    }

    /** {@return whether somebody comes who runs another batch now, or there is no place before that one has ended} */
    private boolean isTakenLater(Batch<?, ?> batch) {
        if (bound || ownerBlocked != null || !batch.loader.hasPlace()) {
            return true;
        }
        for (Slot<?, ?> slot : batch.slots()) {
            for (Waiter waiter = slot.waiters; waiter != null; waiter = waiter.next()) {
                if (waiter.isLive() && !(waiter instanceof LoadFuture) && waiter != Waiter.EXPECTING) {
                    return true;
                }
            }
        }
        return false;
    }

    private long tickHandedOver(long now, List<Thread> threads) {
        Map.Entry<LoadFuture<?>, Result<?, ?>> first = firstHandedOver();
        if (first == null) {
            return Long.MAX_VALUE;
        }
        long wait = maxWaitNanos(first.getKey());
        if (handedOverNanos + wait - now <= 0) {
            threads.add(stranger(this::continueAll));
            handedOverNanos = now;
        }
        return handedOverNanos + wait;
    }

    /** {@return a thread for what nobody in the scope is there to do} */
    private static Thread stranger(Runnable work) {
        Thread thread = new Thread(work, "underpin-batch");
        thread.setDaemon(true);
        return thread;
    }

    private static void start(Thread thread, Runnable otherwise) {
        try {
            thread.start();
        } catch (OutOfMemoryError e) { // there are too many threads: better on this one than never
            otherwise.run();
        }
    }

    private long tickFlights(long now, List<Batch<?, ?>> ended) {
        long next = Long.MAX_VALUE;
        for (Batch<?, ?> batch = batches.flights(); batch != null; batch = batch.next) {
            if (!batch.isEnded()) {
                long due = batch.sinceNanos + batch.loader.loader.batchTimeoutNanos;
                if (due - now > 0) {
                    next = Math.min(next, due);
                } else {
                    fail(batch, BatchingErrors.BATCH_TIMEOUT, ended);
                    if (batch.started) {
                        interrupt(batch);
                    }
                }
            }
        }
        return next;
    }

    /** Gives up the lock, and does what must not be done with it. {@return whether the executor took what it was offered} */
    @CanIgnoreReturnValue
    private boolean release() {
        if (offers == 0 && !alarm.isPending()) {
            lock.unlock();
            return true;
        }
        return releaseAndTell();
    }

    private boolean releaseAndTell() {
        long due = alarm.takePending();
        int offered = offers;
        offers = 0;
        lock.unlock();
        alarm.wakeAt(due);
        boolean taken = true;
        for (int i = 0; i < offered; i++) {
            taken &= new Offer().isTaken(Objects.requireNonNull(executor));
        }
        return taken;
    }

    /**
     * Asks an executor for a thread. One that runs what it is given on the calling thread has none: this may be a thread that
     * waits and was given a batch, which others in turn wait for, or the one that looks after the time of all scopes.
     */
    private final class Offer implements Runnable {
        private final Thread asker = Thread.currentThread();
        private boolean asking = true;
        private boolean taken = true;

        boolean isTaken(Executor executor) {
            try {
                executor.execute(this);
            } catch (RuntimeException | Error e) {
                taken = false; // shut down, full, or out of threads: somebody else comes, or is started when the time
                // is over
            }
            asking = false;
            return taken;
        }

        @Override
        public void run() {
            if (Thread.currentThread() == asker && asking) {
                taken = false;
            } else {
                help();
            }
        }
    }
}
