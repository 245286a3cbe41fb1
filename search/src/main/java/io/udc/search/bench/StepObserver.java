package io.udc.search.bench;

import io.udc.search.CancelledException;
import io.udc.search.Cancellation;
import io.udc.search.ReportRule;
import io.udc.search.SearchEvent;
import io.udc.search.SearchEvent.StepDone;
import io.udc.search.SearchListener;

/** Sees the first steps of a training loop, over all of its epochs, and stops it behind them. Not thread-safe. */
abstract class StepObserver implements SearchListener, ReportRule {

    private final int wanted;
    private final Cancellation cancellation = new Cancellation();
    private int step;

    /** @param wanted number of steps */
    StepObserver(int wanted) {
        this.wanted = wanted;
    }

    /**
     * Whether the loss is wanted. Called when a step is enqueued.
     *
     * @param step from 1, over all epochs
     */
    abstract boolean wants(int step);

    /** Called when a step that was wanted is done. */
    abstract void done(int step, StepDone event);

    @Override
    public final boolean isDue(int stepOfEpoch) {
        return wants(++step);
    }

    @Override
    public final void on(SearchEvent event) {
        if (event instanceof StepDone done) {
            done(step, done);
            if (step == wanted) {
                cancellation.request();
            }
        }
    }

    /** What the loop must look at. */
    Cancellation cancellation() {
        return cancellation;
    }

    /** Runs the loop until it is stopped. */
    void await(Runnable loop) {
        try {
            loop.run();
            throw new IllegalStateException("the run ended before its " + wanted + " steps");
        } catch (CancelledException stopped) {
            // It was asked to.
        }
    }
}
