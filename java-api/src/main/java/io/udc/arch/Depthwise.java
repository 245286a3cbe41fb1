package io.udc.arch;

import java.util.List;

/** A depthwise convolution with one filter a channel. */
public record Depthwise(
        String name, String input, int kernel, int stride, Activation activation, Compression compression)
        implements WeightedNode {

    public Depthwise {
        Checks.present(name, "activation", activation);
        Checks.present(name, "compression", compression);
        Checks.window(name, kernel, stride);
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
        return Checks.windowed(inputs.get(0), inputs.get(0).channels(), stride);
    }

    @Override
    public WeightShape weightShape(Shape input) {
        return new WeightShape(input.channels(), 1, kernel, kernel);
    }

    @Override
    public Depthwise withCompression(Compression other) {
        return new Depthwise(name, input, kernel, stride, activation, other);
    }
}
