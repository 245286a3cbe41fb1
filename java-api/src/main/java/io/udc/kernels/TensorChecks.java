package io.udc.kernels;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What a tensor must be before its address may be handed to a kernel. Every complaint is an {@link
 * IllegalArgumentException} that names the argument, what was found and what is expected, with both shapes.
 */
final class TensorChecks {

    private TensorChecks() {}

    /** Checks weights, float32 [channels, ...]: contiguous, on the device of another tensor. */
    static void requireWeights(String argument, Tensor weights, Tensor deviceOf) {
        requireContiguous(argument, weights, ScalarType.Float, deviceOf);
        if (weights.dim() == 0) {
            throw found(argument, describe(weights), "Float[channels, ...]");
        }
    }

    /** Checks a contiguous tensor of any shape on the device of another. */
    static void requireContiguous(String argument, Tensor tensor, ScalarType type, Tensor deviceOf) {
        require(argument, tensor, type, deviceOf, sizes(tensor));
    }

    /** Checks a contiguous tensor of the shape and on the device of another. */
    static void require(String argument, Tensor tensor, ScalarType type, Tensor like) {
        require(argument, tensor, type, like, sizes(like));
    }

    /** Checks a contiguous tensor of a shape on the device of another. */
    static void require(String argument, Tensor tensor, ScalarType type, Tensor deviceOf, long... sizes) {
        requireKind(argument, tensor, type, deviceOf, sizes);
        if (!tensor.is_contiguous()) {
            throw found(argument, describeLayout(tensor), "a contiguous one");
        }
    }

    /** Checks a tensor without gaps, in any order of dimensions, such as one that is channels last. */
    static void requireDense(String argument, Tensor tensor, ScalarType type) {
        requireKind(argument, tensor, type, tensor, sizes(tensor));
        if (!tensor.is_non_overlapping_and_dense()) {
            throw found(argument, describeLayout(tensor), "one without gaps");
        }
    }

    /** Checks a tensor whose elements lie in memory as those of another, so that loops may ignore dimensions. */
    static void requireSameLayout(String argument, Tensor tensor, ScalarType type, Tensor like) {
        requireKind(argument, tensor, type, like, sizes(like));
        if (!Arrays.equals(strides(tensor), strides(like))) {
            throw found(argument, describeLayout(tensor), describeLayout(like));
        }
    }

    /** Whether a tensor is float32 in the memory of the host. */
    static boolean isFloatOnCpu(Tensor tensor) {
        return tensor.is_cpu() && tensor.scalar_type().intern() == ScalarType.Float;
    }

    /** Checks a float32 map [N, C, H, W] on the CPU whose channels are innermost in memory. */
    static void requireMap(String argument, Tensor map, long... sizes) {
        boolean agrees = isFloatOnCpu(map) && hasSizes(map, sizes) && sizes.length == 4
                && map.is_contiguous(torch.MemoryFormat.ChannelsLast);
        if (!agrees) {
            throw found(argument, describeLayout(map),
                    "Float" + Arrays.toString(sizes) + " on cpu with channels innermost");
        }
    }

    private static void requireKind(String argument, Tensor tensor, ScalarType type, Tensor deviceOf, long[] sizes) {
        if (tensor == null || !tensor.defined()) {
            throw found(argument, "no tensor", type + Arrays.toString(sizes));
        }
        if (!tensor.is_cpu() && !tensor.is_cuda()) {
            throw found(argument, describe(tensor), type + Arrays.toString(sizes) + " on cpu or cuda");
        }
        boolean agrees = tensor.scalar_type().intern() == type
                && onOneDevice(tensor, deviceOf)
                && hasSizes(tensor, sizes);
        if (!agrees) {
            throw found(argument, describe(tensor), type + Arrays.toString(sizes) + " on " + place(deviceOf));
        }
    }

    /** Makes no native object, since this is asked of every tensor in every step. */
    private static boolean hasSizes(Tensor tensor, long[] sizes) {
        if (tensor.dim() != sizes.length) {
            return false;
        }
        for (int i = 0; i < sizes.length; i++) {
            if (tensor.size(i) != sizes[i]) {
                return false;
            }
        }
        return true;
    }

    /** Makes no native object for tensors on the CPU, since this is asked of every tensor in every step. */
    private static boolean onOneDevice(Tensor a, Tensor b) {
        return a.is_cuda() ? b.is_cuda() && a.device().index() == b.device().index() : b.is_cpu();
    }

    /** A tensor's sizes, without a native object; none of no tensor. */
    static long[] sizes(Tensor tensor) {
        long[] sizes = new long[tensor == null || !tensor.defined() ? 0 : (int) tensor.dim()];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = tensor.size(i);
        }
        return sizes;
    }

    private static long[] strides(Tensor tensor) {
        return LongStream.range(0, tensor.dim()).map(tensor::stride).toArray();
    }

    private static String describe(Tensor tensor) {
        return tensor.scalar_type().intern() + Arrays.toString(tensor.shape()) + " on " + place(tensor);
    }

    static String describeLayout(Tensor tensor) {
        return describe(tensor) + " with strides " + Arrays.toString(strides(tensor));
    }

    private static String place(Tensor tensor) {
        return tensor.device().str().getString();
    }

    /** The complaint. */
    static IllegalArgumentException found(String argument, String found, String expected) {
        return new IllegalArgumentException(argument + ": found " + found + ", expected " + expected);
    }

    /** Weights of each output channel. */
    static long perChannel(Tensor weights) {
        return weights.numel() / Math.max(1, weights.size(0));
    }
}
