package io.udc.search.supernet;

import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.search.space.SearchLayer;
import io.udc.search.space.SpaceGraph;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What the supernet learns, in two flat tensors with their gradients: the weights of all layers, and the scales and
 * shifts of all channels. Layers hold views of them, optimisers and checkpoints the whole. A third tensor holds the
 * scales and shifts as the gates leave them, which is what the network reads.
 */
final class SupernetParameters implements AutoCloseable {

    private final Tensor weights;
    private final Tensor weightGradients;
    private final Tensor affine;
    private final Tensor affineGradients;
    private final Tensor gatedAffine;
    private final Tensor gatedAffineGradients;

    /** Random weights; scales of 1 (a dense layer: 1/sqrt(inputs)) and shifts of 0. */
    SupernetParameters(SpaceGraph graph, SplittableRandom random, Device device) {
        long weightCount = graph.layers().stream().mapToLong(layer -> layer.widest().count()).sum();
        int channels = graph.layers().stream().mapToInt(layer -> layer.out().largest()).sum();
        float[] gaussian = new float[Math.toIntExact(weightCount)];
        for (int i = 0; i < gaussian.length; i++) {
            gaussian[i] = (float) random.nextGaussian();
        }
        float[] scalesAndShifts = new float[2 * channels];
        int at = 0;
        for (SearchLayer layer : graph.layers()) {
            boolean dense = layer.type() == SearchLayer.Type.DENSE;
            float scale = dense ? (float) (1 / Math.sqrt(layer.in().largest())) : 1;
            java.util.Arrays.fill(scalesAndShifts, at, at + layer.out().largest(), scale);
            at += 2 * layer.out().largest();
        }
        try (StepScope scope = StepScope.open()) {
            weights = scope.keep(Devices.place(Tensor.create(gaussian), device));
            weightGradients = scope.keep(torch.zeros_like(weights));
            affine = scope.keep(Devices.place(Tensor.create(scalesAndShifts), device));
            affineGradients = scope.keep(torch.zeros_like(affine));
            gatedAffine = scope.keep(torch.zeros_like(affine));
            gatedAffineGradients = scope.keep(torch.zeros_like(affine));
        }
    }

    Tensor weights() {
        return weights;
    }

    Tensor weightGradients() {
        return weightGradients;
    }

    Tensor affine() {
        return affine;
    }

    Tensor affineGradients() {
        return affineGradients;
    }

    Tensor gatedAffine() {
        return gatedAffine;
    }

    Tensor gatedAffineGradients() {
        return gatedAffineGradients;
    }

    /** Before a backward pass, which adds to the gradients of scales and shifts. */
    void clearGradients() {
        try (NoGradient off = NoGradient.open()) {
            affineGradients.zero_();
            gatedAffineGradients.zero_();
        }
    }

    /** A view of one of the flat tensors; the caller's scope owns it. */
    static Tensor view(Tensor flat, long offset, long... shape) {
        long count = 1;
        for (long extent : shape) {
            count *= extent;
        }
        return flat.narrow(0, offset, count).view(shape);
    }

    /** A leaf of the graph over all scales and shifts that adds its gradient to theirs. */
    Tensor affineLeaf() {
        return leaf(affine, affineGradients);
    }

    /** A leaf of the graph over a part of the gated scales and shifts that adds its gradient to theirs. */
    Tensor gatedLeaf(long offset, int channels) {
        return leaf(gatedAffine.narrow(0, offset, channels), gatedAffineGradients.narrow(0, offset, channels));
    }

    private static Tensor leaf(Tensor values, Tensor gradients) {
        Tensor leaf = values.detach();
        leaf.set_requires_grad(true);
        leaf.mutable_grad().put(gradients);
        return leaf;
    }

    @Override
    public void close() {
        weights.close();
        weightGradients.close();
        affine.close();
        affineGradients.close();
        gatedAffine.close();
        gatedAffineGradients.close();
    }
}
