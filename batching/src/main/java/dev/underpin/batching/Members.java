package dev.underpin.batching;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The threads of a scope that count: the one that opened it, and those that run its tasks. Guarded by the lock of the
 * dispatch.
 *
 * <p>INVARIANT: {@link #running} is the number of members that do not wait, plus what was counted ahead: tasks that were
 * forked and have not begun, continuations that were handed over.
 */
@SuppressWarnings("ReferenceEquality") // threads are what they are
final class Members {
    /** How a thread came to count. */
    enum Entry {
        /** It did not, and was made a member. */
        JOINED,
        /** It is one, and waited. */
        RESUMED,
        /** It does. */
        NONE
    }

    private final Thread owner = Thread.currentThread();
    private final Member ownerMember = new Member();
    private @Nullable Map<Thread, Member> others;
    private int running = 1;

    Thread owner() {
        return owner;
    }

    /** {@return whether everybody waits} */
    boolean allWait() {
        return running == 0;
    }

    /** Counts what will become a thread. */
    void expect() {
        running++;
    }

    /** What was expected will not come. */
    void unexpect() {
        running--;
    }

    /** {@return how the calling thread counts} What was expected becomes this thread. */
    Entry enter() {
        Thread thread = Thread.currentThread();
        Member member = of(thread);
        if (member == null) {
            if (others == null) {
                others = new HashMap<>();
            }
            others.put(thread, new Member());
            return Entry.JOINED;
        }
        if (member.running) {
            running--; // it runs on the thread of another, which counts already
            return Entry.NONE;
        }
        member.running = true;
        return Entry.RESUMED;
    }

    void exit(Entry entry) {
        if (entry != Entry.NONE) {
            Thread thread = Thread.currentThread();
            Member member = Objects.requireNonNull(of(thread));
            if (entry == Entry.JOINED) {
                Objects.requireNonNull(others).remove(thread);
            }
            if (member.running) {
                suspend(member);
            }
        }
    }

    /** {@return the member that the calling thread is and that runs, which it does no longer} */
    @Nullable
    Member suspend(Thread thread) {
        Member member = of(thread);
        if (member == null || !member.running) {
            return null;
        }
        suspend(member);
        return member;
    }

    private void suspend(Member member) {
        member.running = false;
        running--;
    }

    void resume(Member member) {
        member.running = true;
        running++;
    }

    private @Nullable Member of(Thread thread) {
        if (thread == owner) {
            return ownerMember;
        }
        return others == null ? null : others.get(thread);
    }

    /** A thread that counts. */
    static final class Member {
        private boolean running = true;
    }
}
