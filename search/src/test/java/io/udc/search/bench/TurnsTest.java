package io.udc.search.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.udc.search.CancelledException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnsTest {

    private final Turns turns = new Turns();
    private final List<String> log = Collections.synchronizedList(new ArrayList<>());

    private Runnable loop(String name, int steps) {
        return () -> {
            for (int step = 1; step <= steps; step++) {
                log.add(name + step);
                turns.pass();
            }
        };
    }

    @Test
    void loopsPassTheTurnOnUntilAllHaveEnded() {
        turns.run(List.of(loop("a", 2), loop("b", 4), loop("c", 3)));
        assertEquals(List.of("a1", "b1", "c1", "a2", "b2", "c2", "b3", "c3", "b4"), log);
    }

    @Test
    void aLoopAloneGoesOnAtOnce() {
        turns.run(List.of(loop("a", 3)));
        assertEquals(List.of("a1", "a2", "a3"), log);
    }

    @Test
    void whenALoopFailsTheOthersEndAndItsErrorIsThrown() {
        IllegalStateException failure = new IllegalStateException("no batch");
        Runnable failing = () -> {
            log.add("b1");
            throw failure;
        };
        Runnable stopped = () -> log.add(assertThrows(CancelledException.class, loop("a", 9)::run).getMessage());
        assertSame(failure, assertThrows(IllegalStateException.class,
                () -> turns.run(List.of(stopped, failing, loop("c", 9)))));
        assertEquals(List.of("a1", "b1", "stopped on request"), log);
    }
}
