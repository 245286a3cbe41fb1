package io.udc.search.cost;

import io.udc.arch.WeightShape;
import io.udc.npu.LayerStreams;
import io.udc.npu.NpuOperator;
import io.udc.search.space.SearchLayer;

/** What the accelerator's layout adds to a layer's weights. */
public interface StreamLayout {

    /** See {@link #countedWeights}. */
    double PADDING_SHARE = 0.5;

    /**
     * Number of weights in a layer's stream, padding to the accelerator's bricks included. Depthwise and shallow
     * layers pay most for it.
     *
     * @param inChannels input channels of the narrowed layer
     * @param outChannels output channels of the narrowed layer
     * @param kernel kernel extent of the narrowed layer
     */
    long paddedWeights(SearchLayer layer, int inChannels, int outChannels, int kernel);

    /**
     * The weights by which a layer's size is counted: its own, and a share of the zeros that pad it. Padding costs
     * about half of what a weight costs (seen on narrow layers at 2, 4 and 8 bits, with sparsity 0 and 0.75: 0.3 to
     * 0.6).
     */
    default double countedWeights(SearchLayer layer, int inChannels, int outChannels, int kernel) {
        long own = layer.shape(inChannels, outChannels, kernel).count();
        return own + PADDING_SHARE * (paddedWeights(layer, inChannels, outChannels, kernel) - own);
    }

    /** Bytes of a layer's scale and bias records, padded. */
    long recordBytes(int outChannels);

    /**
     * Bytes of the weight streams of a layer's first output channels.
     *
     * @param outChannels number of channels
     * @param levels quantized weights, [out, in, k, k] of inputs and kernel at their widest
     */
    long streamBytes(SearchLayer layer, int outChannels, byte[] levels);

    /** As the NPU backend encodes them. */
    static StreamLayout of(LayerStreams streams) {
        return new StreamLayout() {
            @Override
            public long paddedWeights(SearchLayer layer, int inChannels, int outChannels, int kernel) {
                return streams.paddedWeights(kind(layer), layer.shape(inChannels, outChannels, kernel));
            }

            @Override
            public long recordBytes(int outChannels) {
                return streams.recordBytes(outChannels);
            }

            @Override
            public long streamBytes(SearchLayer layer, int outChannels, byte[] levels) {
                WeightShape shape = layer.shape(layer.in().largest(), outChannels, layer.kernel().largest());
                return streams.bytes(kind(layer), shape, levels);
            }
        };
    }

    private static NpuOperator.Kind kind(SearchLayer layer) {
        return switch (layer.type()) {
            case CONVOLUTION -> NpuOperator.Kind.CONVOLUTION;
            case DEPTHWISE -> NpuOperator.Kind.DEPTHWISE;
            case DENSE -> NpuOperator.Kind.FULLY_CONNECTED;
        };
    }
}
