package io.udc.search.bench;

import io.udc.search.SearchEvent.StepDone;
import java.util.ArrayList;
import java.util.List;

/** The losses of a loop's first steps. Not thread-safe. */
final class LossCurve extends StepObserver {

    private final List<Double> losses = new ArrayList<>();

    LossCurve(int steps) {
        super(steps);
    }

    @Override
    public boolean isDue(int step) {
        return true;
    }

    @Override
    void done(StepDone step) {
        losses.add(step.loss());
    }

    List<Double> losses() {
        return losses;
    }
}
