package io.udc.search.train;

import io.udc.arch.Depthwise;
import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.kernels.ChannelNormalizer;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.search.train.ParameterStore.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Collapsible linear blocks (SESR, Bhardwaj et al., arXiv 2103.09404, section 3) for all layers of a
 * {@link ParameterStore} but the depthwise ones: weights W [out, in * k * k] that are trained as W = s B A. A
 * [inner, in * k * k] is a convolution to more channels, B [out, inner] the 1x1 convolution back. The network
 * computes with the collapsed W, so that a step costs three small matrix products a layer more: two for
 * gradients, one for W.
 *
 * <p>The rows of A have a root mean square of 1, as weights have, and B starts with one of 1, so that the
 * same learning rates suit them. The constant s = sqrt(out) / inner makes up for that.
 *
 * <p>All factors lie in one flat float32 tensor and their gradients in another. Not thread-safe.
 */
final class LinearFactors implements AutoCloseable {

    private final List<Tensor> owned = new ArrayList<>();
    private final List<Block> blocks = new ArrayList<>();
    private final Tensor values;
    private final Tensor gradients;
    private final Device device;

    /**
     * Factors of 0.
     *
     * @param channels between the two convolutions, if a layer does not have more itself
     */
    LinearFactors(ParameterStore store, int channels, Device device) {
        this.device = device;
        List<LayerSlice> slices = store.slices().stream()
                .filter(slice -> !(slice.node() instanceof Depthwise))
                .toList();
        long size = 0;
        for (LayerSlice slice : slices) {
            size += (long) inner(slice, channels) * (slice.shape().perChannel() + slice.channels());
        }
        values = zeros(size);
        gradients = zeros(size);
        long offset = 0;
        for (LayerSlice slice : slices) {
            Block block = new Block(store, slice, inner(slice, channels), offset);
            blocks.add(block);
            offset += block.inner.numel() + block.outer.numel();
        }
    }

    private static int inner(LayerSlice slice, int channels) {
        return Math.max(channels, slice.channels());
    }

    /** Every factor. */
    Tensor values() {
        return values;
    }

    /** The gradient of every factor. */
    Tensor gradients() {
        return gradients;
    }

    /** A tensor of as many zeros as there are factors, which lives as long as these. */
    Tensor zeros() {
        return zeros(values.numel());
    }

    private Tensor zeros(long size) {
        try (StepScope scope = StepScope.open()) {
            TensorOptions type = new TensorOptions(torch.ScalarType.Float);
            return own(scope, Devices.place(torch.zeros(new long[] {size}, type), device));
        }
    }

    private Tensor own(StepScope scope, Tensor tensor) {
        owned.add(scope.keep(tensor));
        return tensor;
    }

    /** Draws factors of the weights as they are. */
    void draw(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        blocks.forEach(block -> block.draw(random));
    }

    /**
     * Turns the gradients of the weights into those of the factors, and sets them to 0: these weights follow
     * from the factors. Needs a scope that is open, and no gradient mode.
     */
    void backward() {
        blocks.forEach(Block::backward);
    }

    /** Computes the weights. Needs a scope that is open, and no gradient mode. */
    void collapse() {
        blocks.forEach(Block::collapse);
    }

    /**
     * Follows weights whose norm was changed, and brings the rows of A to a root mean square of 1, for which
     * B makes up. Needs a scope that is open, and no gradient mode.
     *
     * @param scales what the weights of each output channel of the store were multiplied with
     */
    void normalize(Tensor scales) {
        blocks.forEach(block -> block.normalize(scales));
    }

    @Override
    public void close() {
        blocks.forEach(block -> block.normalizer.close());
        owned.forEach(Tensor::close);
    }

    /** The factors of one layer; all tensors but the scale are views. */
    private final class Block {

        private final LayerSlice slice;
        private final Tensor weight;
        private final Tensor weightGradient;
        private final Tensor inner; // A
        private final Tensor innerGradient;
        private final Tensor outer; // B
        private final Tensor outerGradient;
        private final double scale;
        private final ChannelNormalizer normalizer;

        Block(ParameterStore store, LayerSlice slice, int channels, long offset) {
            this.slice = slice;
            long end = offset + (long) channels * slice.shape().perChannel();
            try (StepScope scope = StepScope.open()) {
                weight = store.weights(store.values(Section.WEIGHTS), slice);
                weightGradient = store.weights(store.gradients(Section.WEIGHTS), slice);
                inner = own(scope, view(values, offset, channels, slice.shape().perChannel()));
                innerGradient = own(scope, view(gradients, offset, channels, slice.shape().perChannel()));
                outer = own(scope, view(values, end, slice.channels(), channels));
                outerGradient = own(scope, view(gradients, end, slice.channels(), channels));
            }
            scale = Math.sqrt(slice.channels()) / channels;
            normalizer = new ChannelNormalizer(List.of(inner));
        }

        private static Tensor view(Tensor flat, long offset, long rows, long columns) {
            return flat.narrow(0, offset, rows * columns).view(rows, columns);
        }

        /**
         * B gets orthogonal rows. Then A = B^T (B B^T)^-1 W / s, the one of least norm that gives W, is B^T W
         * / sqrt(out), however many inner channels there are.
         */
        @SuppressWarnings("try")
        void draw(SplittableRandom random) {
            long channels = inner.size(0);
            double[] numbers = DoubleStream.generate(random::nextGaussian).limit(outer.numel()).toArray();
            try (StepScope scope = StepScope.open();
                    NoGradient off = NoGradient.open()) {
                Tensor columns = torch.linalg_qr(Tensor.create(numbers, channels, slice.channels())).get0();
                columns.mul_(new Scalar(Math.sqrt(channels)));
                Tensor weights = weight.cpu().to(torch.ScalarType.Double);
                outer.copy_(columns.t());
                inner.copy_(columns.mm(weights).div_(new Scalar(Math.sqrt(slice.channels()))));
                balance();
            }
        }

        void backward() {
            product(outerGradient, weightGradient, inner.t());
            product(innerGradient, outer.t(), weightGradient);
            weightGradient.zero_();
        }

        void collapse() {
            product(weight, outer, inner);
        }

        private void product(Tensor target, Tensor left, Tensor right) {
            target.addmm_(left, right, new Scalar(0.0), new Scalar(scale));
        }

        void normalize(Tensor scales) {
            outer.mul_(scales.narrow(0, slice.channelOffset(), slice.channels()).view(-1, 1));
            balance();
        }

        private void balance() {
            outer.div_(normalizer.normalize());
        }
    }
}
