package io.udc.search.supernet;

import io.udc.arch.WeightShape;
import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.StepScope;
import io.udc.search.space.SearchLayer;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The tensors of one layer of the supernet, as large as its widest option.
 *
 * @param weights [out, in, k, k], learned; root mean square 1 per output channel
 * @param mixed the effective weights, a leaf that the kernel writes and the network reads
 * @param weightGradient the gradient of {@code weights}, written by the kernel
 * @param gamma [out] scale after batch norm, learned; the gain of a dense layer
 * @param beta [out] shift after batch norm, learned; the bias of a dense layer
 * @param scale [out] gamma behind the gates, a leaf that the network reads
 * @param shift [out] beta behind the gates, likewise
 * @param steps [out, bit widths] quantization steps
 * @param positionMask [in*k*k] share of each kernel position, or null if the kernel is fixed
 * @param positionMaskGradient its gradient, or null
 * @param kernelPatterns [kernel options, in*k*k] which positions each option has, or null
 */
record LayerTensors(
        Tensor weights,
        Tensor mixed,
        Tensor weightGradient,
        Tensor gamma,
        Tensor beta,
        Tensor scale,
        Tensor shift,
        Tensor steps,
        Tensor positionMask,
        Tensor positionMaskGradient,
        Tensor kernelPatterns)
        implements AutoCloseable {

    /**
     * Views of the flat parameters, and what a layer has of its own.
     *
     * @param weightOffset of the layer in the flat weights
     * @param affineOffset of the layer's scales, which its shifts follow, in the flat scales and shifts
     */
    static LayerTensors create(
            SearchLayer layer,
            SupernetParameters parameters,
            long weightOffset,
            long affineOffset,
            double[] initialSteps,
            Device device) {
        WeightShape shape = layer.widest();
        int channels = shape.outChannels();
        boolean openKernel = !layer.kernel().isFixed();
        try (StepScope scope = StepScope.open()) {
            Tensor mixed = scope.keep(zeros(device, shape.sizes()));
            mixed.set_requires_grad(true);
            return new LayerTensors(
                    scope.keep(SupernetParameters.view(parameters.weights(), weightOffset, shape.sizes())),
                    mixed,
                    scope.keep(SupernetParameters.view(parameters.weightGradients(), weightOffset, shape.sizes())),
                    scope.keep(SupernetParameters.view(parameters.affine(), affineOffset, channels)),
                    scope.keep(SupernetParameters.view(parameters.affine(), affineOffset + channels, channels)),
                    scope.keep(parameters.gatedLeaf(affineOffset, channels)),
                    scope.keep(parameters.gatedLeaf(affineOffset + channels, channels)),
                    scope.keep(Devices.place(
                            Tensor.create(repeated(initialSteps, channels), channels, initialSteps.length), device)),
                    openKernel ? scope.keep(zeros(device, shape.perChannel())) : null,
                    openKernel ? scope.keep(zeros(device, shape.perChannel())) : null,
                    openKernel ? scope.keep(Devices.place(patterns(layer, shape), device)) : null);
        }
    }

    private static Tensor zeros(Device device, long... shape) {
        return Devices.place(torch.zeros(shape), device);
    }

    private static float[] repeated(double[] row, int rows) {
        float[] values = new float[row.length * rows];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) row[i % row.length];
        }
        return values;
    }

    /** Row per kernel option: 1 at the positions of its centred window, 0 elsewhere. */
    private static Tensor patterns(SearchLayer layer, WeightShape shape) {
        List<Integer> kernels = layer.kernel().options();
        int extent = shape.kernelHeight();
        float[] values = new float[kernels.size() * shape.perChannel()];
        for (int option = 0; option < kernels.size(); option++) {
            int margin = (extent - kernels.get(option)) / 2;
            for (int position = 0; position < shape.perChannel(); position++) {
                int y = position / extent % extent;
                int x = position % extent;
                boolean inside = Math.min(Math.min(y, x), extent - 1 - Math.max(y, x)) >= margin;
                values[option * shape.perChannel() + position] = inside ? 1 : 0;
            }
        }
        return Tensor.create(values, kernels.size(), shape.perChannel());
    }

    @Override
    public void close() {
        for (Pointer tensor : new Pointer[] {weights, mixed, weightGradient, gamma, beta, scale, shift, steps,
            positionMask, positionMaskGradient, kernelPatterns}) {
            if (tensor != null) {
                tensor.close();
            }
        }
    }
}
