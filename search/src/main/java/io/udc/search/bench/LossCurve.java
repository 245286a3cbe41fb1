package io.udc.search.bench;

import io.udc.InputException;
import io.udc.search.SearchEvent.StepDone;
import java.util.ArrayList;
import java.util.List;

/** The losses of a loop's first steps. Not thread-safe. */
final class LossCurve extends StepObserver {

    private final int steps;
    private final List<Double> losses = new ArrayList<>();

    /** @param steps how many, of one epoch */
    LossCurve(int steps) {
        super(steps);
        this.steps = steps;
    }

    @Override
    boolean wants(int step) {
        return true;
    }

    /** @throws InputException if an epoch is too short */
    @Override
    void done(int step, StepDone event) {
        if (event.steps() <= steps) {
            throw new InputException("found " + event.steps() + " batches of training pictures, expected at least "
                    + (steps + 1) + ": choose a smaller --batch");
        }
        losses.add(event.loss());
    }

    List<Double> losses() {
        return losses;
    }
}
