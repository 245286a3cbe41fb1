package io.udc.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DeviceLoadTest {

    @Test
    void theLoadIsTheShareOfTheSamplesThatFoundWork() throws InterruptedException {
        AtomicInteger calls = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        CountDownLatch enough = new CountDownLatch(100);
        DeviceLoad load = new DeviceLoad(() -> {
            enough.countDown();
            return calls.incrementAndGet() % 4 != 0;
        }, () -> ended.set(calls.get()));
        enough.await();
        assertEquals(0.75, load.stop(), 0.02);
        assertEquals(calls.get(), ended.get());
    }
}
