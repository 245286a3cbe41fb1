package io.udc.search.train;

import io.udc.data.Batch;
import io.udc.data.Examples;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.search.train.TrainableNetwork.Mode;

/** Passes over training pictures in which a network's parameters stand still, and it observes its feature maps. */
final class ObservationPass {

    private static final int RANGE_BATCHES = 20;

    private final TrainableNetwork network;
    private final Examples examples;
    private final Evaluation evaluation;

    ObservationPass(TrainableNetwork network, Examples examples, Evaluation evaluation) {
        this.network = network;
        this.examples = examples;
        this.evaluation = evaluation;
    }

    /**
     * Takes the batch norms' statistics anew, as plain averages over some batches of an epoch; those of an upscaler
     * stay.
     */
    void takeStatistics(int epoch, int batches, boolean quantized) {
        if (network.usesBatchStatistics()) {
            run(epoch, batches, quantized, false);
        }
    }

    /** Lets ranges that are not known follow some batches of an epoch in float. */
    void findRanges(int epoch) {
        if (!network.features().ready()) {
            run(epoch, RANGE_BATCHES, false, true);
        }
    }

    @SuppressWarnings("try")
    private void run(int epoch, int batches, boolean quantized, boolean observe) {
        int done = 0;
        try (NoGradient off = NoGradient.open()) {
            for (Batch batch : examples.epoch(epoch)) {
                try (batch;
                        StepScope scope = StepScope.open()) {
                    if (quantized && done == 0) {
                        network.weights().forward();
                    }
                    double momentum = observe ? -1 : 1.0 / (done + 1);
                    network.forward(evaluation.input(batch.images()), new Mode(momentum, quantized, observe));
                }
                if (++done == batches) {
                    break;
                }
            }
        }
    }
}
