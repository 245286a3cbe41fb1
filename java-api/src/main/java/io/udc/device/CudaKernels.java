package io.udc.kernels;

import io.udc.bindings.Kernels;
import io.udc.bindings.Kernels.udc_kernels_cuda;
import io.udc.bindings.Kernels.udc_kernels_error;
import io.udc.memory.StepScope;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;

/** The CUDA implementation, loaded with the first tensor that lies on a GPU and kept until the program ends. */
final class CudaKernels {

    private static final String LIBRARY = "libudc_kernels_cuda.so";

    private CudaKernels() {}

    /** What the execution of a call on CUDA needs. */
    static udc_kernels_cuda handle() {
        return Holder.HANDLE;
    }

    private static final class Holder {
        static final udc_kernels_cuda HANDLE = open();
    }

    private static udc_kernels_cuda open() {
        try (StepScope scope = StepScope.open()) {
            udc_kernels_cuda handle = new udc_kernels_cuda();
            udc_kernels_error error = new udc_kernels_error();
            if (Kernels.udc_kernels_cuda_open(libraryPath(), handle, error) != Kernels.UDC_KERNELS_OK) {
                throw new IllegalStateException(error.message().getString());
            }
            return scope.keep(handle);
        }
    }

    /** The library of the jar, unpacked; null, which leaves the search to the loader, if the jar has none. */
    private static BytePointer libraryPath() {
        URL inJar = Kernels.class.getResource(Loader.getPlatform() + "/" + LIBRARY);
        if (inJar == null) {
            return null;
        }
        try {
            File unpacked = Loader.cacheResource(inJar);
            return new BytePointer(unpacked.getPath());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
