package io.udc.search.train;

import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.search.Cancellation;
import io.udc.search.train.TrainableNetwork.Mode;
import org.bytedeco.pytorch.Tensor;

/** Judges trainable networks. */
final class Evaluation {

    private final TrainingTask task;
    private final Device device;
    private final Cancellation cancellation;

    Evaluation(TrainingTask task, Device device, Cancellation cancellation) {
        this.task = task;
        this.device = device;
        this.cancellation = cancellation;
    }

    /** The task's metric on pictures that training never sees. */
    @SuppressWarnings("try")
    double metric(TrainableNetwork network, Mode mode) {
        try (NoGradient off = NoGradient.open()) {
            if (mode.quantized()) {
                quantizeWeights(network);
            }
            return task.evaluate(network.architecture(), pixels -> {
                cancellation.check();
                return network.forward(input(pixels), mode);
            });
        }
    }

    /** Pictures as the network reads them, on the device; the open scope owns them. */
    Tensor input(Tensor pixels) {
        return task.normalization().toFloat(Devices.place(pixels, device));
    }

    @SuppressWarnings("try")
    private static void quantizeWeights(TrainableNetwork network) {
        try (StepScope scope = StepScope.open()) {
            network.weights().forward();
        }
    }
}
