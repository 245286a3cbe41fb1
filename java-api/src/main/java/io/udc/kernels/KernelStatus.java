package io.udc.kernels;

import io.udc.bindings.Kernels;
import io.udc.bindings.Kernels.udc_kernels_error;

/** Turns the status codes of the C ABI into exceptions. */
final class KernelStatus {

    private KernelStatus() {}

    /**
     * Does nothing if the call succeeded.
     *
     * @throws IllegalArgumentException if an argument was refused
     * @throws IllegalStateException for every other failure
     */
    static void check(int status, udc_kernels_error error) {
        if (status == Kernels.UDC_KERNELS_OK) {
            return;
        }
        String message = error.message().getString();
        String where = error.layer() < 0 ? "" : "layer " + error.layer() + ": ";
        if (status == Kernels.UDC_KERNELS_INVALID_ARGUMENT) {
            throw new IllegalArgumentException(where + message);
        }
        throw new IllegalStateException(where + message);
    }
}
