package io.udc.device;

import io.udc.InputException;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The devices that libtorch can use on this machine. */
public final class Devices {

    private Devices() {}

    /**
     * Number of GPUs that libtorch can use; 0 with the CPU build of libtorch, and where no driver answers.
     */
    public static int cudaCount() {
        return torch.cuda_is_available() ? torch.cuda_device_count() : 0;
    }

    /**
     * Makes sure that a device is there, and for a GPU this project's kernels, before anything is built on it.
     *
     * @throws InputException if it is not, with what to do about it
     */
    public static void require(Device device) {
        if (device.isCuda()) {
            require(device, cudaCount(), CudaKernels::missing);
        }
    }

    /**
     * @param count of the GPUs that answer
     * @param kernelsMissing why the kernels cannot be opened, asked only where the GPU is there
     */
    static void require(Device device, int count, Supplier<Optional<String>> kernelsMissing) {
        if (count == 0) {
            throw new InputException("--device " + device + ": no CUDA device answers "
                    + "(the GPU build is started by './udc --cuda ...'; './udc doctor' says what is missing)");
        }
        if (device.index() >= count) {
            throw new InputException("--device: found " + device + ", expected cuda:0 to cuda:" + (count - 1));
        }
        kernelsMissing.get().ifPresent(reason -> {
            throw new InputException("--device " + device + ": " + reason
                    + " ('./udc --cuda doctor' says what to do)");
        });
    }

    /** The same device as libtorch names it; the caller's scope owns it. */
    public static org.bytedeco.pytorch.Device toTorch(Device device) {
        return new org.bytedeco.pytorch.Device(device.toString());
    }

    /**
     * A tensor of the host on a device; the tensor itself where it is there already. The copy to a GPU is enqueued and
     * not waited for, and the host's tensor may be closed at once. The caller's scope owns what this makes.
     */
    public static Tensor place(Tensor tensor, Device device) {
        if (!device.isCuda() || tensor.is_cuda()) {
            return tensor;
        }
        // Only from pinned memory does libtorch copy without waiting; it keeps that memory until the copy is done.
        return tensor.pin_memory().to(
                toTorch(device), tensor.scalar_type(), true, false, new MemoryFormatOptional());
    }

    /**
     * Prepares libtorch for a run.
     *
     * @param threads of the CPU; 0 leaves their number as it is
     * @throws InputException if the device is not there
     */
    public static void use(Device device, int threads) {
        require(device);
        if (threads > 0) {
            torch.set_num_threads(threads);
        }
        // OpenBLAS has threads of its own. Matrices are small here, and its waiting threads keep cores busy.
        openblas_nolapack.blas_set_num_threads(1);
        if (device.isCuda()) {
            torch.globalContext().setBenchmarkCuDNN(true); // a step's shapes are those of the step before
        }
    }
}
