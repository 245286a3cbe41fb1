package io.udc.arch;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/**
 * A node with weights: a convolution over one input with a bias and a rescaling per output channel, after
 * which comes the activation.
 */
public sealed interface WeightedNode extends Node permits Convolution, Depthwise, Dense {

    /** Name of the only input. */
    String input();

    /** How the weights are compressed. */
    Compression compression();

    Activation activation();

    int stride();

    /** The weight tensor's shape for an input of this shape. */
    WeightShape weightShape(Shape input);

    /** The same node with other weight bits and sparsity. */
    WeightedNode withCompression(Compression compression);

    /** Multiply-accumulates of one picture. */
    default long macs(Shape input) {
        Shape output = outputShape(List.of(input));
        return weightShape(input).count() * output.height() * output.width();
    }

    @Override
    @JsonIgnore
    default List<String> inputs() {
        return List.of(input());
    }
}
