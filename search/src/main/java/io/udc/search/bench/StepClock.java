package io.udc.search.bench;

import io.udc.InputException;
import io.udc.device.Device;
import io.udc.kernels.DeviceLoad;
import io.udc.search.SearchEvent.StepDone;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Times steps of a loop, some in each of its turns, without waiting for the device between them: from the end of one
 * step that is waited for to the end of another. Not thread-safe.
 */
final class StepClock extends StepObserver {

    /**
     * Steps of the first turn, which are not counted: libtorch chooses algorithms, the program is compiled, passes may
     * be recorded.
     */
    static final int WARM_UP = 32;

    static final int TURNS = 12;
    static final int STEPS_IN_A_TURN = 8;

    /** An epoch of so few steps is refused: most turns are to hold no end of an epoch. */
    static final int LEAST_STEPS_OF_AN_EPOCH = 2 * STEPS_IN_A_TURN;

    /** That all steps take, and the one behind them in which the loop is stopped. */
    static final int MOST_EPOCHS = (WARM_UP + TURNS * STEPS_IN_A_TURN) / LEAST_STEPS_OF_AN_EPOCH + 1;

    /**
     * Means of a turn's steps.
     *
     * @param millis from the end of a step to the end of the next
     * @param hostMillis until a step is enqueued
     * @param busyShare share of the time, 0 to 1, that the GPU had work; null on the CPU
     */
    private record Turn(double millis, double hostMillis, Double busyShare) {}

    private final Device device;
    private final Turns turns;
    private final List<Turn> measured = new ArrayList<>();
    private DeviceLoad load;
    private long firstStep;
    private long begun;
    private long enqueued;
    private long ended;
    private long awayNanos;

    /** @param turns of the thread that takes the steps */
    StepClock(Device device, Turns turns) {
        super(WARM_UP + TURNS * STEPS_IN_A_TURN);
        this.device = device;
        this.turns = turns;
    }

    @Override
    boolean wants(int step) {
        enqueued = System.nanoTime();
        return step == 1 || step >= WARM_UP && (step - WARM_UP) % STEPS_IN_A_TURN == 0;
    }

    /** @throws InputException if there are too few batches */
    @Override
    void done(int step, StepDone event) {
        ended = System.nanoTime();
        if (step == 1) {
            if (event.steps() < LEAST_STEPS_OF_AN_EPOCH) {
                throw new InputException("found " + event.steps() + " batches of training pictures, expected at least "
                        + LEAST_STEPS_OF_AN_EPOCH + ": choose a smaller --batch");
            }
            firstStep = ended;
            return;
        }
        if (step > WARM_UP) {
            measured.add(new Turn((ended - begun) / 1e6 / STEPS_IN_A_TURN, (enqueued - begun) / 1e6 / STEPS_IN_A_TURN,
                    load == null ? null : load.stop()));
        }
        if (measured.size() < TURNS) {
            turns.pass();
            begun = System.nanoTime();
            awayNanos += begun - ended;
            load = device.isCuda() ? DeviceLoad.start(device) : null;
        }
    }

    /** Milliseconds of a step, the mean of each turn. */
    double[] millis() {
        return all(Turn::millis);
    }

    /** Milliseconds that the host takes to enqueue a step, the mean of each turn. */
    double[] hostMillis() {
        return all(Turn::hostMillis);
    }

    /** Share of the time that the device had work, in each turn; only for a GPU. */
    double[] busyShares() {
        return all(Turn::busyShare);
    }

    /** Share of the time since the first step, 0 to 1, that was this loop's turn. */
    double turnShare() {
        return 1 - (double) awayNanos / (ended - firstStep);
    }

    private double[] all(ToDoubleFunction<Turn> figure) {
        return measured.stream().mapToDouble(figure).toArray();
    }
}
