package io.udc.memory;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

class MemoryLimitTest {

    private static final long MIB = 1 << 20;

    @Test
    void moreThanTheLimitIsAnErrorThatNamesBoth() {
        OutOfMemoryError error =
                assertThrows(OutOfMemoryError.class, () -> new MemoryLimit(5 * MIB, () -> 7 * MIB).check());
        assertEquals("this process holds 7 MiB, expected at most 5 MiB (io.udc.maxPhysicalBytes)", error.getMessage());
    }

    @Test
    void theLimitItselfIsWithinIt() {
        assertEquals(OptionalLong.of(5 * MIB), new MemoryLimit(5 * MIB, () -> 0).most());
        assertDoesNotThrow(() -> new MemoryLimit(5 * MIB, () -> 5 * MIB).check());
    }

    @Test
    void whatCanBeFreedIsNoError() {
        List<Long> held = List.of(7 * MIB, 4 * MIB);
        AtomicInteger asked = new AtomicInteger();
        new MemoryLimit(5 * MIB, () -> held.get(asked.getAndIncrement())).check();
        assertEquals(2, asked.get());
    }

    @Test
    void withoutALimitNothingIsAsked() {
        new MemoryLimit(0, () -> {
            throw new AssertionError("asked");
        }).check();
        assertEquals(OptionalLong.empty(), new MemoryLimit(0, () -> 0).most());
    }

    @Test
    void thisProcessHoldsSomething() {
        assertThrows(OutOfMemoryError.class, () -> new MemoryLimit(1, Pointer::physicalBytes).check());
    }

    @Test
    void whatIsOpenedInQuickSuccessionIsAskedOnce() {
        AtomicInteger asked = new AtomicInteger();
        MemoryLimit limit = new MemoryLimit(5 * MIB, () -> asked.getAndIncrement());
        long start = System.nanoTime();
        int checks = 0;
        for (; checks < 100_000; checks++) {
            limit.check();
        }
        long hundredths = (System.nanoTime() - start) / 10_000_000;
        assertTrue(asked.get() >= 1 && asked.get() <= hundredths + 1, asked + " of " + checks);
    }
}
