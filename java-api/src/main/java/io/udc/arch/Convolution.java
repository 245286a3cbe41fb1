package io.udc.arch;

import java.util.List;

/** A dense two-dimensional convolution. */
public record Convolution(
        String name,
        String input,
        int outChannels,
        int kernel,
        int stride,
        Activation activation,
        Compression compression)
        implements WeightedNode {

    public Convolution {
        Checks.present(name, "activation", activation);
        Checks.present(name, "compression", compression);
        Checks.window(name, kernel, stride);
        Checks.atLeastOne(name, "outChannels", outChannels);
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
        return Checks.windowed(inputs.get(0), outChannels, stride);
    }

    @Override
    public WeightShape weightShape(Shape input) {
        return new WeightShape(outChannels, input.channels(), kernel, kernel);
    }

    @Override
    public Convolution withCompression(Compression other) {
        return new Convolution(name, input, outChannels, kernel, stride, activation, other);
    }
}
