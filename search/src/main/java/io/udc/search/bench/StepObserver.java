package io.udc.search.bench;

import io.udc.InputException;
import io.udc.search.CancelledException;
import io.udc.search.Cancellation;
import io.udc.search.ReportRule;
import io.udc.search.SearchEvent;
import io.udc.search.SearchEvent.StepDone;
import io.udc.search.SearchListener;

/** Sees the first steps of a training loop, and stops it behind them. Not thread-safe. */
abstract class StepObserver implements SearchListener, ReportRule {

    private final int wanted;
    private final Cancellation cancellation = new Cancellation();

    /** @param wanted number of steps, of one epoch */
    StepObserver(int wanted) {
        this.wanted = wanted;
    }

    /** Called when a step that was due for a report is done. */
    abstract void done(StepDone step);

    @Override
    public final void on(SearchEvent event) {
        if (event instanceof StepDone step) {
            if (step.steps() <= wanted) {
                throw new InputException("found " + step.steps() + " batches of training pictures, expected at least "
                        + (wanted + 1) + ": choose a smaller --batch");
            }
            done(step);
            if (step.step() == wanted) {
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
