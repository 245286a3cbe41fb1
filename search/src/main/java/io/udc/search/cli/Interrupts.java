package io.udc.search.cli;

import io.udc.search.Cancellation;
import org.jline.utils.Signals;

/**
 * Ctrl-C and a polite kill while a long command runs: the first asks the run to stop at its next step, the second ends
 * the process at once.
 */
final class Interrupts implements AutoCloseable {

    private static final String[] NAMES = {"INT", "TERM"};

    private final Console console;
    private final Cancellation cancellation;
    private final Object[] previous = new Object[NAMES.length];

    private Interrupts(Console console, Cancellation cancellation) {
        this.console = console;
        this.cancellation = cancellation;
    }

    /** Handles the signals until the result is closed. */
    static Interrupts handle(Console console, Cancellation cancellation) {
        Interrupts interrupts = new Interrupts(console, cancellation);
        for (int i = 0; i < NAMES.length; i++) {
            interrupts.previous[i] = Signals.register(NAMES[i], interrupts::onSignal);
        }
        return interrupts;
    }

    private void onSignal() {
        if (cancellation.isRequested()) {
            Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
        }
        cancellation.request();
        console.line("\nudc: stopping (again: at once)");
    }

    @Override
    public void close() {
        for (int i = 0; i < NAMES.length; i++) {
            Signals.unregister(NAMES[i], previous[i]);
        }
    }
}
