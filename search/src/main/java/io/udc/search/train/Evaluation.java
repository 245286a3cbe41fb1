package io.udc.search.train;

import io.udc.data.Batch;
import io.udc.data.BatchLoader;
import io.udc.data.ImageDataset;
import io.udc.data.Normalization;
import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.search.Cancellation;
import io.udc.search.train.TrainableNetwork.Mode;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The accuracy of trainable networks. */
final class Evaluation {

    private static final int BATCH = 250;

    private final Normalization normalization;
    private final Device device;
    private final Cancellation cancellation;

    Evaluation(Normalization normalization, Device device, Cancellation cancellation) {
        this.normalization = normalization;
        this.device = device;
        this.cancellation = cancellation;
    }

    /** Share of the pictures, 0 to 1, whose greatest output is that of their class. */
    @SuppressWarnings("try")
    double accuracy(TrainableNetwork network, Mode mode, ImageDataset dataset) {
        long right = 0;
        try (NoGradient off = NoGradient.open();
                BatchLoader loader = BatchLoader.builder(dataset).setBatchSize(BATCH).build()) {
            if (mode.quantized()) {
                quantizeWeights(network);
            }
            for (Batch batch : loader.epoch(0)) {
                try (batch;
                        StepScope step = StepScope.open()) {
                    cancellation.check();
                    right += right(network.forward(input(batch), mode), batch.labels());
                }
            }
        }
        return (double) right / dataset.size();
    }

    /** The batch's pictures as the network reads them, on the device; the open scope owns it. */
    Tensor input(Batch batch) {
        Tensor pixels = batch.images();
        return normalization.toFloat(device.isCuda() ? pixels.to(Devices.toTorch(device), torch.ScalarType.Byte) : pixels);
    }

    @SuppressWarnings("try")
    private static void quantizeWeights(TrainableNetwork network) {
        try (StepScope scope = StepScope.open()) {
            network.weights().forward();
        }
    }

    /** Of equal outputs the first counts, as in the integer network. */
    private static long right(Tensor outputs, Tensor labels) {
        int pictures = (int) labels.numel();
        long[] expected = new long[pictures];
        new LongPointer(labels.data_ptr()).get(expected);
        float[] values = ParameterStore.read(outputs);
        int classes = values.length / pictures;
        long right = 0;
        for (int picture = 0; picture < pictures; picture++) {
            int best = 0;
            for (int i = 1; i < classes; i++) {
                if (values[picture * classes + i] > values[picture * classes + best]) {
                    best = i;
                }
            }
            right += best == expected[picture] ? 1 : 0;
        }
        return right;
    }
}
