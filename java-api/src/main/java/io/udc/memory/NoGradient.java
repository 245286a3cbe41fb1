package io.udc.memory;

import org.bytedeco.pytorch.GradMode;

/** Operations on this thread are not recorded for a backward pass while one is open. */
public final class NoGradient implements AutoCloseable {

    private final boolean before = GradMode.is_enabled();

    private NoGradient() {
        GradMode.set_enabled(false);
    }

    public static NoGradient open() {
        return new NoGradient();
    }

    @Override
    public void close() {
        GradMode.set_enabled(before);
    }
}
