package io.udc.kernels;

import io.udc.bindings.Kernels;
import io.udc.bindings.Kernels.udc_kernels_error;
import io.udc.bindings.Kernels.udc_kernels_execution;
import io.udc.device.CudaKernels;
import io.udc.memory.StepScope;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.OptionalDeviceGuard;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Where kernels run: the device of a tensor, libtorch's current stream there, and a workspace in its memory. Turns the
 * status codes of the C ABI into exceptions. Not thread-safe.
 */
final class KernelExecution implements AutoCloseable {

    /** A function of the C ABI, all arguments bound but the last. */
    interface Call {
        int run(udc_kernels_execution execution, udc_kernels_error error);
    }

    /** A {@code *_workspace} function of the C ABI. */
    interface Sizing {
        int run(udc_kernels_execution execution, LongPointer bytes, udc_kernels_error error);
    }

    /**
     * System property: true keeps the CPU's kernels to instructions that every machine of its kind has, avx2 to those
     * up to AVX2.
     */
    static final String PORTABLE = "io.udc.kernels.portable";

    private final Device device;
    private final boolean cuda;
    private final udc_kernels_execution execution;
    private final udc_kernels_error error;
    private Tensor workspace;

    /**
     * @param tensor whose device it is; on the CPU or on CUDA
     * @throws IllegalStateException if the CUDA kernels cannot be loaded
     */
    KernelExecution(Tensor tensor) {
        try (StepScope scope = StepScope.open()) {
            device = scope.keep(tensor.device());
            cuda = device.is_cuda();
            execution = scope.keep(new udc_kernels_execution());
            error = scope.keep(new udc_kernels_error());
            Pointer.memset(execution, 0, execution.sizeof());
            execution.portable(portable());
            if (cuda) {
                execution.cuda(CudaKernels.handle());
            }
        }
    }

    private static int portable() {
        String property = System.getProperty(PORTABLE, "");
        return property.equalsIgnoreCase("true") ? 1 : property.equalsIgnoreCase("avx2") ? 2 : 0;
    }

    /** Zeros in the memory of this device, which the caller closes. */
    Tensor zeros(ScalarType type, long... sizes) {
        try (StepScope scope = StepScope.open()) {
            TensorOptions options = new TensorOptions().dtype(new ScalarTypeOptional(type));
            return scope.keep(torch.zeros(sizes, options).to(device, type));
        }
    }

    /** Makes one native object on the CPU, since calls there are many and may be short. */
    private Tensor empty(long bytes) {
        try (StepScope scope = StepScope.open()) {
            if (!cuda) {
                return scope.keep(torch.empty(bytes / Float.BYTES + 1));
            }
            TensorOptions options =
                    new TensorOptions().dtype(new ScalarTypeOptional(ScalarType.Byte)).device(new DeviceOptional(device));
            return scope.keep(torch.empty(new long[] {bytes}, options, new MemoryFormatOptional()));
        }
    }

    /** Makes the workspace as large as a call needs it; it never shrinks. */
    void reserve(Sizing sizing) {
        try (LongPointer bytes = new LongPointer(1)) {
            check(sizing.run(execution, bytes, error));
            if (bytes.get() > execution.workspace_bytes()) {
                Tensor larger = empty(bytes.get());
                closeWorkspace();
                workspace = larger;
                execution.workspace(workspace.data_ptr()).workspace_bytes(bytes.get());
            }
        }
    }

    /**
     * Calls a kernel. On CUDA it is enqueued and not waited for.
     *
     * @throws IllegalArgumentException if an argument was refused
     * @throws IllegalStateException for every other failure
     */
    void call(Call call) {
        if (!cuda) {
            check(call.run(execution, error));
            return;
        }
        try (OptionalDeviceGuard guard = new OptionalDeviceGuard(device);
                CudaStream stream = CudaStream.current(device.index())) {
            execution.stream(stream.handle());
            check(call.run(execution, error));
        }
    }

    private void check(int status) {
        if (status == Kernels.UDC_KERNELS_OK) {
            return;
        }
        String where = error.layer() < 0 ? "" : "layers[" + error.layer() + "]: ";
        String message = where + error.message().getString();
        if (status == Kernels.UDC_KERNELS_INVALID_ARGUMENT) {
            throw new IllegalArgumentException(message);
        }
        throw new IllegalStateException(message);
    }

    private void closeWorkspace() {
        if (workspace != null) {
            workspace.close();
        }
    }

    @Override
    public void close() {
        closeWorkspace();
        execution.close();
        error.close();
        device.close();
    }
}
