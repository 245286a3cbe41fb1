package io.udc.search.train;

import io.udc.arch.Architecture;
import io.udc.arch.Depthwise;
import io.udc.arch.WeightedNode;
import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * All trainable parameters of a network in one flat float32 tensor, and their gradients in another, so that an
 * optimiser's step is a handful of operations however many layers there are. Layers see views. Not thread-safe.
 */
final class ParameterStore implements AutoCloseable {

    /** The parts of the flat tensors, in this order. */
    enum Section {
        /** Weights, layer after layer. */
        WEIGHTS,
        /** Gains of batch norms and dense layers, by output channel. */
        GAINS,
        /** Biases of batch norms and dense layers, by output channel. */
        BIASES,
        /** Logarithms of the weights' quantization steps, by output channel. */
        WEIGHT_STEPS,
        /** Logarithms of the feature maps' quantization steps. */
        MAP_STEPS
    }

    private final List<LayerSlice> slices = new ArrayList<>();
    private final Map<Section, Long> begins = new EnumMap<>(Section.class);
    private final Map<Section, Long> sizes = new EnumMap<>(Section.class);
    private final List<Tensor> owned = new ArrayList<>();
    private final Tensor values;
    private final Tensor gradients;

    /**
     * @param mapSteps how many feature maps have a quantization of their own
     */
    ParameterStore(Architecture architecture, int mapSteps, Device device) {
        long weights = 0;
        long channels = 0;
        for (WeightedNode node : architecture.weightedNodes()) {
            LayerSlice slice = new LayerSlice(node, architecture.weightShape(node), weights, channels);
            slices.add(slice);
            weights += slice.weights();
            channels += slice.channels();
        }
        long end = 0;
        for (Section section : Section.values()) {
            long size = section == Section.WEIGHTS ? weights : section == Section.MAP_STEPS ? mapSteps : channels;
            begins.put(section, end);
            sizes.put(section, size);
            end += size;
        }
        values = flat(end, torch.ScalarType.Float, device);
        gradients = flat(end, torch.ScalarType.Float, device);
    }

    List<LayerSlice> slices() {
        return slices;
    }

    long size(Section section) {
        return sizes.get(section);
    }

    /** Every parameter. */
    Tensor values() {
        return values;
    }

    /** The gradient of every parameter. */
    Tensor gradients() {
        return gradients;
    }

    /** A view of a section's values; the caller's scope owns it. */
    Tensor values(Section section) {
        return values.narrow(0, begins.get(section), sizes.get(section));
    }

    /** A view of a section's gradients; the caller's scope owns it. */
    Tensor gradients(Section section) {
        return gradients.narrow(0, begins.get(section), sizes.get(section));
    }

    /** A tensor of zeros that lives as long as the store. */
    Tensor flat(long size, torch.ScalarType type, Device device) {
        try (StepScope scope = StepScope.open()) {
            return own(scope, Devices.place(torch.zeros(new long[] {size}, new TensorOptions(type)), device));
        }
    }

    /** A layer's part of a flat tensor with the layout of the weights, [channels, weights per channel]. */
    Tensor weights(Tensor flat, LayerSlice slice) {
        try (StepScope scope = StepScope.open()) {
            return own(scope, flat.narrow(0, slice.weightOffset(), slice.weights()).view(slice.channels(), -1));
        }
    }

    /**
     * A layer's part of a flat tensor with the layout of the weights, [groups, channels of a group, weights per
     * channel]; a group reads inputs of its own.
     */
    Tensor matrices(Tensor flat, LayerSlice slice) {
        int groups = slice.node() instanceof Depthwise ? slice.channels() : 1;
        try (StepScope scope = StepScope.open()) {
            return own(scope, flat.narrow(0, slice.weightOffset(), slice.weights())
                    .view(groups, slice.channels() / groups, -1));
        }
    }

    /** A layer's part of a flat tensor with the layout of the output channels. */
    Tensor channels(Tensor flat, LayerSlice slice) {
        try (StepScope scope = StepScope.open()) {
            return own(scope, flat.narrow(0, slice.channelOffset(), slice.channels()));
        }
    }

    /** A parameter for the graph: a part of a section that accumulates its gradient in the store. */
    Tensor leaf(Section section, long offset, long... shape) {
        try (StepScope scope = StepScope.open()) {
            return leaf(scope, values(section), section, offset, shape);
        }
    }

    /**
     * A parameter for the graph that has its values elsewhere but its gradient here. Lives as long as the store.
     *
     * @param source a flat tensor that has the section's layout
     */
    Tensor leaf(Tensor source, Section section, long offset, long... shape) {
        try (StepScope scope = StepScope.open()) {
            return leaf(scope, source, section, offset, shape);
        }
    }

    private Tensor leaf(StepScope scope, Tensor source, Section section, long offset, long[] shape) {
        long count = 1;
        for (long extent : shape) {
            count *= extent;
        }
        Tensor view = source.narrow(0, offset, count).view(shape).detach();
        view.set_requires_grad(true);
        view.mutable_grad().put(gradients(section).narrow(0, offset, count).view(shape));
        return own(scope, view);
    }

    /** Copies numbers from the host; the target keeps its shape. */
    @SuppressWarnings("try")
    static void write(Tensor target, float[] numbers) {
        try (StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            if (target.numel() != numbers.length) {
                throw new IllegalArgumentException(
                        "found " + numbers.length + " numbers, expected " + target.numel());
            }
            target.copy_(Tensor.create(numbers, target.shape()));
        }
    }

    /** Copies numbers to the host. */
    @SuppressWarnings("try")
    static float[] read(Tensor source) {
        try (StepScope scope = StepScope.open()) {
            float[] numbers = new float[Math.toIntExact(source.numel())];
            Tensor host = source.detach().cpu().contiguous();
            new FloatPointer(host.data_ptr()).get(numbers);
            return numbers;
        }
    }

    /** Copies bytes from the host; the target keeps its shape. */
    @SuppressWarnings("try")
    static void write(Tensor target, byte[] bytes) {
        try (StepScope scope = StepScope.open()) {
            target.copy_(Tensor.create(bytes, target.shape()));
        }
    }

    /** Copies bytes to the host. */
    @SuppressWarnings("try")
    static byte[] readBytes(Tensor source) {
        try (StepScope scope = StepScope.open()) {
            byte[] bytes = new byte[Math.toIntExact(source.numel())];
            Tensor host = source.cpu().contiguous();
            new BytePointer(host.data_ptr()).get(bytes);
            return bytes;
        }
    }

    private Tensor own(StepScope scope, Tensor tensor) {
        Tensor kept = scope.keep(tensor);
        owned.add(kept);
        return kept;
    }

    @Override
    public void close() {
        owned.forEach(Tensor::close);
        owned.clear();
    }
}
