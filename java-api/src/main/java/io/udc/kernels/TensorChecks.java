package io.udc.kernels;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What a tensor must be before its address may be handed to a kernel. */
final class TensorChecks {

    private TensorChecks() {}

    /**
     * Checks a tensor that a kernel will read or write.
     *
     * @throws IllegalArgumentException naming the argument, what was found and what is expected
     */
    static void require(String argument, Tensor tensor, ScalarType type, long... sizes) {
        if (tensor == null || !tensor.defined()) {
            throw new IllegalArgumentException(argument + ": found no tensor, expected " + describe(type, sizes));
        }
        long[] found = tensor.shape();
        if (tensor.scalar_type().intern() != type || !Arrays.equals(found, sizes)) {
            throw new IllegalArgumentException(argument + ": found "
                    + describe(tensor.scalar_type().intern(), found) + ", expected " + describe(type, sizes));
        }
        if (!tensor.is_contiguous()) {
            throw new IllegalArgumentException(
                    argument + ": found strides of a view, expected a contiguous tensor " + describe(type, sizes));
        }
    }

    /** Checks that two tensors lie on the same device. */
    static void requireSameDevice(String argument, Tensor tensor, Tensor reference) {
        if (tensor.is_cuda() != reference.is_cuda() || tensor.device().index() != reference.device().index()) {
            throw new IllegalArgumentException(argument + ": found a tensor on "
                    + tensor.device().str().getString() + ", expected one on "
                    + reference.device().str().getString());
        }
    }

    /** Checks that a tensor lies in the memory of the CPU. */
    static void requireCpu(String argument, Tensor tensor) {
        if (tensor == null || !tensor.defined()) {
            throw new IllegalArgumentException(argument + ": found no tensor, expected one on the CPU");
        }
        if (!tensor.is_cpu()) {
            throw new IllegalArgumentException(argument + ": found a tensor on "
                    + tensor.device().str().getString() + ", expected one on the CPU");
        }
    }

    private static String describe(ScalarType type, long[] sizes) {
        return type.name() + Arrays.toString(sizes);
    }
}
