package io.udc.device;

import io.udc.bindings.Kernels;
import io.udc.bindings.Kernels.udc_kernels_cuda;
import io.udc.bindings.Kernels.udc_kernels_error;
import io.udc.memory.StepScope;
import java.io.IOException;
import java.net.URL;
import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;

/**
 * The CUDA implementation of the kernels, opened when it is first asked for and kept until the program ends. That it
 * cannot be opened is remembered as well: neither the library nor the device comes while the program runs.
 */
public final class CudaKernels {

    /** What to do where nvcc was not found when this program was built. */
    public static final String HOW_TO_BUILD =
            "nvcc of the CUDA 13 toolkit builds them: install it, then './udc --cuda ...' builds again";

    private static final String LIBRARY = "libudc_kernels_cuda.so";

    private CudaKernels() {}

    /** What opening came to: a handle, or the reason why there is none. */
    record Opened(udc_kernels_cuda handle, String reason) {}

    /**
     * The outcome of opening, failure included, and not the bare handle: an exception thrown here would reach only the
     * first caller, without its text, and all others as a class that cannot be initialized.
     */
    private static final class Holder {
        static final Opened OPENED = openPacked();
    }

    /**
     * What the execution of a call on CUDA needs.
     *
     * @throws IllegalStateException each time, with the reason, if the kernels cannot be opened
     */
    public static udc_kernels_cuda handle() {
        Opened opened = Holder.OPENED;
        if (opened.handle() == null) {
            throw new IllegalStateException(opened.reason());
        }
        return opened.handle();
    }

    /** Opens the kernels; the reason in one line if that fails, else nothing. */
    public static Optional<String> missing() {
        return Optional.ofNullable(Holder.OPENED.reason());
    }

    /** Whether they were built into this program, which says nothing about a device. */
    public static boolean isBuilt() {
        return inJar() != null;
    }

    private static URL inJar() {
        return Kernels.class.getResource(Loader.getPlatform() + "/" + LIBRARY);
    }

    /** Opens the library of the jar, unpacked; the loader searches for one, if the jar has none. */
    private static Opened openPacked() {
        try {
            URL packed = inJar();
            return open(packed == null ? null : Loader.cacheResource(packed).getPath());
        } catch (IOException e) {
            return new Opened(null, "no CUDA kernels: " + LIBRARY + " cannot be unpacked: " + e.getMessage());
        } catch (LinkageError | RuntimeException e) {
            return new Opened(null, "no CUDA kernels: " + e);
        }
    }

    /** @param path of the library; null leaves the search to the loader */
    static Opened open(String path) {
        try (StepScope scope = StepScope.open()) {
            udc_kernels_cuda handle = new udc_kernels_cuda();
            udc_kernels_error error = new udc_kernels_error();
            BytePointer file = path == null ? null : new BytePointer(path);
            if (Kernels.udc_kernels_cuda_open(file, handle, error) != Kernels.UDC_KERNELS_OK) {
                return new Opened(null, error.message().getString());
            }
            return new Opened(scope.keep(handle), null);
        }
    }
}
