package io.udc.search.supernet;

import io.udc.device.RecordedWork;
import java.util.ArrayList;
import java.util.List;

/** Stands in for a CUDA graph on the CPU: capturing does nothing, and replaying does what was captured. */
final class Rerun implements RecordedWork {

    private final boolean refuses;
    private final List<String> calls = new ArrayList<>();
    private Runnable captured;
    private boolean closed;

    /** @param refuses whether nothing can be captured */
    Rerun(boolean refuses) {
        this.refuses = refuses;
    }

    @Override
    public void warmUp(Runnable work) {
        calls.add("warm up");
        work.run();
    }

    @Override
    public void capture(Runnable work) {
        calls.add("capture");
        if (refuses) {
            throw new IllegalStateException("operation not permitted\nframe #0");
        }
        captured = work;
    }

    @Override
    public void replay() {
        calls.add("replay");
        captured.run();
    }

    /** The names of the calls so far. */
    List<String> calls() {
        return calls;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
    }
}
