package io.udc.memory;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * Owns every native object that is made on this thread while it is open; the only class that opens a JavaCPP
 * scope. A loop opens one for each step:
 *
 * <pre>{@code
 * try (StepScope step = StepScope.open()) {
 *     Tensor loss = network.forward(batch);
 *     best = step.keep(loss.detach());
 * }
 * }</pre>
 *
 * <p>What {@link #keep} returns outlives the scope, and whoever keeps it closes it. Scopes nest; a scope must be
 * closed by the thread that opened it. Not thread-safe.
 */
public final class StepScope implements AutoCloseable {

    private static final MemoryLimit LIMIT = MemoryLimit.ofProcess();

    private final PointerScope scope = new PointerScope();

    private StepScope() {}

    /**
     * Opens a scope.
     *
     * @throws OutOfMemoryError if the process holds more bytes than the system property {@code io.udc.maxPhysicalBytes}
     *     allows
     */
    public static StepScope open() {
        LIMIT.check();
        return new StepScope();
    }

    /** Takes an object out of this scope, so that it lives until its new owner closes it. */
    public <T extends Pointer> T keep(T object) {
        object.retainReference(); // detach() drops one reference and frees the object with its last one
        scope.detach(object);
        return object;
    }

    /** Frees every native object of the step. */
    @Override
    public void close() {
        scope.close();
    }
}
