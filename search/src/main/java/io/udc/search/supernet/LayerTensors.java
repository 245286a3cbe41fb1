package io.udc.search.supernet;

import io.udc.arch.WeightShape;
import io.udc.memory.StepScope;
import io.udc.search.space.SearchLayer;
import java.util.List;
import java.util.SplittableRandom;
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
        Tensor steps,
        Tensor positionMask,
        Tensor positionMaskGradient,
        Tensor kernelPatterns)
        implements AutoCloseable {

    /** Random weights; scale 1 (or, for a dense layer, 1/sqrt(inputs)) and shift 0. */
    static LayerTensors create(SearchLayer layer, double[] initialSteps, SplittableRandom random) {
        WeightShape shape = layer.widest();
        boolean openKernel = !layer.kernel().isFixed();
        double gain = layer.type() == SearchLayer.Type.DENSE ? 1 / Math.sqrt(shape.inChannels()) : 1;
        try (StepScope scope = StepScope.open()) {
            Tensor weights = scope.keep(Tensor.create(gaussian((int) shape.count(), random), shape.sizes()));
            Tensor mixed = scope.keep(torch.zeros(shape.sizes()));
            mixed.set_requires_grad(true);
            return new LayerTensors(
                    weights,
                    mixed,
                    scope.keep(torch.zeros(shape.sizes())),
                    scope.keep(parameter(shape.outChannels(), gain)),
                    scope.keep(parameter(shape.outChannels(), 0)),
                    scope.keep(Tensor.create(repeated(initialSteps, shape.outChannels()), shape.outChannels(),
                            initialSteps.length)),
                    openKernel ? scope.keep(torch.zeros(shape.perChannel())) : null,
                    openKernel ? scope.keep(torch.zeros(shape.perChannel())) : null,
                    openKernel ? scope.keep(patterns(layer, shape)) : null);
        }
    }

    private static float[] gaussian(int count, SplittableRandom random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static Tensor parameter(int size, double value) {
        float[] values = new float[size];
        java.util.Arrays.fill(values, (float) value);
        Tensor tensor = Tensor.create(values, size);
        tensor.set_requires_grad(true);
        return tensor;
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
        for (Pointer tensor : new Pointer[] {weights, mixed, weightGradient, gamma, beta, steps, positionMask,
            positionMaskGradient, kernelPatterns}) {
            if (tensor != null) {
                tensor.close();
            }
        }
    }
}
