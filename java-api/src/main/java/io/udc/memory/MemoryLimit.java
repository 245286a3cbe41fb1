package io.udc.memory;

import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.bytedeco.javacpp.Pointer;

/**
 * The most memory that this process may hold, so that running out is an error of this program and of no other. JavaCPP
 * has such a limit as well ({@code org.bytedeco.javacpp.maxphysicalbytes}), but asks the system at every native object
 * that is made, thousands of times in a step, which takes 3% of its time; this one asks when a scope is opened, and no
 * more than a hundred times a second. Thread-safe.
 */
public final class MemoryLimit {

    /** In bytes; no limit when left out. */
    static final String PROPERTY = "io.udc.maxPhysicalBytes";

    private static final long PAUSE_NANOS = 10_000_000;

    private final long most;
    private final LongSupplier held;
    private volatile long lastAsked = System.nanoTime() - PAUSE_NANOS;

    /**
     * @param most bytes, or 0 for no limit
     * @param held what the process holds
     */
    MemoryLimit(long most, LongSupplier held) {
        this.most = most;
        this.held = held;
    }

    /** The limit that the system property {@code io.udc.maxPhysicalBytes} sets. */
    public static MemoryLimit ofProcess() {
        return new MemoryLimit(Long.getLong(PROPERTY, 0), Pointer::physicalBytes);
    }

    /** In bytes, or empty where there is no limit. */
    public OptionalLong most() {
        return most == 0 ? OptionalLong.empty() : OptionalLong.of(most);
    }

    /**
     * @throws OutOfMemoryError if the process holds more, and still does when all that is unreachable is freed
     */
    void check() {
        if (most == 0) {
            return;
        }
        long now = System.nanoTime();
        if (now - lastAsked < PAUSE_NANOS) {
            return;
        }
        lastAsked = now;
        if (held.getAsLong() <= most) {
            return;
        }
        System.gc(); // hands over unreachable native objects
        Pointer.deallocateReferences();
        Pointer.trimMemory();
        long bytes = held.getAsLong();
        if (bytes > most) {
            throw new OutOfMemoryError("this process holds " + (bytes >> 20) + " MiB, expected at most " + (most >> 20)
                    + " MiB (" + PROPERTY + ")");
        }
    }
}
