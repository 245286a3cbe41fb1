package io.udc.kernels;

import io.udc.memory.StepScope;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.cuda.CUDAStream;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * The stream on which libtorch works on a GPU. No class but this and {@link io.udc.device.CudaGraph} names the CUDA
 * part of the libtorch presets: the CPU build never loads it.
 */
final class CudaStream implements AutoCloseable {

    private final CUDAStream stream;

    private CudaStream(CUDAStream stream) {
        this.stream = stream;
    }

    /** The current stream of this thread on a GPU; open scopes do not end it. */
    static CudaStream current(int deviceIndex) {
        try (StepScope scope = StepScope.open()) {
            return new CudaStream(scope.keep(torch_cuda.getCurrentCUDAStream((byte) deviceIndex)));
        }
    }

    /** The {@code cudaStream_t}; null is the default stream. */
    Pointer handle() {
        return stream.stream();
    }

    /** Whether everything that was enqueued is done; does not wait, and may be asked from any thread. */
    boolean isIdle() {
        return stream.query();
    }

    @Override
    public void close() {
        stream.close();
    }
}
